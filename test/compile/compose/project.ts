/** A random project: networks, parts, and a model over them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { randomNumbers } from '../../ir/infer/random/drawing.ts';
import { computeStep, printBody, randomOf, showType, type Call, type Random, type Run, type Scope, type Step, type TensorType } from './drawing.ts';
import { drawFile, insteadOf, rangeOf, runFile, typeOf, withInstead, withOutputs, type Answers, type DrawnFile, type Foreign, type Inspected, type Port } from './foreign.ts';
import { build, endsOf, isExact, isFloat, widen, type Tensor } from './interval.ts';
import { grow, growAlike } from './growing.ts';
import { drawCall, printPart, type Part } from './parts.ts';
import { safetensorsOf } from './safetensors.ts';
import { bareName, namesIn, numberOf, sameSize, size, substitute, valueOf, type Size } from './sizes.ts';

export interface Input {
  readonly name: string;
  readonly type: TensorType;
}

export interface Output {
  readonly name: string;
  readonly step: Step;
}

/** Carried from one run to the next. */
export interface State extends Input {
  readonly init: number;
  readonly next: Step;
}

export interface Project {
  readonly seed: number;
  readonly text: string;
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly folder: string;
  readonly inputs: readonly Input[];
  readonly outputs: readonly Output[];
  readonly states: readonly State[];
}

/** Where projects are drawn, and what `mdl inspect --inner` says of a file there. */
export interface Workplace {
  readonly folder: string;
  readonly inspect: (file: string) => Promise<{ readonly inputs: readonly Inspected[]; readonly outputs: readonly Inspected[]; readonly inner?: { readonly tensors: readonly Inspected[] } }>;
}

export async function drawProject(seed: number, place: Workplace): Promise<Project | undefined> {
  const random = randomOf(randomNumbers(seed));
  const foreign: Foreign[] = [];
  let graphSeed = 0;
  for (let i = 0; i < random.int(1, 2); i++) {
    const file = `b${i}.onnx`;
    // The same network as somebody else wrote it has equal weights in another place.
    graphSeed = i > 0 && random.chance(0.25) ? graphSeed : random.int(0, 2 ** 30);
    const drawn = await drawFile(random, graphSeed, file);
    if (drawn === undefined) continue;
    for (const [name, bytes] of Object.entries(drawn.files)) writeFileSync(path.join(place.folder, name), bytes);
    const declared = await declare(`B${i}`, file, drawn, random, place);
    if (declared === undefined) continue;
    foreign.push(declared);
    const derived = random.chance(0.4) ? derive(declared, random) : undefined;
    if (derived !== undefined) foreign.push(derived);
  }
  return foreign.length === 0 ? undefined : drawModel(seed, random, foreign, place.folder);
}

/** The network with those of its ports that can be declared; undefined where an input is not among them. */
async function declare(name: string, file: string, { files, inner }: DrawnFile, random: Random, { inspect }: Workplace): Promise<Foreign | undefined> {
  const said = await inspect(file);
  let unknown = 0;
  const ports = (kind: string, all: readonly Inspected[]): (Port | undefined)[] =>
    all.map((port, i) => {
      const type = typeOf(port, () => `?${unknown++}`);
      const range = kind === 'out' && random.chance(0.4) ? rangeOf(port) : undefined;
      return type && { name: `${kind}${i}`, from: port.name, type, ...(range === undefined ? {} : { said: range }) };
    });
  const inputs = ports('in', said.inputs);
  // Of axes without elements there is no greatest one: most operators refuse them, and some kernels end the process.
  const outputs = ports('out', said.outputs).filter((port) => port !== undefined && port.type.dims.every((n) => numberOf(n) !== 0)) as Port[];
  const taps = ports('tap', (said.inner?.tensors ?? []).filter((tensor) => inner.includes(tensor.name))).filter((port) => port !== undefined && port.type.dims.every((n) => numberOf(n) !== 0)) as Port[];
  if (outputs.length === 0 || !inputs.every((port) => port !== undefined)) return undefined;
  return { name, file, files, inputs, outputs, taps };
}

/** The same network with other values in the place of a tensor. */
function derive(base: Foreign, random: Random): Foreign | undefined {
  const ports = base.taps.filter(({ type }) => type.dtype === 'f32' || type.dtype === 'i64');
  if (ports.length === 0) return undefined;
  const port = random.pick(ports);
  const tap: Step = { type: port.type, args: [], isName: true, exact: true, print: () => port.name, compute: (_, { inputs }) => inputs.get(port.name)! };
  const value = growAlike({ ...random, steps: [tap] }, tap);
  return value === tap ? undefined : { ...base, name: `D${base.name}`, replaced: { base, port, tap, value } };
}

