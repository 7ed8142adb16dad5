/** Parts, adapters and heads of random bodies, and calls of them. */
import { computeStep, find, printBody, reached, showType, type Run, type Scope, type Step, type TensorType } from './drawing.ts';
import { elementwise, type Draw } from './elementwise.ts';
import { behind, drawGuard, isBroken, printGuard, type Guard } from './guard.ts';
import { countOf, exactly, round, type Tensor } from './interval.ts';
import { shapes } from './shapes.ts';
import { bareName, isWritable, numberOf, sameSize, showSize, size, substitute, type Size } from './sizes.ts';

export interface Param {
  readonly name: string;
  readonly type: TensorType;
  readonly guard?: Guard;
}

export interface Part {
  readonly name: string;
  readonly params: readonly Param[];
  readonly scope: Scope;
  readonly inputs: readonly Step[];
  readonly result: Step;
  /** What its file of weights holds. */
  readonly weights: ReadonlyMap<string, Tensor>;
}

const draws: Readonly<Record<string, Draw>> = { ...elementwise, ...shapes };
const kinds = Object.keys(draws);
/** Settled to the last bit by IEEE 754, of integers, or copies. */
const exactKinds = ['Identity', 'Neg', 'Abs', 'Relu', 'Ceil', 'Floor', '+', '-', '*', '/', 'Max', 'Min', 'Clip', 'Where', 'Not', 'And', 'Or', 'Less', 'Greater', 'Equal', 'Transpose', 'Unsqueeze', 'Squeeze', 'Flatten', 'Reshape', 'Expand', 'Tile', 'Concat', 'Slice', 'ReduceMax', 'ReduceMin', 'ArgMax', 'Cast', 'Cast to whole numbers'];

/** One more value of a scope, of those that fit. */
export function grow(scope: Scope, among: readonly string[] = kinds, tries = 12): Step | undefined {
  for (let i = 0; i < tries; i++) {
    const kind = scope.pick(among);
    const drawn = draws[kind]!(scope);
    const step = drawn && { ...drawn, exact: exactKinds.includes(kind) && drawn.args.every(({ exact }) => exact === true) };
    if (step === undefined || step.type.dims.length > 5 || step.type.dims.some((n) => numberOf(n) !== undefined && numberOf(n)! < 1)) continue;
    if (step.type.dims.reduce((product, n) => product * (numberOf(n) ?? 3 * Object.keys(n).length), 1) > 3000) continue;
    scope.steps.push(step);
    return step;
  }
  return undefined;
}

/** A value of the same type that is another, and known as well. */
export function growAlike(scope: Scope, from: Step): Step {
  for (let i = 0; i < 10; i++) {
    const inner: Scope = { ...scope, steps: [from] };
    const step = grow(inner, exactKinds);
    if (step === undefined || showType(step.type) !== showType(from.type)) continue;
    scope.steps.push(step);
    return step;
  }
  return from;
}

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

/** A new part that the values can be given to. */
function drawPart(scope: Scope, name: string, args: readonly Step[]): Part | undefined {
  const given = new Map<string, string>();
  const generalised = (n: Size): Size => {
    if (numberOf(n) !== undefined && scope.chance(0.8)) return n;
    const key = showSize(n);
    if (!given.has(key)) given.set(key, letters[given.size]!);
    return size(given.get(key)!);
  };
  const params = args.map((arg, i): Param => {
    const type = { ...arg.type, dims: arg.type.dims.map(generalised) };
    return { name: `x${i}`, type, ...(type.dtype === 'f32' && scope.chance(0.3) ? { guard: drawGuard(scope, `G${name}${i}`) } : {}) };
  });
  if (given.size > letters.length) return undefined;
  const inputs = params.map((param): Step => ({ type: param.type, args: [], isName: true, print: () => param.name, compute: () => missing(param.name) }));
  const inner: Scope = { ...scope, steps: [...inputs] };
  const weights = new Map<string, Tensor>();
  if (scope.chance(0.4)) drawWeights(inner, weights);
  const count = scope.int(1, 5);
  for (let i = 0; i < count; i++) grow(inner);
  const result = inner.steps.at(-1)!;
  if (inputs.includes(result) || !result.type.dims.every(isWritable)) return undefined;
  return { name, params, scope: inner, inputs, result, weights };
}

const missing = (name: string): never => {
  throw new Error(`${name} is not given`);
};

