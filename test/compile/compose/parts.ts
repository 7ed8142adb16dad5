/** Parts, adapters and heads of random bodies, and calls of them. */
import { computeStep, find, printBody, reached, showType, type Call, type Run, type Scope, type Step, type TensorType } from './drawing.ts';
import { behind, drawGuard, isBroken, printGuard, type Guard } from './guard.ts';
import { grow, kindsOfAnyShape } from './growing.ts';
import { countOf, exactly, round, type Tensor } from './interval.ts';
import { bareName, isWritable, numberOf, sameSize, showSize, size, substitute, type Size } from './sizes.ts';

export interface Param {
  readonly name: string;
  readonly type: TensorType;
  readonly guard?: Guard;
}

/** A parameter of a body with weights: its step is given a value by whoever owns it. */
export interface Weight {
  readonly name: string;
  readonly dims: readonly number[];
  readonly step: Step;
}

export interface Part {
  readonly name: string;
  readonly params: readonly Param[];
  readonly scope: Scope;
  readonly inputs: readonly Step[];
  /** One value, or the fields of a record. */
  readonly results: readonly Step[];
  readonly weights: readonly Weight[];
  /** What its file of weights holds, by key; a part with weights and without a file is a template. */
  readonly file?: ReadonlyMap<string, Tensor>;
  /** `float[...]`: elementwise, whatever comes in. */
  readonly isGeneric: boolean;
  /** Parts that its body calls. */
  readonly calls: readonly Part[];
}

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const anyShape = '?shape';

/** A new part that the values can be given to. */
function drawPart(scope: Scope, name: string, args: readonly Step[], known: readonly Part[]): Part | undefined {
  const isGeneric = args.length === 1 && args[0]!.type.dtype === 'f32' && scope.chance(0.2);
  const given = new Map<string, string>();
  const generalised = (n: Size): Size => {
    if (numberOf(n) !== undefined && scope.chance(0.8)) return n;
    const key = showSize(n);
    if (!given.has(key)) given.set(key, letters[given.size]!);
    return size(given.get(key)!);
  };
  const params = args.map((arg, i): Param => {
    const type = { ...arg.type, dims: isGeneric ? [size(anyShape)] : arg.type.dims.map(generalised) };
    return { name: `x${i}`, type, ...(!isGeneric && type.dtype === 'f32' && scope.chance(0.3) ? { guard: drawGuard(scope, `G${name}${i}`) } : {}) };
  });
  if (given.size > letters.length) return undefined;
  const inputs = params.map((param): Step => ({ type: param.type, args: [], isName: true, print: () => param.name, compute: () => missing(param.name) }));
  const inner: Scope = { ...scope, steps: [...inputs] };
  const weights = !isGeneric && scope.chance(0.45) ? drawWeights(inner) : [];
  const calls: Part[] = [];
  for (let i = scope.int(1, 5); i > 0; i--) {
    const called = !isGeneric && scope.chance(0.2) ? callOne(inner, known) : undefined;
    if (called === undefined) grow(inner, isGeneric ? kindsOfAnyShape : undefined);
    else calls.push(called);
  }
  const made = inner.steps.filter((step) => !inputs.includes(step) && !weights.some((weight) => weight.step === step) && step.type.dims.every((n) => isGeneric || isWritable(n)));
  if (made.length === 0) return undefined;
  const results = !isGeneric && made.length > 1 && scope.chance(0.25) ? made.slice(-scope.int(2, 3)) : made.slice(-1);
  return { name, params, scope: inner, inputs, results, isGeneric, calls, ...ownedOrNot(scope, results, weights) };
}

/** Those of its weights that are read, and their numbers, if it has them itself. */
function ownedOrNot(scope: Scope, results: readonly Step[], weights: readonly Weight[]): Pick<Part, 'weights' | 'file'> {
  const needed = reached(results);
  const read = weights.filter(({ step }) => needed.has(step));
  return { weights: read, ...(read.length === 0 || scope.chance(0.4) ? {} : { file: new Map(read.map((weight) => [weight.name, drawNumbers(scope, weight.dims)])) }) };
}

const missing = (name: string): never => {
  throw new Error(`${name} is not given`);
};

/** Few digits, so that sums are often exact, or many. */
function drawNumbers(scope: Scope, dims: readonly number[]): Tensor {
  const isFine = scope.chance(0.5);
  return exactly('f32', dims, Array.from({ length: countOf(dims) }, () => (isFine ? round('f32', scope.int(-1000, 1000) / 777) : scope.int(-4, 4) / 4)));
}

