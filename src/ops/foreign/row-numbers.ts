/**
 * Tensors that say where rows lie in the batch, as exporters make them to look up masks: `arange(batch)[:, None] * seq + arange(seq)`. Such numbers
 * differ between a row in a batch and the same row alone, so nothing may be computed with them, except that a row looks up what is its own.
 */
import { isAtLeast, lowerBound } from '../../types/dim-bounds.ts';
import { addDims, constantOf, equalDims, intDim, multiplyDims, type Dim } from '../../types/dim.ts';
import type { Known } from './known.ts';
import type { RowCall, RowInput } from './rows.ts';
import { isDim, numberOf } from './scalar.ts';

/** An element of row i is i * stride + o, with a whole o from 0 to span - 1 that depends on nothing but row i. The stride is 0 where it is the same wherever the row lies. */
export interface RowNumbers {
  readonly stride: Dim;
  readonly span: Dim;
  /** Only the first index of the last axis has such numbers; the others have to do with their row alone: what `GatherND` takes. */
  readonly isAddress?: true;
}

/** The number of rows, and what a tensor has of each. */
export interface RowSizes {
  readonly rows: Dim;
  /** How many places of a first axis each row has; undefined where it is not that of the rows. */
  readonly placesOf: (first: Dim) => Dim | undefined;
  readonly isAlike: (dim: Dim) => boolean;
}

type Rule = (call: RowCall, output: Known, sizes: RowSizes) => RowNumbers | undefined;

const [zero, one] = [intDim(0), intDim(1)];

export const isSteady = ({ stride }: RowNumbers): boolean => equalDims(stride, zero);
/** Others may overflow. */
const isWhole = ({ dtype }: Known): boolean => dtype === 'i64';
const startsWith = ({ dims }: Known, first: Dim): boolean => dims?.[0] !== undefined && equalDims(dims[0], first);
const valueOf = (input: RowInput | undefined): Dim | undefined => {
  const [value, ...others] = input?.known.values ?? [];
  return others.length === 0 && isDim(value) ? value : undefined;
};

/** 0, 1, 2, …: as many as there are rows, or as many as there are in each. */
const range: Rule = ({ inputs }, output, { rows, isAlike }) => {
  const [start, , step] = inputs.map((input) => numberOf(input?.known.values?.[0]));
  const count = output.dims?.[0];
  if (start !== 0 || step !== 1 || count === undefined || !isWhole(output)) return undefined;
  if (equalDims(count, rows)) return { stride: one, span: one };
  return isAlike(count) ? { stride: zero, span: count } : undefined;
};

/** Which index of an axis it is. */
const index: Rule = ({ node, inputs: [x] }) => {
  const attribute = node.attributes.get('axis');
  const size = x?.known.dims?.at(attribute?.type === 'int' ? Number(attribute.value) : 0);
  return size && { stride: zero, span: size };
};

/** The same elements, those of a row in its place. */
const moved: Rule = ({ inputs: [x] }, output, { rows }) => {
  if (x?.numbers === undefined || x.numbers.isAddress === true) return undefined;
  return isSteady(x.numbers) || (startsWith(x.known, rows) && startsWith(output, rows)) ? x.numbers : undefined;
};

/** Repeated along other axes than the first, or axes put before it that rows have nothing to do with. */
const expanded: Rule = (call, output, sizes) => {
  const [x] = call.inputs;
  const keepsAxes = x?.known.dims !== undefined && x.known.dims.length === output.dims?.length;
  return x?.numbers !== undefined && (keepsAxes || isSteady(x.numbers)) ? moved(call, output, sizes) : undefined;
};

const same: Rule = ({ inputs: [x] }, output) => (isWhole(output) ? x?.numbers : undefined);

/** By a size that is the same for all rows. */
const product: Rule = ({ inputs }, output, { rows, isAlike }) => {
  const at = inputs.findIndex((input) => input?.numbers !== undefined && input.numbers.isAddress !== true);
  const [x, by] = [inputs[at], valueOf(inputs[1 - at])];
  if (x?.numbers === undefined || by === undefined || !isAlike(by) || lowerBound(by) < 0 || !isWhole(output)) return undefined;
  if (!isSteady(x.numbers) && (!startsWith(output, rows) || x.known.dims?.length !== output.dims?.length)) return undefined;
  const { stride, span } = x.numbers;
  return { stride: multiplyDims(stride, by), span: addDims(multiplyDims(addDims(span, intDim(-1)), by), one) };
};

