/** Sizes of axes: what the manifest writes (`512`, `seq`, `2*h + 1`) against what an app gives. */
import type { ManifestDim, ManifestSize, ManifestTensor } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';

/** A given tensor's shape beside its declaration. */
export interface GivenShape {
  /** `tokens.ids` */
  readonly field: string;
  readonly contract: string | undefined;
  readonly spec: ManifestTensor;
  readonly dims: readonly number[];
}

interface Binding {
  readonly size: number;
  readonly field: string;
}

const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text);

const showDim = (dim: ManifestDim): string =>
  dim.label === undefined ? String(dim.size) : `${dim.label}: ${dim.size}`;

/** `[batch, seq]` */
export const showShape = (spec: ManifestTensor): string => `[${spec.dims.map(showDim).join(', ')}]`;

/** `i64[batch, seq]` */
export const showType = (spec: ManifestTensor): string => `${spec.dtype}${showShape(spec)}`;

/** Checks ranks and sizes, a name being one size across all inputs, and what they are demanded to be like. */
export function checkSizes(given: readonly GivenShape[], demands: readonly ManifestSize[]): void {
  const bindings = bindSizes(given);
  for (const tensor of given) checkExpressions(tensor, bindings);
  for (const demand of demands) checkDemand(demand, given, bindings);
}

/** What the names stand for. Raises where a shape is not as declared, or a name stands for two sizes. */
function bindSizes(given: readonly GivenShape[]): ReadonlyMap<string, Binding> {
  const bindings = new Map<string, Binding>();
  for (const tensor of given) {
    if (tensor.dims.length !== tensor.spec.dims.length)
      refuse(tensor, `${tensor.dims.length} axes, not ${tensor.spec.dims.length}`);
    for (const [axis, { size }] of tensor.spec.dims.entries()) {
      const found = tensor.dims[axis]!;
      if (typeof size === 'number' && size !== found) refuse(tensor, `axis ${axis} is ${found}, not ${size}`);
      if (typeof size === 'number' || !isName(size)) continue;
      const bound = bindings.get(size);
      if (bound && bound.size !== found)
        refuse(tensor, `\`${size}\` is ${found} here and ${bound.size} in \`${bound.field}\``);
      if (!bound) bindings.set(size, { size: found, field: tensor.field });
    }
  }
  return bindings;
}

/** The sizes of a tensor that is yet to be made; undefined where what is given does not say them. */
export function sizesIn(spec: ManifestTensor, given: readonly GivenShape[]): readonly number[] | undefined {
  const bindings = bindSizes(given);
  const sizes = spec.dims.map(({ size }) => (sizeOfText(size, (name) => bindings.get(name)?.size)));
  return sizes.every((size) => size !== undefined && size >= 0) ? (sizes as number[]) : undefined;
}

const compare: { readonly [K in ManifestSize['op']]: (a: number, b: number) => boolean } = {
  '==': (a, b) => a === b,
  '>=': (a, b) => a >= b,
  '<=': (a, b) => a <= b,
};

/** Whether a comparison holds; undefined where a size in it is not known. */
export function holdsDemand({ left, op, right }: ManifestSize, sizeOf: SizeOf): boolean | undefined {
  const [a, b] = [sizeOfText(left, sizeOf), sizeOfText(right, sizeOf)];
  return a === undefined || b === undefined ? undefined : compare[op](a, b);
}

function checkDemand({ left, op, right, by }: ManifestSize, given: readonly GivenShape[], bindings: ReadonlyMap<string, Binding>): void {
  const sizeOf = (name: string): number | undefined => bindings.get(name)?.size;
  if (holdsDemand({ left, op, right, by }, sizeOf) !== false) return;
  // The first input that gives one of the sizes is the one to look at.
  const names = `${left} ${right}`.match(/[A-Za-z_]\w*/g) ?? [];
  const tensor = given.find(({ field }) => names.some((name) => bindings.get(name)?.field === field)) ?? given[0];
  const sizes = names.map((name) => `\`${name}\` is ${bindings.get(name)?.size}`).join(' and ');
  if (tensor) refuse(tensor, `${sizes}, and \`${by}\` demands ${left} ${op} ${right}`);
}

/** Refuses inputs without rows: many graphs divide by their number, or reshape by it. */
export function checkRows(given: readonly GivenShape[]): void {
  for (const tensor of given) {
    const [rows] = tensor.spec.dims;
    if (tensor.dims[0] === 0 && rows?.size !== 0) refuse(tensor, 'it has no rows, and a run takes at least one');
  }
}

function checkExpressions(tensor: GivenShape, bindings: ReadonlyMap<string, Binding>): void {
  for (const [axis, { size }] of tensor.spec.dims.entries()) {
    if (typeof size === 'number' || isName(size)) continue;
    const expected = sizeOfText(size, (name) => bindings.get(name)?.size);
    const found = tensor.dims[axis]!;
    if (expected !== undefined && expected !== found)
      refuse(tensor, `axis ${axis} is ${found}, and \`${size}\` is ${expected}`);
  }
}

type SizeOf = (name: string) => number | undefined;

/** The value of a number, or of a sum of products as text; undefined where a name is not known or the text is something else. */
export function sizeOfText(text: number | string, sizeOf: SizeOf): number | undefined {
  if (typeof text === 'number') return text;
  let sum = 0;
  // `-h + 2*w - 1`: every term with the sign before it.
  const terms = text.replaceAll(' ', '').match(/[+-]?[^+-]+/g) ?? [];
  for (const term of terms) {
    let product = term.startsWith('-') ? -1 : 1;
    for (const factor of term.replace(/^[+-]/, '').split('*')) {
      const value = /^\d+$/.test(factor) ? Number(factor) : sizeOf(factor);
      if (value === undefined) return undefined;
      product *= value;
    }
    sum += product;
  }
  return sum;
}

function refuse(tensor: GivenShape, why: string): never {
  const { field, contract, spec, dims } = tensor;
  raise(
    runtimeCodes.finding('input-shape', {
      field,
      contract,
      expected: showShape(spec),
      found: `[${dims.join(', ')}]: ${why}`,
    }),
  );
}