/** A matrix and a vector for some value of the body. */
function drawWeights(scope: Scope): readonly Weight[] {
  const x = find(scope, ({ dtype, dims }) => dtype === 'f32' && dims.length > 0 && numberOf(dims.at(-1)!) !== undefined);
  if (x === undefined) return [];
  const width = numberOf(x.type.dims.at(-1)!)!;
  const weights = ([['w', [width, scope.int(1, 4)]], ['s', [width]]] as const).map(([name, dims]): Weight => ({ name, dims, step: { type: { dtype: 'f32', dims: dims.map(size) }, args: [], isName: true, print: () => name, compute: () => missing(name) } }));
  scope.steps.push(...weights.map(({ step }) => step));
  return weights;
}

const stored = (tensor: Tensor, run: Run): Tensor => (run.weights === 'f16' ? exactly('f32', tensor.dims, Array.from(tensor.low, (number) => round('f16', number))) : tensor);

/** The weights of a body, from the file under these keys. */
const weightsOf = (part: Part, file: ReadonlyMap<string, Tensor>, prefix: string, run: Run): readonly (readonly [Step, Promise<Tensor>])[] =>
  part.weights.map(({ name, step }) => [step, Promise.resolve(stored(file.get(`${prefix}${name}`)!, run))]);

// ---------------------------------------------------------------- owners of templates

/** A head that calls a template once or twice, with numbers of its own for each call or the same. */
function drawOwner(scope: Scope, name: string, template: Part): Part {
  const params = template.params.map(({ name: own, type }): Param => ({ name: own, type }));
  const inputs = params.map((param): Step => ({ type: param.type, args: [], isName: true, print: () => param.name, compute: () => missing(param.name) }));
  const inner: Scope = { ...scope, steps: [...inputs] };
  const file = new Map<string, Tensor>();
  const lets = scope.chance(0.6) ? ['first', 'second'] : ['first'];
  const isSame = scope.chance(0.3);
  for (const [i, key] of lets.entries()) {
    for (const { name: own, dims } of template.weights) file.set(`${key}.${own}`, i > 0 && isSame ? file.get(`first.${own}`)! : drawNumbers(scope, dims));
    const call: Call = { name: key, args: inputs, print: (texts) => `${template.name}(${texts.join(', ')})` };
    for (const [field, result] of template.results.entries()) {
      inner.steps.push({
        type: result.type,
        args: inputs,
        isName: true,
        of: call,
        print: () => (template.results.length > 1 ? `${key}.u${field}` : key),
        compute: (values, run) => computeStep(result, run, new Map([...argumentsOf(template, values, run), ...weightsOf(template, file, `${key}.`, run)])),
      });
    }
  }
  const fields = inner.steps.slice(inputs.length);
  for (let i = scope.int(0, 2); i > 0; i--) grow(inner);
  const results = [...new Set([...fields, inner.steps.at(-1)!])];
  return { name, params, scope: inner, inputs, results, weights: [], file, isGeneric: false, calls: [template] };
}

// ---------------------------------------------------------------- calls

/** Sizes of a call by the names of a part; undefined where the arguments do not fit. */
function bind(part: Part, args: readonly TensorType[]): Readonly<Record<string, Size>> | undefined {
  const bound: Record<string, Size> = {};
  for (const [i, { type }] of part.params.entries()) {
    const arg = args[i]!;
    if (arg.dtype !== type.dtype || (!part.isGeneric && arg.dims.length !== type.dims.length)) return undefined;
    if (part.isGeneric) continue;
    for (const [axis, n] of type.dims.entries()) {
      const name = bareName(n);
      const own = arg.dims[axis]!;
      if (name !== undefined && bound[name] === undefined) bound[name] = own;
      else if (!sameSize(name === undefined ? n : bound[name]!, own)) return undefined;
    }
  }
  return bound;
}

const isTemplate = ({ weights, file }: Part): boolean => weights.length > 0 && file === undefined;
const isCallable = (part: Part): boolean => !isTemplate(part);

/** A call of one of these parts. */
function callOne(scope: Scope, parts: readonly Part[]): Part | undefined {
  const among = parts.filter(isCallable);
  if (among.length === 0) return undefined;
  const part = scope.pick(among);
  const args = part.params.map(({ type }) => find(scope, (own) => own.dtype === type.dtype && (part.isGeneric || (own.dims.length === type.dims.length && own.dims.every((n, i) => bareName(type.dims[i]!) !== undefined || sameSize(n, type.dims[i]!))))));
  return args.every((arg) => arg !== undefined) && callOf(scope, part, args) !== undefined ? part : undefined;
}

