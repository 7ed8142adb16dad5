/** Sizes of axes: what the manifest writes (`512`, `seq`, `2*h + 1`) against what an app gives. */
import type { ManifestDim, ManifestPort, ManifestSize, ManifestTensor } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';
import { namesInText, sizeOfText, type SizeOf } from './size-text.ts';
import { fieldsOf, hasFact } from './target.ts';

/** A given tensor's shape beside its declaration. */
export interface GivenShape {
  readonly target: {
    /** `tokens.ids` */
    readonly field: string;
    readonly contract: string | undefined;
    readonly spec: ManifestTensor;
  };
  readonly tensor: { readonly dims: readonly number[] };
}

/** The shapes of what a run was given, by its feeds. */
export const shapesOf = (ports: readonly ManifestPort[], feeds: ReadonlyMap<string, RawTensor>): readonly GivenShape[] =>
  ports.flatMap((port) => fieldsOf(port).map(([field, spec]) => ({ target: { field, contract: port.contract, spec }, tensor: feeds.get(spec.onnx)! })));

interface Binding {
  readonly size: number;
  readonly field: string;
}

/** The name that an axis of this size tells, and what it is multiplied by there: `h` of `h`, and of `14*h`. */
function toldBy(text: string): { readonly name: string; readonly factor: number } | undefined {
  const [, factor, name] = /^(?:(\d+)\*)?([A-Za-z_]\w*)$/.exec(text) ?? [];
  return name === undefined ? undefined : { name, factor: Number(factor ?? 1) };
}

const showDim = (dim: ManifestDim): string =>
  dim.label === undefined ? String(dim.size) : `${dim.label}: ${dim.size}`;

/** `[batch, seq]` */
export const showShape = (spec: ManifestTensor): string => `[${spec.dims.map(showDim).join(', ')}]`;

/** `i64[batch, seq]` */
export const showType = (spec: ManifestTensor): string => `${spec.dtype}${showShape(spec)}`;

/** Checks ranks and sizes, a name being one size across all inputs, and what they are demanded to be like. */
export function checkSizes(given: readonly GivenShape[], demands: readonly ManifestSize[]): void {
  const bindings = bindSizes(given);
  for (const shape of given) checkExpressions(shape, bindings);
  for (const demand of demands) checkDemand(demand, given, bindings);
}

/** What the names stand for. Raises where a shape is not as declared, or a name stands for two sizes. */
function bindSizes(given: readonly GivenShape[]): ReadonlyMap<string, Binding> {
  const bindings = new Map<string, Binding>();
  for (const shape of given) {
    const { spec, field } = shape.target;
    const { dims } = shape.tensor;
    if (dims.length !== spec.dims.length) refuse(shape, `${dims.length} axes, not ${spec.dims.length}`);
    for (let axis = 0; axis < dims.length; axis++) {
      const { size } = spec.dims[axis]!;
      const found = dims[axis]!;
      if (typeof size === 'number') {
        if (size !== found) refuse(shape, `axis ${axis} is ${found}, not ${size}`);
        continue;
      }
      const told = toldBy(size);
      if (told === undefined) continue;
      if (found % told.factor !== 0) refuse(shape, `axis ${axis} is ${found}, and \`${size}\` is a multiple of ${told.factor}`);
      const bound = bindings.get(told.name);
      const own = found / told.factor;
      if (bound === undefined) bindings.set(told.name, { size: own, field });
      else if (bound.size !== own) refuse(shape, `\`${told.name}\` is ${own} here and ${bound.size} in \`${bound.field}\``);
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
  const names = [...new Set([left, right].flatMap(namesInText))];
  const shape = given.find(({ target: { field } }) => names.some((name) => bindings.get(name)?.field === field)) ?? given[0];
  const sizes = names.map((name) => `\`${name}\` is ${bindings.get(name)?.size}`).join(' and ');
  if (shape) refuse(shape, `${sizes}, and \`${by}\` demands ${left} ${op} ${right}`);
}

/**
 * Refuses inputs without rows, and texts without tokens: many graphs divide by their number, or reshape by it. Other axes may be
 * empty, as a cache is at its first run.
 */
export function checkRows(given: readonly GivenShape[]): void {
  for (const shape of given) {
    const { spec } = shape.target;
    const axis = shape.tensor.dims.indexOf(0);
    if (axis < 0 || spec.dims[axis]!.size === 0) continue;
    if (axis === 0) refuse(shape, 'it has no rows, and a run takes at least one');
    if (hasFact(spec, 'tokenizer')) refuse(shape, `axis ${axis} is empty, and a text has at least one token`);
  }
}

/** A sentence on an axis that is empty, for runs that fail; undefined where there is none. */
export function emptyAxis(given: readonly GivenShape[]): string | undefined {
  const shape = given.find(({ tensor }) => tensor.dims.includes(0));
  return shape && `\`${shape.target.field}\` ${showShape(shape.target.spec)} was given as [${shape.tensor.dims.join(', ')}]: many graphs cannot run where an axis is empty.`;
}

/** A name is bound by the time that this is asked; what is not is a sum of products. */
function checkExpressions(shape: GivenShape, bindings: ReadonlyMap<string, Binding>): void {
  for (const [axis, { size }] of shape.target.spec.dims.entries()) {
    if (typeof size === 'number' || bindings.has(size)) continue;
    const expected = sizeOfText(size, (name) => bindings.get(name)?.size);
    const found = shape.tensor.dims[axis]!;
    if (expected !== undefined && expected !== found) refuse(shape, `axis ${axis} is ${found}, and \`${size}\` is ${expected}`);
  }
}

function refuse({ target: { field, contract, spec }, tensor: { dims } }: GivenShape, why: string): never {
  raise(
    runtimeCodes.finding('input-shape', {
      field,
      contract,
      expected: showShape(spec),
      found: `[${dims.join(', ')}]: ${why}`,
    }),
  );
}