/** Constants are such numbers, too, wherever a row lies. */
function withConstants(input: RowInput | undefined): RowInput | undefined {
  if (input?.numbers !== undefined || input?.state !== 'free' || !isWhole(input.known)) return input;
  const values = input.known.values?.map((value) => numberOf(value)) ?? [];
  const areKnown = values.length > 0 && values.every((value): value is number => value !== undefined && value >= 0 && Number.isSafeInteger(value));
  return areKnown ? { ...input, numbers: { stride: zero, span: intDim(Math.max(...values) + 1) } } : input;
}

const sum: Rule = ({ inputs }, output, { rows }) => {
  const [a, b] = inputs.map(withConstants);
  if (a?.numbers === undefined || b?.numbers === undefined || !isWhole(output)) return undefined;
  const fits = (input: RowInput): boolean => {
    if (input.numbers!.isAddress === true) return false;
    if (input.state === 'free') return input.known.dims !== undefined && (input.known.dims.length < (output.dims?.length ?? 0) || constantOf(input.known.dims[0] ?? one) === 1);
    return startsWith(input.known, rows) && input.known.dims?.length === output.dims?.length;
  };
  const isEverywhereSteady = isSteady(a.numbers) && isSteady(b.numbers) && a.state === 'free' && b.state === 'free';
  if (!isEverywhereSteady && !(startsWith(output, rows) && fits(a) && fits(b))) return undefined;
  return { stride: addDims(a.numbers.stride, b.numbers.stride), span: addDims(addDims(a.numbers.span, b.numbers.span), intDim(-1)) };
};

/** The row first, then where in it. */
const address: Rule = ({ node, inputs }, { dims }, { rows }) => {
  const [first, ...others] = inputs;
  const axis = node.attributes.get('axis');
  const rank = dims?.length ?? 0;
  const isLast = axis?.type === 'int' && (Number(axis.value) === -1 || Number(axis.value) === rank - 1);
  if (first?.numbers === undefined || first.numbers.isAddress === true || isSteady(first.numbers) || rank < 2 || !isLast) return undefined;
  if (!startsWith(first.known, rows) || constantOf(first.known.dims!.at(-1)!) !== 1) return undefined;
  const areRows = others.every((input) => input?.state === 'rows' && startsWith(input.known, rows));
  return areRows ? { ...first.numbers, isAddress: true } : undefined;
};

const rules: Readonly<Record<string, Rule>> = {
  Add: sum,
  ArgMax: index,
  ArgMin: index,
  Cast: same,
  Concat: address,
  Expand: expanded,
  Flatten: moved,
  Identity: same,
  Mul: product,
  Range: range,
  Reshape: moved,
  Squeeze: moved,
  Unsqueeze: moved,
};

/** What the first result has of such numbers; undefined where none are known. */
export function numbersOf(call: RowCall, output: Known, sizes: RowSizes): RowNumbers | undefined {
  const { domain, op } = call.node;
  return domain === '' && Object.hasOwn(rules, op) ? rules[op]!(call, output, sizes) : undefined;
}

/** Whether each row looks up what is its own, by numbers of its places in the batch. */
export function findsItsOwn({ node, inputs: [data, indices] }: RowCall, { rows, placesOf }: RowSizes): boolean {
  const first = data?.known.dims?.[0];
  const places = data?.state === 'rows' && first !== undefined ? placesOf(first) : undefined;
  const numbers = indices?.state === 'numbers' && startsWith(indices.known, rows) ? indices.numbers : undefined;
  if (node.domain !== '' || places === undefined || numbers === undefined) return false;
  const isRead = (node.op === 'Gather' && numbers.isAddress !== true && isUnset(node, 'axis')) || (node.op === 'GatherND' && numbers.isAddress === true && isUnset(node, 'batch_dims'));
  return isRead && equalDims(numbers.stride, places) && isAtLeast(places, numbers.span);
}

function isUnset({ attributes }: RowCall['node'], name: string): boolean {
  const attribute = attributes.get(name);
  return attribute === undefined || (attribute.type === 'int' && attribute.value === 0n);
}