/** A call of a part that there is, or of a new one. */
export function drawCall(scope: Scope, parts: Part[], most: number): Step | undefined {
  if (parts.length > 0 && (parts.length >= most || scope.chance(0.4))) return callOne(scope, parts) && scope.steps.at(-1);
  const args = Array.from({ length: scope.int(1, 2) }, () => find(scope, ({ dtype, dims }) => dtype !== 'f16' && dtype !== 'u8' && dims.length < 5));
  if (!args.every((arg) => arg !== undefined)) return undefined;
  const part = drawPart(scope, `p${parts.length}`, args, parts);
  if (part === undefined) return undefined;
  parts.push(part);
  if (!isTemplate(part)) return callOf(scope, part, args);
  const owner = drawOwner(scope, `p${parts.length}`, part);
  parts.push(owner);
  return callOf(scope, owner, args);
}

const argumentsOf = (part: Part, values: readonly Tensor[], run: Run): readonly (readonly [Step, Promise<Tensor>])[] => part.inputs.map((input, i) => [input, Promise.resolve(passed(part, i, values[i]!, run))]);

/** The call's value, or those of its fields; the last of them. */
function callOf(scope: Scope, part: Part, args: readonly Step[]): Step | undefined {
  const bound = bind(part, args.map(({ type }) => type));
  if (bound === undefined) return undefined;
  const print = ([first, ...rest]: readonly string[]): string => (rest.length === 0 ? `(${first} |> ${part.name})` : `${part.name}(${[first, ...rest].join(', ')})`);
  const call: Call | undefined = part.results.length > 1 ? { name: `r${scope.steps.length}`, args, print } : undefined;
  for (const [field, result] of part.results.entries()) {
    scope.steps.push({
      type: { dtype: result.type.dtype, dims: part.isGeneric ? args[0]!.type.dims : result.type.dims.map((n) => substitute(n, bound)) },
      args,
      ...(call === undefined ? {} : { of: call, isName: true as const }),
      print: call === undefined ? print : () => `${call.name}.u${field}`,
      compute: (values, run) => computeStep(result, run, new Map([...argumentsOf(part, values, run), ...(part.file === undefined ? [] : weightsOf(part, part.file, '', run))])),
    });
  }
  return scope.steps.at(-1);
}

/** The argument behind its guard, if there is one. */
function passed({ params, inputs, results }: Part, at: number, value: Tensor, run: Run): Tensor {
  const { guard } = params[at]!;
  if (guard === undefined) return value;
  // What no output rests on need not be tested.
  const isRead = results.length === 1 && reached(results).has(inputs[at]!);
  if (guard.mode === 'reject' || guard.mode === 'report') run.found.push({ mode: guard.mode, broken: isRead ? isBroken(guard, value) : 'perhaps' });
  return behind(guard, value);
}

// ---------------------------------------------------------------- text

export function printPart(part: Part): string {
  const { name, params, results, weights, file, isGeneric } = part;
  const typeText = (type: TensorType): string => (isGeneric ? 'float[...]' : showType(type));
  const body = printBody(part.scope, results);
  const contracts = params.map(({ type, guard }) => (guard === undefined ? '' : printGuard(guard, type))).join('');
  const isRecord = results.length > 1;
  const record = isRecord ? `contract R${name} { ${results.map(({ type }, i) => `u${i}: ${showType(type)}`).join(' ')} }\n` : '';
  const signature = `${name}(${params.map((param) => `${param.name}: ${param.guard?.contract ?? typeText(param.type)}`).join(', ')}) -> ${isRecord ? `R${name}` : typeText(results[0]!.type)}`;
  const value = isRecord ? `{ ${body.results.map((text, i) => `u${i}: ${text}`).join(', ')} }` : body.results[0]!;
  const owned = weights.map(({ name: own, dims }) => `param ${own}: f32[${dims.join(', ')}]`);
  const lines = [...owned, ...body.lines, value].map((line) => `  ${line}\n`).join('');
  return `${contracts}${record}${file === undefined ? 'part' : 'head'} ${signature}${file === undefined ? '' : ` weights "./${name}.safetensors"`} {\n${lines}}\n`;
}
