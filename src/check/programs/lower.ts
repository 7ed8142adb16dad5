/** A checked model to a program: calls are followed into their bodies, equal calls become one node. */
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import { fail, locate, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { FileRange, ForeignModel, Tensor } from '../../ir/graph.ts';
import type { Initializer, Port, Program } from '../../ir/program.ts';
import { dropUnused } from '../../ir/passes/drop-unused.ts';
import { transposeBytes } from '../../ir/scalar.ts';
import { verify } from '../../ir/verify.ts';
import type { Symbol } from '../../names/modules.ts';
import { sizesIn, type AttributeValues, type Operator, type OperatorCall } from '../../ops/operator.ts';
import type { ModelDecl } from '../../syntax/ast.ts';
import type { Location } from '../../text/source.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import { bytesOf, dtypes, type DType } from '../../types/dtype.ts';
import type { TensorType } from '../../types/type.ts';
import { evaluateModel, modelEnv, type ModelValues } from '../models/check-model.ts';
import { reportTooLarge } from '../expressions/collect.ts';
import type { Callable, Checker } from '../context.ts';
import { addConstant, assumedInfo, infoOf, once, unique, type Draft } from './draft.ts';
import { emitCalls } from './emission.ts';
import { followFrom, type Deep, type Guard, type GuardCounts, type Parameter, type Sink, type Swaps } from '../env.ts';
import { guardPorts, type GuardPorts } from '../joints/guard-ports.ts';
import type { CheckedModel, CheckedPort } from '../model.ts';
import { reconcileOpsets } from './opsets.ts';
import type { JointTensor } from '../joints/places.ts';
import { templatesInto } from '../expressions/templates.ts';
import type { Value } from '../expressions/values.ts';
import { areGiven, settleDemands } from '../types/size-facts.ts';
import { staticDims } from '../parts/weight-types.ts';
import { weightsOf, weightSource } from '../parts/weights.ts';

export interface Lowered extends Pick<ModelValues, 'inputs' | 'outputs'>, Pick<GuardPorts, 'guards' | 'needless'> {
  readonly states: CheckedModel['states'];
  readonly places: readonly JointTensor[];
  readonly demands: CheckedModel['demands'];
  readonly program: Program;
}

/**
 * Lowers a model whose check found no error, with parts in the place of others. Opsets that cannot be joined are reported.
 * Undefined where bodies could not be followed to their ends, or do not fit what they are called with, which is reported.
 */
export function lowerModel(symbol: Symbol<ModelDecl>, checker: Checker, swaps?: Swaps): Lowered | undefined {
  const before = checker.diagnostics.length;
  const draft = createDraft(symbol, checker);
  const deep: Deep = { ...followFrom(symbol, programSink(draft), undefined), swaps };
  const values = evaluateModel(symbol, modelEnv(symbol, checker, () => {}, undefined, deep), (port) => unique(port, draft));
  if (reportTooLarge(symbol, deep, checker) || checker.diagnostics.slice(before).some(({ severity }) => severity === 'error')) return undefined;
  const demands = settleDemands(draft.demands, values.inputs, checker);
  if (demands === undefined) return undefined;
  const given = [...values.inputs, ...values.states];
  const ports = new Set([...given, ...values.outputs].flatMap((port) => tensorsOf(port.name, port.type).map(([name]) => name)));
  const states = values.states.map((state) => ({ ...state, value: state.next, next: claim(`next.${state.name}`, ports) }));
  const nexts = states.map(({ next, type, value }) => ({ name: next, type, value }));
  const { program, guards, needless, places } = assemble(draft, { ...symbol.declaration, name: symbol.name }, given, [...values.outputs, ...nexts], ports);
  return { ...values, states, guards, needless, places, demands, program };
}

export const createDraft = (symbol: Symbol, checker: Checker, unfitted?: Symbol): Draft => ({
  checker,
  symbol,
  ...(unfitted === undefined ? {} : { unfitted }),
  steps: [],
  needless: [],
  given: [],
  demands: [],
  places: [],
  initializers: [],
  weights: new Map(),
  types: new Map(),
  made: new Map(),
  names: new Set(),
});

type GivenPort = Pick<CheckedPort, 'name' | 'type' | 'doc'>;
type MadePort = GivenPort & { readonly value: Value };

export interface Assembled extends Omit<GuardPorts, 'ports'> {
  readonly program: Program;
  /** Tensors of joints by the program's values. */
  readonly places: readonly JointTensor[];
  /** The program's names for values of the draft. */
  readonly nameOf: (value: string) => string;
}

/** The program of a draft; `ports` are the names that are taken. */
export function assemble(draft: Draft, { name, doc }: { readonly name: string; readonly doc?: string | undefined }, given: readonly GivenPort[], made: readonly MadePort[], ports: Set<string>): Assembled {
  const inputs = given.flatMap((port) => portsOf(port.name, port.type, port.doc, (tensor) => tensor));
  for (const port of given) for (const [tensor, type] of tensorsOf(port.name, port.type)) draft.types.set(tensor, infoOf(type));
  const outputs = made.flatMap((port) =>
    portsOf(port.name, port.type, port.doc, (_, field) => (port.value.kind === 'record' ? port.value.refs?.get(field ?? '') : port.value.kind === 'tensor' ? port.value.ref : undefined) ?? ''),
  );
  const { guards, needless, ports: hidden } = guardPorts(draft, outputs, (wanted) => claim(wanted, ports));
  const opsets = reconcileOpsets(draft);
  const { steps, nameOf } = emitCalls(draft, opsets.get('')!);
  const program: Program = {
    name,
    ...(doc === undefined ? {} : { doc }),
    inputs,
    outputs: [...outputs, ...hidden].map((port) => ({ ...port, value: nameOf(port.value) })),
    steps,
    initializers: draft.initializers,
    types: draft.types,
    opsets,
  };
  const places = draft.places.map((tensor) => ({ ...tensor, value: nameOf(tensor.value) }));
  return { guards, needless, places, program: finish(program), nameOf };
}

/** A name that no port has, for an output of which the source does not speak. */
function claim(wanted: string, ports: Set<string>): string {
  let name = wanted;
  for (let n = 2; ports.has(name); n++) name = `${wanted}_${n}`;
  ports.add(name);
  return name;
}

const passes: readonly ((program: Program) => Program)[] = [dropUnused];

/** Runs the passes, the verifier between them. */
const finish = (program: Program): Program => passes.reduce((before, pass) => sound(pass(before)), sound(program));

/** What the verifier finds is a bug of this compiler, and no program to go on with. */
function sound(program: Program): Program {
  const faults = verify(program);
  if (faults.length > 0) throw new Error(`the program of ${program.name} is malformed: ${faults.join('; ')}`);
  return program;
}

const tensorsOf = (name: string, type: ModelValues['inputs'][number]['type']): [string, TensorType, string?][] =>
  type.kind === 'tensor' ? [[name, type]] : type.kind === 'record' ? [...type.fields].map(([field, t]) => [`${name}.${field}`, t, field]) : [];

function portsOf(name: string, type: ModelValues['inputs'][number]['type'], doc: string | undefined, valueOf: (name: string, field?: string) => string): Port[] {
  return tensorsOf(name, type).map(([port, tensor, field]) => ({
    name: port,
    value: valueOf(port, field),
    ...(doc === undefined ? {} : { doc }),
    ...labelsOf(tensor),
  }));
}

function labelsOf({ shape }: TensorType): Pick<Port, 'labels'> {
  const labels = shape.axes.map((axis) => axis.label);
  return labels.some((label) => label !== undefined) ? { labels } : {};
}

export function programSink(draft: Draft): Sink {
  const sink: Sink = {
    sound: true,
    onlyParameters: false,
    templates: draft.checker.templates,
    body: templatesInto(() => sink),
    operation: (operator, inputs, attributes, types, site) => addCall(draft, operator, inputs, attributes, types, site),
    link: (callee, model, inputs, outputs, site) => addLink(draft, callee, model, inputs, outputs, site),
    parameter: (parameter) => addParameter(draft, parameter),
    constant: (values, type) => addConstant(draft, values, typeof type.dtype === 'string' ? type.dtype : 'f32', staticDims(type) ?? []),
    guard: (value, guard, counts) => addGuard(draft, value, guard, counts),
    given: (type) => void draft.given.push(type),
    demand: (demand) => {
      const isTested = areGiven(demand.fact, draft.given);
      if (isTested) draft.demands.push(demand);
      return isTested;
    },
    place: (tensor) => void draft.places.push(tensor),
    needless: (guard, evidence) => void draft.needless.push({ guard, evidence }),
  };
  return sink;
}

/** The nodes of a call depend on the opset, which is known once all backbones are. */
function addCall(draft: Draft, operator: Operator, inputs: readonly string[], attributes: AttributeValues, types: Parameters<Sink['operation']>[3], site: Location): string {
  const { field } = types;
  return once(JSON.stringify(['call', operator.name, inputs, [...attributes], field]), draft, () => {
    const value = `call ${draft.steps.length}`;
    const call = { inputs, attributes, types: types.inputs, output: types.output, ...(field === undefined ? {} : { field }) };
    draft.steps.push({ kind: 'call', operator, value, call, site });
    reportOpenSizes(operator, call, site, draft);
    return value;
  });
}

/** The same demand on the same value is one guard. */
function addGuard(draft: Draft, of: string, guard: Guard, counts: GuardCounts | undefined): string {
  return once(JSON.stringify(['guard', of, demandOf(guard)]), draft, () => {
    const value = `guard ${draft.steps.length}`;
    draft.steps.push({ kind: 'guard', value, of, guard, ...(counts === undefined ? {} : { counts }) });
    return value;
  });
}

/** What is demanded, whoever demands it. */
function demandOf({ fact }: Guard): unknown {
  if (fact.kind === 'shape') return fact;
  const { evidence: _, location: __, ...demand } = fact;
  return demand;
}

/** Sizes become constants of the program: they cannot depend on its inputs. */
function reportOpenSizes(operator: Operator, call: OperatorCall, site: Location, { checker }: Draft): void {
  for (const [name, value] of call.attributes) {
    const open = sizesIn(value).find((size) => constantOf(size) === undefined);
    if (open === undefined || operator.takesOpenSize?.(name, call)) continue;
    const why = `\`${name}\` is ${showDim(open)}, which depends on the inputs of the model; it has to be a number here`;
    checker.diagnostics.push(partCodes.report('operator-type', { operator: `onnx.${operator.name}`, why }, site, { label: 'called here', notes: [closedSizes[operator.name] ?? 'The input of the model that tells this size says it as a number: `f32[batch, 10]`.'] }));
  }
}

/** What serves in the place of a size that each run decides. */
const closedSizes: Readonly<Record<string, string>> = {
  Slice: 'Where each run decides how long an axis is, a slice begins and ends at a number, at the end, or so many before it: `2`, `n`, `n - 2`, `min(n, 128)`. Any other place needs an input of the model that says the size as a number, `f32[batch, 10]`.',
};

function addLink(draft: Draft, callee: Symbol, model: ForeignModel, inputs: ReadonlyMap<string, string>, outputs: ReadonlyMap<string, TensorType>, site: Location): ReadonlyMap<string, string> {
  const key = JSON.stringify(['link', callee.module.uri, callee.name, [...inputs]]);
  const made = [...outputs.keys()];
  // A second call of the same may ask for other tensors: that is another link, which computes nothing twice.
  const name = once(`${key} ${JSON.stringify(made)}`, draft, () => unique(callee.name, draft));
  const values = new Map(made.map((onnx) => [onnx, once(`${key} ${JSON.stringify(made)} ${onnx}`, draft, () => unique(`${name}/${onnx}`, draft))]));
  if (!draft.steps.some((step) => step.kind === 'link' && step.name === name)) {
    const ofPart = callee.declaration.kind === 'PartDecl' ? { ofPart: true as const } : {};
    draft.steps.push({ kind: 'link', name, model, inputs: new Map(inputs), outputs: values, ...ofPart, origin: site });
    for (const [onnx, type] of outputs) draft.types.set(values.get(onnx)!, assumedInfo(type, values.get(onnx)!));
  }
  return values;
}

function addParameter(draft: Draft, parameter: Parameter): string {
  const owner = parameter.owner as Symbol<Callable>;
  return once(JSON.stringify(['param', owner.module.uri, owner.name, parameter.path]), draft, () => {
    const name = unique(`${owner.name}/${parameter.path}`, draft);
    draft.initializers.push({ name, ...(owner === draft.unfitted ? unlearned(parameter) : stored(owner, parameter, draft)) });
    draft.types.set(name, infoOf(parameter.type));
    return name;
  });
}

function stored(owner: Symbol<Callable>, parameter: Parameter, { checker, weights }: Draft): Omit<Initializer, 'name'> {
  const held = weights.get(owner) ?? weightsOf(owner, checker)!;
  weights.set(owner, held);
  const { uri, tensor, transposed } = weightSource(owner, parameter.path, held)!;
  const range = { uri, offset: tensor.offset, length: tensor.length };
  return { dtype: tensor.dtype, dims: staticDims(parameter.type)!, bytes: transposed ? turned(range, tensor, parameter.site, checker) : range, weights: uri };
}

function unlearned({ type }: Parameter): Omit<Tensor, 'name'> {
  const [dtype, dims] = [type.dtype as DType, staticDims(type)!];
  return { dtype, dims, bytes: new Uint8Array(bytesOf(dtype, dims.reduce((product, dim) => product * dim, 1))) };
}

/** A matrix of a file, turned; where the file has become unreadable that is reported, and the program is not used. */
function turned(range: FileRange, tensor: { dtype: Tensor['dtype']; dims: readonly number[] }, site: Location, checker: Checker): Uint8Array {
  const bytes = readRange(range, checker);
  if (!bytes.ok) {
    checker.diagnostics.push(locate(bytes.finding, site));
    return new Uint8Array(range.length);
  }
  return transposeBytes(bytes.value, tensor.dims[0]!, tensor.dims[1]!, dtypes[tensor.dtype].bits / 8);
}

function readRange({ uri, offset, length }: FileRange, { host }: Checker): Outcome<Uint8Array> {
  const gone = (reason: string) => fail(fileCodes.finding('file-unreadable', { path: host.display(uri), reason }));
  const source = host.open(uri);
  if (!source.ok) return source;
  try {
    const bytes = source.value.read(offset, length);
    return bytes.length === length ? succeed(bytes) : gone('it has become shorter');
  } catch (error) {
    return gone(error instanceof Error ? error.message : String(error));
  } finally {
    source.value.close();
  }
}
