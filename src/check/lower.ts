/** A checked model to a program: calls are followed into their bodies, equal calls become one node. */
import { fileCodes } from '../diagnostics/codes/files.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import { fail, locate, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import type { FileRange, Tensor, TensorInfo } from '../ir/graph.ts';
import type { Link, Operation, Port, Program } from '../ir/program.ts';
import { dropUnused } from '../ir/passes/drop-unused.ts';
import { scalarBytes, transposeBytes } from '../ir/scalar.ts';
import { verify } from '../ir/verify.ts';
import type { Symbol } from '../names/modules.ts';
import { toAttribute, type AttributeValues, type Operator } from '../ops/operator.ts';
import type { BackboneDecl, ModelDecl, PartDecl } from '../syntax/ast.ts';
import { relativePath } from '../text/paths.ts';
import { positionAt, type Location } from '../text/source.ts';
import { dtypes } from '../types/dtype.ts';
import type { TensorType } from '../types/type.ts';
import { backboneFile } from './backbone.ts';
import { evaluateModel, modelEnv, type ModelValues } from './check-model.ts';
import type { Checker } from './context.ts';
import { followFrom, type Parameter, type Sink } from './env.ts';
import { staticDims } from './weight-types.ts';
import { weightSource } from './weights.ts';

export interface Lowered extends ModelValues {
  readonly program: Program;
}

/** The newest opset that every checker in use reads; taken where no backbone says otherwise. */
const defaultOpset = 17;

/** What has been built so far. */
interface Draft {
  readonly checker: Checker;
  readonly model: Symbol<ModelDecl>;
  readonly steps: (Operation | Link)[];
  readonly initializers: Tensor[];
  readonly types: Map<string, TensorInfo>;
  /** Structure to result, so that equal calls are made once. */
  readonly made: Map<string, string>;
  readonly names: Set<string>;
  /** Which operators there are, and the opsets that they need. */
  readonly operators: { readonly operator: Operator; readonly since: number; readonly site: Location }[];
}

/** Lowers a model whose check found no error. Opsets that cannot be joined are reported. */
export function lowerModel(symbol: Symbol<ModelDecl>, checker: Checker): Lowered {
  const draft: Draft = {
    checker,
    model: symbol,
    steps: [],
    initializers: [],
    types: new Map(),
    made: new Map(),
    names: new Set(),
    operators: [],
  };
  const deep = followFrom(symbol, programSink(draft), undefined);
  const values = evaluateModel(symbol, modelEnv(symbol, checker, () => {}, undefined, deep), (port) => unique(port, draft));
  const inputs = values.inputs.flatMap((port) => portsOf(port.name, port.type, port.doc, (name) => name));
  for (const port of values.inputs) for (const [name, type] of tensorsOf(port.name, port.type)) draft.types.set(name, infoOf(type));
  const outputs = values.outputs.flatMap(({ name, type, doc, value }) =>
    portsOf(name, type, doc, (_, field) => (value.kind === 'record' ? value.refs?.get(field ?? '') : value.kind === 'tensor' ? value.ref : undefined) ?? ''),
  );
  const program: Program = {
    name: symbol.name,
    ...(symbol.declaration.doc === undefined ? {} : { doc: symbol.declaration.doc }),
    inputs,
    outputs,
    steps: draft.steps,
    initializers: draft.initializers,
    types: draft.types,
    opsets: reconcileOpsets(draft),
  };
  return { ...values, program: finish(program) };
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
  return tensorsOf(name, type).map(([port, , field]) => ({ name: port, value: valueOf(port, field), ...(doc === undefined ? {} : { doc }) }));
}

const infoOf = (type: TensorType): TensorInfo => ({
  dtype: typeof type.dtype === 'string' ? type.dtype : undefined,
  dims: type.shape.rest === undefined ? type.shape.axes.map((axis) => axis.size) : undefined,
});

function unique(name: string, draft: Draft): string {
  let candidate = name;
  for (let n = 2; draft.names.has(candidate); n++) candidate = `${name}#${n}`;
  draft.names.add(candidate);
  return candidate;
}

/** What equal structure has made before, or what `make` makes now. */
function once(key: string, draft: Draft, make: () => string): string {
  const known = draft.made.get(key);
  if (known !== undefined) return known;
  const value = make();
  draft.made.set(key, value);
  return value;
}

function programSink(draft: Draft): Sink {
  return {
    operation: (operator, inputs, attributes, types, site) => addOperation(draft, operator, inputs, attributes, types, site),
    link: (backbone, inputs, outputs, site) => addLink(draft, backbone, inputs, outputs, site),
    parameter: (parameter) => addParameter(draft, parameter),
    scalar: (value, type) => addScalar(draft, value, type),
  };
}

