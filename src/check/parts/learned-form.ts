/**
 * The form of an adapter that has no body: `weights "…" = learned` leaves it to `fit`, which makes an affine map of the
 * last axis. Every closed form (Procrustes, ridge, whitening) is one. Where the result is promised to have norm 1, its
 * rows are divided by their norm afterwards.
 */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { operators } from '../../ops/table.ts';
import type { Expr, PartDecl } from '../../syntax/ast.ts';
import { substituteTensor } from '../../types/bindings.ts';
import { showTensor } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import { putParameter } from '../expressions/block.ts';
import { applyOperator } from '../expressions/operator-call.ts';
import type { Signature } from './signature.ts';
import { unknownValue, type TensorValue, type Value } from '../expressions/values.ts';

/** Whether a part has neither a body nor a file in its place. */
export const hasLearnedForm = (declaration: PartDecl): boolean => declaration.body === undefined && declaration.source === undefined && (declaration.weights?.learned ?? false);

/** What a part's result is read from, for messages: the whole declaration where there is no body. */
export function resultExpr(declaration: PartDecl): Expr {
  return declaration.body?.result ?? { kind: 'MissingExpr', span: declaration.name.span };
}

/** The value of the affine map at its inputs in `env`; unknown where the signature is not that of one, which is reported. */
export function learnedForm(signature: Signature, env: Env): Value {
  const symbol = signature.symbol as Symbol<PartDecl>;
  const why = unfit(signature);
  const [input] = signature.tensors;
  const x = input && env.locals.get(input.name);
  if (why !== undefined || x?.value.kind !== 'tensor' || signature.result.kind !== 'tensor') {
    const notes = ['Write a body: `{ … }` behind `= learned`.'];
    if (why !== undefined) env.report(foreignCodes.report('learned-form', { name: symbol.name, why }, at(symbol.module, symbol.declaration.name.span), { notes }));
    return unknownValue;
  }
  x.used = true;
  const declared = substituteTensor(signature.result, env.bindings);
  const [from, to] = [x.value.type.shape.axes.at(-1)!, declared.shape.axes.at(-1)!];
  const parameter = (name: string, axes: TensorType['shape']['axes']): TensorValue => {
    const type: TensorType = { kind: 'tensor', dtype: declared.dtype, shape: { axes }, facts: [], evidence: 'proved' };
    const location = at(symbol.module, symbol.declaration.weights!.span);
    const ref = putParameter(name, { type, location }, env);
    return { kind: 'tensor', type, ...(ref === undefined ? {} : { ref }) };
  };
  const call = (name: string, ...values: readonly Value[]): Value => {
    const expr = resultExpr(symbol.declaration);
    return applyOperator(operators.get(name)!, values.map((value) => ({ name: undefined, value, expr })), expr.span, env);
  };
  const mapped = call('Add', call('MatMul', x.value, parameter('w', [{ size: from.size }, to])), parameter('b', [to]));
  const unit = declared.facts.some((fact) => fact.kind === 'norm' && fact.axis === -1 && fact.value === 1);
  return unit ? call('LpNormalization', mapped) : mapped;
}

/** Why a signature is not that of an affine map of the last axis. */
function unfit({ tensors, statics, result }: Signature): string | undefined {
  const [input] = tensors;
  if (statics.length > 0) return 'it has compile-time parameters';
  if (input === undefined || tensors.length > 1) return `it takes ${tensors.length === 0 ? 'no tensor' : `${tensors.length} tensors`}`;
  if (input.type.kind === 'record' || result.kind === 'record') return `its ${input.type.kind === 'record' ? 'input' : 'result'} is a record`;
  if (input.type.kind === 'unknown' || result.kind === 'unknown') return undefined;
  const [from, to] = [input.type.shape, result.shape];
  if (from.axes.length === 0 || to.axes.length === 0) return 'a single number has no last axis';
  const same = from.axes.length === to.axes.length && from.rest?.at === to.rest?.at;
  return same ? undefined : `${showTensor(input.type)} and ${showTensor(result)} differ in more than their last axis`;
}
