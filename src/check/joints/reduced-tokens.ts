/** Reductions over the tokens of a text that take no notice of which of them are padding. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { flagAt, intsAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { axisFromEnd } from '../../ops/shapes.ts';
import type { Expr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { at, type Span } from '../../text/source.ts';
import { equalDims } from '../../types/dim.ts';
import type { TensorType } from '../../types/type.ts';
import type { Env } from '../env.ts';
import type { Argument } from '../expressions/call.ts';
import { membersOf } from '../expressions/declared-below.ts';
import type { TensorValue } from '../expressions/values.ts';
import { encodedOf, leftOutNote, operatorOf, poolFix } from './mask-use.ts';
import { reaches } from './masked-folds.ts';
import { inputsOf, letsOf, onlyMaskOf, type Lets, type Mask } from './masks.ts';

/** What the library has instead, without padding. */
const pools: Readonly<Record<string, string>> = { ReduceMean: 'mean_pool', ReduceMax: 'max_pool' };
export const reducesTokens: ReadonlySet<string> = new Set(['ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceSum']);

/** A reduction over the tokens of what an encoder gives, or of what was made of that token by token, padding and all. */
export function judgeReduction(operator: Operator, operand: Argument | undefined, attributes: AttributeValues, span: Span, env: Env): void {
  if (operand?.value.kind !== 'tensor') return;
  const { type } = operand.value;
  const lets = letsOf(env);
  const axes = axesFromEnd(intsAt(attributes, 'axes'), type.shape);
  const found = axes && leftOutOf(operand.expr, operand.value, axes, lets, env);
  if (found === undefined || (operator.name === 'ReduceMax' && flagAt(attributes, 'keepdims') && isSubtracted(span, lets, env))) return;
  const text = `${found.input}.${found.field}`;
  const pool = axes!.length === 1 && axes![0] === -2 && !flagAt(attributes, 'keepdims') && type.shape.axes.length === 3 ? pools[operator.name] : undefined;
  env.report(
    jointCodes.report('mask-left-out', { what: `\`onnx.${operator.name}\` goes over all tokens, padding and all`, mask: text }, at(env.scope.module, span), {
      label: 'padding counts here',
      notes: [leftOutNote, ...(pool === undefined ? [instead(operator, type, text)] : [])],
      fixes: pool === undefined ? [] : poolFix(pool, operand, text, span, env),
    }),
  );
}

/** What to do where no pooling of the library does it. */
function instead({ name }: Operator, { shape }: TensorType, mask: string): string {
  if (name === 'ReduceMax' || name === 'ReduceMin') return `Put a number in place of padding that is never the ${name === 'ReduceMax' ? 'greatest' : 'least'}, by \`onnx.Where\` with \`onnx.Equal(${mask}, 1)\`.`;
  const zeros = shape.axes.length === 3 ? '`zero_padding` of `std/text` puts zeros in its place' : `A product with \`${mask}\`, cast to its element type, puts zeros in its place`;
  return name === 'ReduceMean' ? `${zeros}: a mean is the sum of that over the number of tokens, the sum of \`${mask}\`.` : `${zeros}.`;
}

/** The mask of the tokens that a value has along one of some axes, where nothing like a mask has met it. */
function leftOutOf(expr: Expr, { type: { shape }, texts = [] }: TensorValue, axes: readonly number[], lets: Lets, env: Env): Mask | undefined {
  const isAlong = (axis: number, { type }: { readonly type: TensorType }): boolean => equalDims(axisFromEnd(shape, axis).size, type.shape.axes.at(-1)!.size);
  const encoded = encodedOf(expr, lets, env);
  const own = encoded && onlyMaskOf(encoded.input, env);
  if (encoded !== undefined) return own !== undefined && axes.some((axis) => isAlong(axis, own)) ? encoded : undefined;
  const along = texts.filter(({ axis, unmasked }) => unmasked && axes.includes(axis));
  if (along.length === 0) return undefined;
  const masks = [...inputsOf([expr], lets, env)].flatMap((input) => {
    const mask = onlyMaskOf(input, env);
    return mask !== undefined && along.some(({ axis, tokenizer }) => isAlong(axis, mask) && cutBy(input, env) === tokenizer.id) ? [{ input, field: mask.field }] : [];
  });
  // Of several texts nobody can say which one lies along the axis.
  return masks.length === 1 ? masks[0] : undefined;
}

/** The tokenizer of an input's ids. */
function cutBy(input: string, { locals }: Env): string | undefined {
  const value = locals.get(input)?.value;
  const facts = value?.kind === 'record' ? [...value.type.fields.values()].flatMap((field) => field.facts) : [];
  return facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal.id] : []))[0];
}

/** Whether a greatest value is only taken away from what it was found in, as a softmax by hand begins: whichever it is makes no difference. */
function isSubtracted(span: Span, lets: Lets, env: Env): boolean {
  const { declaration } = env.symbol;
  const result = declaration.kind === 'PartDecl' ? declaration.body?.result : undefined;
  let found = false;
  for (const root of [...membersOf(env), ...(result === undefined ? [] : [result])]) {
    visit(root, {
      enter: (node) => {
        const taken = node.kind === 'BinaryExpr' && node.op === '-' ? node.right : node.kind === 'CallExpr' && operatorOf(node) === 'Sub' ? node.args[1]?.value : undefined;
        found ||= taken !== undefined && reaches(taken, span, lets);
      },
    });
  }
  return found;
}