function addOperation(draft: Draft, operator: Operator, inputs: readonly string[], written: AttributeValues, types: Parameters<Sink['operation']>[3], site: Location): string {
  const attributes = operator.emit?.(written, types.inputs[0]!.shape.axes.length) ?? written;
  return once(JSON.stringify([operator.name, inputs, [...attributes]]), draft, () => {
    const name = unique(`${sourcePosition(site, draft)}/${operator.name}`, draft);
    draft.steps.push({
      kind: 'operation',
      name,
      op: operator.name,
      domain: '',
      inputs,
      outputs: [name],
      attributes: new Map([...attributes].map(([key, value]) => [key, toAttribute(operator.attributes[key]!, value)])),
      origin: site,
    });
    draft.types.set(name, infoOf(types.output));
    draft.operators.push({ operator, since: operator.since(types.inputs, written), site });
    return name;
  });
}

function addLink(draft: Draft, backbone: Symbol<BackboneDecl>, inputs: ReadonlyMap<string, string>, outputs: ReadonlyMap<string, TensorType>, site: Location): ReadonlyMap<string, string> {
  const model = backboneFile(backbone, draft.checker)!.model;
  const key = JSON.stringify(['link', backbone.module.uri, backbone.name, [...inputs]]);
  const name = once(key, draft, () => unique(backbone.name, draft));
  const values = new Map([...outputs.keys()].map((onnx) => [onnx, once(`${key} ${onnx}`, draft, () => unique(`${name}/${onnx}`, draft))]));
  if (!draft.steps.some((step) => step.kind === 'link' && step.name === name)) {
    draft.steps.push({ kind: 'link', name, model, inputs, outputs: values, origin: site });
    for (const [onnx, type] of outputs) draft.types.set(values.get(onnx)!, infoOf(type));
  }
  return values;
}

function addParameter(draft: Draft, parameter: Parameter): string {
  const owner = parameter.owner as Symbol<PartDecl>;
  return once(JSON.stringify(['param', owner.module.uri, owner.name, parameter.path]), draft, () => {
    const source = weightSource(owner, parameter.path, draft.checker)!;
    const { uri, tensor } = source;
    const range = { uri, offset: tensor.offset, length: tensor.length };
    const name = unique(`${owner.name}/${parameter.path}`, draft);
    const dims = staticDims(parameter.type)!;
    draft.initializers.push({ name, dtype: tensor.dtype, dims, bytes: source.transposed ? turned(range, tensor, parameter.site, draft.checker) : range });
    draft.types.set(name, infoOf(parameter.type));
    return name;
  });
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

function addScalar(draft: Draft, value: number, type: TensorType): string {
  const dtype = typeof type.dtype === 'string' ? type.dtype : 'f32';
  // JSON knows neither -0 nor infinities.
  const written = Object.is(value, -0) ? '-0' : String(value);
  return once(JSON.stringify(['scalar', dtype, written]), draft, () => {
    const name = unique(`constant/${dtype}/${written}`, draft);
    draft.initializers.push({ name, dtype, dims: [], bytes: scalarBytes(dtype, value) });
    draft.types.set(name, infoOf(type));
    return name;
  });
}

/** `heads.mdl:11:8`, relative to the model's folder: the same on every machine. */
function sourcePosition(site: Location, draft: Draft): string {
  const module = draft.checker.modules.scopes.get(site.uri)!;
  const { line, character } = positionAt(module.source, site.span.start);
  return `${relativePath(site.uri, draft.model.module.uri)}:${line + 1}:${character + 1}`;
}

// ---------------------------------------------------------------- opsets

/** Every domain's version is what the first file that imports it says; another one is reported. */
function reconcileOpsets(draft: Draft): ReadonlyMap<string, number> {
  const { checker, model } = draft;
  const first = new Map<string, { readonly version: number; readonly step: Link }>();
  for (const step of draft.steps) {
    if (step.kind !== 'link') continue;
    for (const [domain, version] of step.model.opsets) {
      const known = first.get(domain);
      if (known === undefined) first.set(domain, { version, step });
      else if (known.version !== version) checker.diagnostics.push(opsetConflict(model.name, domain, known.step, step, checker));
    }
  }
  const opsets = new Map([...first].map(([domain, { version }]) => [domain, version]));
  if (!opsets.has('')) opsets.set('', defaultOpset);
  for (const { operator, since, site } of draft.operators) {
    const args = { operator: operator.name, since, opset: opsets.get('')! };
    if (since <= args.opset) continue;
    const file = first.get('')?.step.model.uri;
    const notes = file === undefined ? [] : [`The opset is that of ${checker.host.display(file)}: export it with opset ${since} or later.`];
    checker.diagnostics.push(partCodes.report('opset-too-old', args, site, { label: `needs opset ${since}`, notes }));
  }
  return opsets;
}

function opsetConflict(model: string, domain: string, first: Link, second: Link, { host }: Checker) {
  const version = (link: Link): string => `${domain === '' ? 'opset' : `${domain} opset`} ${link.model.opsets.get(domain)}`;
  const show = (link: Link): string => `${host.display(link.model.uri)} (${version(link)})`;
  return partCodes.report('opset-conflict', { model, first: show(first), second: show(second) }, second.origin, {
    label: version(second),
    related: [{ location: first.origin, text: version(first) }],
    notes: ['Files of different opsets cannot be joined yet; export both with the same opset.'],
  });
}
