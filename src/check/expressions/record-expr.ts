/** Records put together in a body: `{ boxes: b, score: s }`. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { at } from '../../text/source.ts';
import type { RecordEntry, RecordExpr } from '../../syntax/ast.ts';
import { fieldsUnder } from '../../types/fields.ts';
import { showTensor } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import { replaceAt } from '../edits.ts';
import { reportRepeatedNames } from '../types/declarations.ts';
import type { Env } from '../env.ts';
import type { AttributeFact } from '../joints/mixtures.ts';
import type { TextAxis } from '../joints/text-places.ts';
import { evaluate } from './expr.ts';
import { meantBy } from './misuse.ts';
import { describeValue, unknownValue, type RecordValue, type TensorValue, type Value } from './values.ts';

/** The record of all fields, each a tensor or a record; unknown where one of them is none, which is reported. */
export function evaluateRecord(expr: RecordExpr, env: Env): Value {
  reportRepeatedNames(expr.entries, 'this record', env.scope.module, env.report);
  const fields = new Map<string, TensorType>();
  const refs = new Map<string, string>();
  const readings = new Map<string, readonly AttributeFact[]>();
  const texts = new Map<string, readonly TextAxis[]>();
  const seen = new Set<string>();
  let sound = true;
  for (const entry of expr.entries) {
    const name = entry.name.text;
    const value = fieldValue(entry, env);
    if (value === undefined) sound = false;
    else if (!seen.has(name)) {
      const record = value.kind === 'record';
      for (const [path, type] of record ? fieldsUnder(name, value.type.fields) : [[name, value.type] as const]) fields.set(path, type);
      for (const [path, ref] of record ? fieldsUnder(name, value.refs ?? new Map<string, string>()) : value.ref === undefined ? [] : [[name, value.ref] as const]) refs.set(path, ref);
      for (const [path, reading] of record ? fieldsUnder(name, value.readings ?? new Map<string, readonly AttributeFact[]>()) : value.readings === undefined ? [] : [[name, value.readings] as const]) readings.set(path, reading);
      for (const [path, places] of record ? fieldsUnder(name, value.texts ?? new Map<string, readonly TextAxis[]>()) : value.texts === undefined ? [] : [[name, value.texts] as const]) texts.set(path, places);
    }
    seen.add(name);
  }
  if (sound && env.deep === undefined && env.inferring === undefined) warnOfExchangedFields(expr, fields, env);
  return sound ? { kind: 'record', type: { kind: 'record', fields }, refs, ...(readings.size > 0 && { readings }), ...(texts.size > 0 && { texts }) } : unknownValue;
}

/** Two fields of one type, each with the value that has the name of the other. */
function warnOfExchangedFields({ entries }: RecordExpr, fields: ReadonlyMap<string, TensorType>, { scope: { module }, report }: Env): void {
  const nameOf = ({ value }: RecordEntry): string | undefined => (value.kind === 'NameExpr' ? value.name.text : undefined);
  const typeOf = ({ name }: RecordEntry): string | undefined => {
    const type = fields.get(name.text);
    return type && showTensor(type);
  };
  for (const [i, first] of entries.entries()) {
    const second = entries.slice(i + 1).find((other) => nameOf(other) === first.name.text && nameOf(first) === other.name.text && typeOf(other) === typeOf(first));
    if (second === undefined || typeOf(first) === undefined || first.name.text === second.name.text) continue;
    const [a, b] = [first.name.text, second.name.text];
    report(
      partCodes.report('fields-exchanged', { first: a, second: b }, at(module, first.value.span), {
        label: `goes into \`${a}\``,
        related: [{ location: at(module, second.value.span), text: `goes into \`${b}\`` }],
        notes: ['Where that is meant, call one of the values something else.'],
        fixes: [{ title: 'swap them', edits: [replaceAt(first.value.span, a, module), replaceAt(second.value.span, b, module)] }],
      }),
    );
  }
}

function fieldValue(entry: RecordEntry, env: Env): TensorValue | RecordValue | undefined {
  const value = evaluate(entry.value, env);
  // A field whose name is missing is a syntax error already.
  if (value.kind === 'tensor' || value.kind === 'record') return value;
  if (value.kind === 'unknown' || entry.name.text === '') return undefined;
  const args = { found: describeValue(value), where: `the field \`${entry.name.text}\`` };
  env.report(partCodes.report('tensor-needed', args, at(env.scope.module, entry.value.span), { notes: meantBy(value) }));
  return undefined;
}