// ---------------------------------------------------------------- the model

const modelSizes = ['m', 'n', 'k'];

async function drawModel(seed: number, random: Random, foreign: readonly Foreign[], folder: string): Promise<Project> {
  const inputs: Input[] = [];
  const scope: Scope = { ...random, steps: [] };
  for (const network of foreign) for (let i = random.chance(0.25) ? 2 : 1; i > 0; i--) callForeign(scope, network, inputs);
  const carried = random.chance(0.25) ? drawState(scope, inputs) : undefined;
  const parts: Part[] = [];
  const made: Step[] = [];
  for (let i = 0; i < random.int(3, 9); i++) {
    const step = random.chance(0.5) ? drawCall(scope, parts, 4) : grow(scope);
    if (step !== undefined) made.push(step);
  }
  const fields = scope.steps.filter((step) => step.of !== undefined);
  const chosen = new Set([...made.filter(() => random.chance(0.5)), ...made.slice(-1), ...fields.filter(() => random.chance(0.3))]);
  if (chosen.size === 0) chosen.add(random.pick(fields));
  // One value under two names, or an input as it is.
  const twice = random.chance(0.15) ? [random.pick([...chosen])] : [];
  const given = random.chance(0.15) ? scope.steps.filter((step) => step.isName === true && step.of === undefined).slice(0, 1) : [];
  const outputs = [...chosen, ...twice, ...given].map((step, i) => ({ name: `y${i}`, step }));
  const states = carried === undefined ? [] : [carried];
  const body = printBody(scope, [...outputs, ...states.map(({ next }) => ({ step: next }))].map(({ step }) => step));
  const used = inputs.filter(({ name }) => [...body.lines, ...body.results].some((line) => new RegExp(`\\b${name}\\b`).test(line)));
  const isCalled = ({ name }: Foreign): boolean => body.lines.some((line) => line.includes(`= ${name}(`));
  const called = foreign.filter((network) => isCalled(network) || foreign.some((other) => other.replaced?.base === network && isCalled(other)));
  const usedParts = parts.filter((part) => [...body.lines, ...body.results].some((line) => new RegExp(`\\b${part.name}\\b`).test(line)));
  for (const { calls } of usedParts) usedParts.push(...new Set(calls.filter((part) => !usedParts.includes(part))));
  const text = [
    ...called.map(printBackbone),
    ...usedParts.map(printPart),
    `model M {\n${used.map(({ name, type }) => `  input ${name}: ${showType(type)}\n`).join('')}${states.map(({ name, type, init }) => `  state ${name}: ${showType(type)} = ${init}\n`).join('')}${body.lines.map((line) => `  ${line}\n`).join('')}${outputs.map(({ name }, i) => `  output ${name} = ${body.results[i]}\n`).join('')}${states.map(({ name }, i) => `  next ${name} = ${body.results[outputs.length + i]}\n`).join('')}}\n`,
  ].join('\n');
  const files = Object.fromEntries([...called.flatMap((network) => Object.entries(network.files)), ...usedParts.flatMap(({ name, file }) => (file === undefined ? [] : [[`${name}.safetensors`, safetensorsOf(file)] as const]))]);
  return { seed, text, files, folder, inputs: used, outputs, states };
}

/** Of the type of an input, with which the next is made, so that its sizes are known. */
function drawState(scope: Scope, inputs: readonly Input[]): State | undefined {
  const alike = inputs.filter(({ type }) => type.dtype === 'f32' && type.dims.every((n) => numberOf(n) !== undefined || bareName(n) !== undefined));
  if (alike.length === 0) return undefined;
  const { name: of, type } = scope.pick(alike);
  const input = scope.steps.find((step) => step.isName === true && step.print([]) === of)!;
  const state: Step = { type, args: [], isName: true, print: () => 'state0', compute: (_, { inputs: given }) => given.get('state0')! };
  for (let tries = 0; tries < 40; tries++) {
    const inner: Scope = { ...scope, steps: [state, input] };
    const both = grow(inner, ['+', '-', '*', 'Max', 'Min']);
    if (both === undefined || both.args.length < 2 || both.args[0] === both.args[1] || showType(both.type) !== showType(type)) continue;
    const next = scope.chance(0.5) ? growAlike(inner, both) : both;
    scope.steps.push(...inner.steps);
    return { name: 'state0', type, init: scope.pick([0, 1, -0.5]), next };
  }
  return undefined;
}

const inlined = (step: Step): string => step.print(step.args.map(inlined));

