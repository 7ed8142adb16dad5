/** The first or the last place of each text, where its tokenizer puts the padding: of all texts of a batch but the longest it is no token. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { numberAt, sizeAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { rangeOf } from '../../ops/range.ts';
import { axisFromEnd, fromEnd } from '../../ops/shapes.ts';
import type { Expr, Name } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { constantOf, equalDims, subtractDims } from '../../types/dim.ts';
import type { Env } from '../env.ts';
import type { Argument } from '../expressions/call.ts';
import { tokenizerSource } from '../files/tokenizer-source.ts';
import { letsOf, onlyMaskOf } from './masks.ts';
import { encodedOf, poolFix } from './mask-use.ts';

type End = 'first' | 'last';

/** `cls_pool` of the library, over what an encoder gives for each token. */
export function judgeFirstPool(name: Name, vectors: Expr, env: Env): void {
  const symbol = env.locals.has(name.text) ? undefined : env.scope.module.names.get(name.text);
  if (symbol?.module.package === 'std' && symbol.name === 'cls_pool') report(vectors, 'first', symbol.name, name.span, () => [], env);
}

export const takesPlaces: ReadonlySet<string> = new Set(['Gather', 'Slice']);

/** A single place of the tokens' axis, by its number. */
export function judgePlaces(operator: Operator, [operand, indices]: readonly Argument[], attributes: AttributeValues, span: Span, env: Env): void {
  if (operand?.value.kind !== 'tensor') return;
  const { shape } = operand.value.type;
  const axis = fromEnd(numberAt(attributes, 'axis'), shape);
  const size = axis === undefined ? undefined : axisFromEnd(shape, axis).size;
  if (size === undefined || constantOf(size) !== undefined) return;
  const found = encodedOf(operand.expr, letsOf(env), env);
  const tokens = found && onlyMaskOf(found.input, env)?.type.shape.axes.at(-1);
  const end = operator.name === 'Gather' ? gathered(indices) : sliced(attributes, size);
  if (tokens === undefined || end === undefined || !equalDims(size, tokens.size)) return;
  const isPool = operator.name === 'Gather' && end === 'last' && axis === -2 && shape.axes.length === 3 && indices?.value.kind !== 'list';
  report(operand.expr, end, `onnx.${operator.name}`, span, (mask) => (isPool ? poolFix('last_token_pool', operand, mask, span, env) : []), env);
}

function gathered(indices: Argument | undefined): End | undefined {
  const { value } = indices ?? {};
  const number = value?.kind === 'number' && value.assumed === undefined ? value.value : value?.kind === 'list' && value.values.length === 1 ? value.values[0] : value?.kind === 'tensor' ? onlyOne(value) : undefined;
  return number === 0 ? 'first' : number === -1 ? 'last' : undefined;
}

function onlyOne({ type }: Extract<Argument['value'], { kind: 'tensor' }>): number | undefined {
  const { low, high } = rangeOf(type);
  return low === high ? low : undefined;
}

function sliced(attributes: AttributeValues, size: Parameters<typeof equalDims>[0]): End | undefined {
  const [start, end] = [sizeAt(attributes, 'start'), sizeAt(attributes, 'end')];
  if (constantOf(subtractDims(end, start)) !== 1) return undefined;
  return constantOf(start) === 0 ? 'first' : equalDims(end, size) ? 'last' : undefined;
}

function report(vectors: Expr, place: End, what: string, span: Span, fixes: (mask: string) => Fix[], env: Env): void {
  const found = encodedOf(vectors, letsOf(env), env);
  const input = found && env.locals.get(found.input)?.value;
  if (found === undefined || input?.kind !== 'record') return;
  const fields = [...input.type.fields.values()];
  const nominal = fields.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal] : [])))[0];
  const source = nominal && tokenizerSource(nominal, env.checker);
  if (nominal === undefined || source === undefined || (source.file.padding.side === 'left') !== (place === 'first')) return;
  // A text by itself has no padding, unless all are padded to some length.
  const isAlone = constantOf(onlyMaskOf(found.input, env)!.type.shape.axes[0]!.size) === 1 && fields.every(({ shape }) => shape.axes.length > 1);
  if (isAlone && !source.file.padding.always) return;
  const side = place === 'first' ? 'in front of' : 'behind';
  const instead = place === 'first' ? '`last_token_pool` of `std/text` takes the last token. What does want the first one takes a tokenizer.json whose `padding.direction` is "Right".' : '`last_token_pool` of `std/text` takes the last token, wherever the padding stands.';
  env.report(
    jointCodes.report('padding-taken', { what, place, tokenizer: nominal.name }, at(env.scope.module, span), {
      label: `padding stands ${side} the tokens`,
      related: [{ location: source.location, text: `this pads on the ${source.file.padding.side}` }],
      notes: ['Of all texts of a batch but the longest that is the vector of padding, so that what comes out for a text depends on what stands beside it.', instead],
      fixes: fixes(`${found.input}.${found.field}`),
    }),
  );
}