/** A matrix and a vector for some value of the body, few of whose digits are used, so that sums are often exact. */
function drawWeights(scope: Scope, weights: Map<string, Tensor>): void {
  const x = find(scope, ({ dtype, dims }) => dtype === 'f32' && dims.length > 0 && numberOf(dims.at(-1)!) !== undefined);
  if (x === undefined) return;
  const width = numberOf(x.type.dims.at(-1)!)!;
  const out = scope.int(1, 4);
  const fine = scope.chance(0.5);
  for (const [name, dims] of [['w', [width, out]], ['s', [width]]] as const) {
    const values = Array.from({ length: countOf(dims) }, () => (fine ? round('f32', scope.int(-1000, 1000) / 777) : scope.int(-4, 4) / 4));
    const value = exactly('f32', dims, values);
    weights.set(name, value);
    const half = exactly('f32', dims, Array.from(value.low, (number) => round('f16', number)));
    scope.steps.push({ type: { dtype: 'f32', dims: dims.map(size) }, args: [], isName: true, print: () => name, compute: (_, run) => (run.weights === 'f16' ? half : value) });
  }
}

/** Sizes of a call by the names of a part; undefined where the arguments do not fit. */
function bind(part: Part, args: readonly TensorType[]): Readonly<Record<string, Size>> | undefined {
  const bound: Record<string, Size> = {};
  for (const [i, { type }] of part.params.entries()) {
    const arg = args[i]!;
    if (arg.dtype !== type.dtype || arg.dims.length !== type.dims.length) return undefined;
    for (const [axis, n] of type.dims.entries()) {
      const name = bareName(n);
      const own = arg.dims[axis]!;
      if (name !== undefined && bound[name] === undefined) bound[name] = own;
      else if (!sameSize(name === undefined ? n : bound[name]!, own)) return undefined;
    }
  }
  return bound;
}

/** A call of a part that there is, or of a new one. */
export function drawCall(scope: Scope, parts: Part[], most: number): Step | undefined {
  if (parts.length > 0 && (parts.length >= most || scope.chance(0.4))) {
    const part = scope.pick(parts);
    const args = part.params.map(({ type }) => find(scope, (own) => own.dtype === type.dtype && own.dims.length === type.dims.length && own.dims.every((n, i) => bareName(type.dims[i]!) !== undefined || sameSize(n, type.dims[i]!))));
    return args.every((arg) => arg !== undefined) ? callOf(scope, part, args) : undefined;
  }
  const args = Array.from({ length: scope.int(1, 2) }, () => find(scope, ({ dtype, dims }) => dtype !== 'f16' && dtype !== 'u8' && dims.length < 5));
  if (!args.every((arg) => arg !== undefined)) return undefined;
  const part = drawPart(scope, `p${parts.length}`, args);
  if (part === undefined) return undefined;
  parts.push(part);
  return callOf(scope, part, args);
}

function callOf(scope: Scope, part: Part, args: readonly Step[]): Step | undefined {
  const bound = bind(part, args.map(({ type }) => type));
  if (bound === undefined) return undefined;
  const step: Step = {
    type: { dtype: part.result.type.dtype, dims: part.result.type.dims.map((n) => substitute(n, bound)) },
    args,
    print: ([first, ...rest]) => (rest.length === 0 ? `(${first} |> ${part.name})` : `${part.name}(${[first, ...rest].join(', ')})`),
    compute: (values, run) => computeStep(part.result, run, new Map(part.inputs.map((input, i) => [input, Promise.resolve(passed(part, i, values[i]!, run))]))),
  };
  scope.steps.push(step);
  return step;
}

/** The argument behind its guard, if there is one. */
function passed({ params, inputs, result }: Part, at: number, value: Tensor, run: Run): Tensor {
  const { guard } = params[at]!;
  if (guard === undefined) return value;
  // What no output rests on need not be tested.
  const isRead = result === inputs[at] || reached([result]).has(inputs[at]!);
  if (guard.mode === 'reject' || guard.mode === 'report') run.found.push({ mode: guard.mode, broken: isRead ? isBroken(guard, value) : 'perhaps' });
  return behind(guard, value);
}

export function printPart(part: Part): string {
  const { lines, results } = printBody(part.scope, [part.result]);
  const used = [...part.weights].filter(([name]) => lines.concat(results).some((line) => new RegExp(`\\b${name}\\b`).test(line)));
  const hasWeights = used.length > 0;
  const params = part.params.map(({ name, type, guard }) => `${name}: ${guard?.contract ?? showType(type)}`).join(', ');
  const contracts = part.params.map(({ type, guard }) => (guard === undefined ? '' : printGuard(guard, type))).join('');
  const owned = used.map(([name, { dtype, dims }]) => `param ${name}: ${dtype}[${dims.join(', ')}]`);
  const body = [...owned, ...lines, ...results].map((line) => `  ${line}\n`).join('');
  return `${contracts}${hasWeights ? 'head' : 'part'} ${part.name}(${params}) -> ${showType(part.result.type)}${hasWeights ? ` weights "./${part.name}.safetensors"` : ''} {\n${body}}\n`;
}