function printBackbone({ name, file, inputs, outputs, taps, replaced }: Foreign): string {
  if (replaced !== undefined) return `backbone ${name} @ 1.0.0 = ${replaced.base.name} {\n  replace ${replaced.port.name} = ${inlined(replaced.value)}\n}\n`;
  const declared = new Map<string, string>();
  // A size that the file does not tell is one that it chooses.
  const shown = (type: TensorType): string => showType(type).replaceAll(/\?(\d+)/g, (_, which: string) => {
    const before = declared.get(which);
    if (before !== undefined) return before;
    declared.set(which, `u${which}`);
    return `some u${which}`;
  });
  const lines = [
    ...inputs.map((port) => `  input ${port.name}: ${shown(port.type)} from ${JSON.stringify(port.from)}`),
    ...outputs.map((port) => `  output ${port.name}: ${shown(port.type)}${port.said === undefined ? '' : ` where ${port.said}`} from ${JSON.stringify(port.from)}`),
    ...taps.map((port) => `  tap ${port.name}: ${shown(port.type)} from ${JSON.stringify(port.from)}`),
  ];
  return `backbone ${name} @ 1.0.0 {\n  source "./${file}"\n${lines.join('\n')}\n}\n`;
}

/** Calls the network with inputs of the model; its outputs become values. */
function callForeign(scope: Scope, network: Foreign, inputs: Input[]): void {
  const place = new Set(scope.steps.map(({ of }) => of?.name)).size;
  const by: Record<string, Size> = {};
  for (const { type } of network.inputs) for (const name of type.dims.flatMap(namesIn)) by[name] ??= scope.chance(0.15) ? size(scope.int(1, 4)) : size(scope.pick(modelSizes));
  const changed = (step: Step): Step => (scope.chance(0.3) ? growAlike(scope, step) : step);
  const args = network.inputs.map(({ type }): Step => {
    const wanted = { ...type, dims: type.dims.map((n) => substitute(n, by)) };
    const same = scope.steps.filter(({ exact, type: own }) => exact === true && own.dtype === wanted.dtype && own.dims.length === wanted.dims.length && own.dims.every((n, i) => sameSize(n, wanted.dims[i]!)));
    if (same.length > 0 && scope.chance(0.5)) return changed(scope.pick(same));
    const name = `i${inputs.length}`;
    inputs.push({ name, type: wanted });
    const step: Step = { type: wanted, args: [], isName: true, exact: true, print: () => name, compute: (_, { inputs: given }) => given.get(name)! };
    scope.steps.push(step);
    return changed(step);
  });
  const call: Call = { name: `f${place}`, args, print: (texts) => `${network.name}(${texts.join(', ')})` };
  let unknown = 0;
  const fresh = new Map<string, Size>();
  const sizeIn = (n: Size): Size => {
    const name = bareName(n);
    if (name === undefined || !name.startsWith('?')) return substitute(n, by);
    if (!fresh.has(name)) fresh.set(name, size(`?${call.name}${unknown++}`));
    return fresh.get(name)!;
  };
  const ports = [...network.outputs, ...network.taps].filter(({ type }) => type.dims.every((n) => (numberOf(sizeIn(n)) ?? 1) > 0));
  for (const port of ports) {
    scope.steps.push({
      type: { ...port.type, dims: port.type.dims.map(sizeIn) },
      args,
      isName: true,
      exact: true,
      of: call,
      print: () => `${call.name}.${port.name}`,
      compute: async (values, run) => ofItsType(port, (await callOnce(call, network, values, run)).get(port.from)!, network, run),
    });
  }
}

export class CannotRun extends Error {}

/** Behind a replaced number, from which sizes may have been computed, the runtime tests them; what has others is left out. */
function ofItsType({ type }: Port, tensor: Tensor, { replaced }: Foreign, run: Run): Tensor {
  if (replaced?.port.type.dtype === 'i64') run.found.push({ mode: 'reject', broken: 'perhaps' });
  if (type.dims.some((n, axis) => (numberOf(n) ?? tensor.dims[axis]) !== tensor.dims[axis])) throw new CannotRun('it has other sizes than it is declared to have');
  return tensor;
}

