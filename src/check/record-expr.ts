/** Records put together in a body: `{ boxes: b, score: s }`. */
import { partCodes } from '../diagnostics/codes/parts.ts';
import { at } from '../names/modules.ts';
import type { RecordEntry, RecordExpr } from '../syntax/ast.ts';
import type { TensorType } from '../types/type.ts';
import { reportRepeated } from './declarations.ts';
import type { Env } from './env.ts';
import { evaluate } from './expr.ts';
import { describeValue, unknownValue, type TensorValue, type Value } from './values.ts';

/** The record of all fields, each a tensor; unknown where one of them is none, which is reported. */
export function evaluateRecord(expr: RecordExpr, env: Env): Value {
  reportRepeated(expr.entries, 'this record', env.scope.module, env.report);
  const fields = new Map<string, TensorType>();
  const refs = new Map<string, string>();
  let sound = true;
  for (const entry of expr.entries) {
    const tensor = fieldValue(entry, env);
    if (tensor === undefined) sound = false;
    else if (!fields.has(entry.name.text)) {
      fields.set(entry.name.text, tensor.type);
      if (tensor.ref !== undefined) refs.set(entry.name.text, tensor.ref);
    }
  }
  return sound ? { kind: 'record', type: { kind: 'record', fields }, refs } : unknownValue;
}

function fieldValue(entry: RecordEntry, env: Env): TensorValue | undefined {
  const value = evaluate(entry.value, env);
  // A field whose name is missing is a syntax error already.
  if (value.kind === 'tensor' || entry.name.text === '') return value.kind === 'tensor' ? value : undefined;
  const location = at(env.scope.module, entry.value.span);
  if (value.kind === 'record') {
    const notes = ['The fields of a record are tensors: name the field that is meant.'];
    env.report(partCodes.report('unsupported', { what: 'a record inside a record' }, location, { notes }));
  } else if (value.kind !== 'unknown') {
    const notes = value.kind === 'number' ? ['A number becomes a tensor only beside one: `x * 2`.'] : [];
    env.report(partCodes.report('tensor-needed', { found: describeValue(value), where: `the field \`${entry.name.text}\`` }, location, { notes }));
  }
  return undefined;
}