async function callOnce(call: Call, network: Foreign, values: readonly Tensor[], run: Run): Promise<Answers> {
  const found = run.calls.get(call.name);
  if (found !== undefined) return found;
  const answers = (async () => {
    // Another network's answers are certain only as it stands alone; and what operators make of NaN is not known of all.
    if (!values.every(isExact)) throw new CannotRun('a network is given what is not certain');
    const given = new Map(network.inputs.map(({ from }, i) => [from, values[i]!]));
    const replaced = await replacement(network, given, run);
    const { file, more, put } = replaced ?? { file: wholeFile(network, run), more: [], put: [] };
    for (const [name, value] of more) given.set(name, value);
    const answer = await runFile(file, given);
    if (typeof answer === 'string') throw new CannotRun(answer);
    if (run.level === 'disabled') return new Map([...answer, ...put]);
    const optimised = await runFile(file, given, 'all');
    if (typeof optimised === 'string' || ![...answer].every(([name, value]) => sameNumbers(value, optimised.get(name)!))) throw new CannotRun('it answers otherwise when it is optimised');
    return new Map([...answer, ...put].map(([name, value]) => [name, around(value)]));
  })();
  run.calls.set(call.name, answers);
  return answers;
}

const sameNumbers = (a: Tensor, b: Tensor): boolean => a.low.every((value, i) => Object.is(value, b.low[i]) || value === b.low[i]);

/** What a network that answers the same optimised and not may answer as a piece of a larger one: 16 units of the last place of its greatest element. */
function around(tensor: Tensor): Tensor {
  if (!isFloat(tensor.dtype)) return tensor;
  const most = tensor.low.reduce((a, b) => (Number.isFinite(b) ? Math.max(a, Math.abs(b)) : a), 0);
  return build(tensor.dtype, tensor.dims, (i) => widen(tensor.dtype, endsOf(tensor, i), 16, most));
}

/** A network in halves: up to the tensor, and from what is put in its place. */
async function replacement({ replaced, file, files, taps }: Foreign, given: Answers, run: Run): Promise<{ readonly file: string; readonly more: Answers; readonly put: Answers } | undefined> {
  if (replaced === undefined) return undefined;
  const { base, port, value } = replaced;
  const first = await runFile(wholeFile(base, run), given);
  if (typeof first === 'string') throw new CannotRun(first);
  const put = await computeStep(value, { ...run, inputs: new Map([[port.name, first.get(port.from)!]]) }, new Map());
  const second = path.join(run.folder, `second-half-${file}`);
  writeFileSync(second, withInstead(withOutputs(files[file]!, taps.map(({ from }) => from)), port.from, port.type.dtype));
  // Whoever asks for the tensor gets what stands in its place, as the network's own nodes do.
  return { file: second, more: new Map([insteadOf(put)]), put: new Map([[port.from, put]]) };
}

/** The network's own file; with its taps as outputs, and initialisers that nobody gives as constants, as a file beside it. */
function wholeFile({ file, files, taps }: Foreign, { folder }: Run): string {
  const tapped = path.join(folder, `tapped-${file}`);
  writeFileSync(tapped, withOutputs(files[file]!, taps.map(({ from }) => from)));
  return tapped;
}

// ---------------------------------------------------------------- runs

type Sizes = Readonly<Record<string, number>>;

/** Random numbers for the inputs, at random sizes. */
export function drawSizes(random: Random): Sizes {
  return Object.fromEntries(modelSizes.map((name) => [name, random.int(1, 4)]));
}

export function drawFeeds(project: Project, random: Random, sizes: Sizes): Answers {
  return new Map(
    project.inputs.map(({ name, type: { dtype, dims } }) => {
      const shape = dims.map((n) => valueOf(n, sizes));
      const number = (): number => (dtype === 'bool' ? random.int(0, 1) : dtype.startsWith('f') ? random.int(-512, 512) / 256 : dtype === 'u8' ? random.int(0, 100) : random.int(0, 2));
      return [name, build(dtype, shape, () => { const value = number(); return [value, value]; })];
    }),
  );
}

/** The states of the first run. */
export const firstStates = ({ states }: Project, sizes: Sizes): Answers =>
  new Map(states.map(({ name, type, init }) => [name, build(type.dtype, type.dims.map((n) => valueOf(n, sizes)), () => [init, init])]));

export interface Expected {
  readonly outputs: Answers;
  /** The states of the next run. */
  readonly states: Answers;
  readonly found: Run['found'];
}

/** What the model's outputs are; throws `CannotRun` where a network refuses its inputs. */
export async function answersOf(project: Project, inputs: Answers, how: Pick<Run, 'level' | 'weights'> = { level: 'disabled' }): Promise<Expected> {
  const run: Run = { folder: project.folder, inputs, found: [], calls: new Map(), ...how };
  const known = new Map<Step, Promise<Tensor>>();
  const answers = new Map<string, Tensor>();
  const states = new Map<string, Tensor>();
  for (const { name, step } of project.outputs) answers.set(name, await computeStep(step, run, known));
  for (const { name, next } of project.states) states.set(name, await computeStep(next, run, known));
  return { outputs: answers, states, found: run.found };
}
