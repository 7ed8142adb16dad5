/** The manifest of a checked model. */
import { manifestFormat, type Manifest, type ManifestBackbone, type ManifestDim, type ManifestEnds, type ManifestFact, type ManifestFile, type ManifestGuard, type ManifestHead, type ManifestPort, type ManifestRows, type ManifestState, type ManifestSize, type ManifestTensor, type ManifestWeights } from '../bundle/manifest.ts';
import type { ManifestGolden, ManifestRollout } from '../bundle/rollout.ts';
import { costsOf } from '../check/models/costs.ts';
import type { CheckedGuard, CheckedModel, CheckedPort, Joint } from '../check/model.ts';
import { positionAt, type Location, type SourceText } from '../text/source.ts';
import { sizesTested } from '../check/types/size-facts.ts';
import { constantOf, showDim, type Dim } from '../types/dim.ts';
import type { Ends, Fact } from '../types/fact.ts';
import { roundingOf } from '../types/rounding.ts';
import { showElementType } from '../types/show.ts';
import type { Axis, ElementType, TensorType, Type } from '../types/type.ts';
import { describeCosts } from '../ir/costs/describe.ts';
import { relativePath } from '../text/paths.ts';
import { leftToCpu } from './provider-gaps.ts';

export interface ManifestContext {
  readonly compiler: string;
  readonly sources: ReadonlyMap<string, SourceText>;
  /** The foreign files and modules that the model was made from. */
  readonly files: readonly ManifestFile[];
  readonly tokenizers: Readonly<Record<string, ManifestFile>>;
  readonly data?: readonly ManifestFile[];
  readonly heads?: readonly ManifestHead[];
  readonly weights?: ManifestWeights;
  readonly rows?: ManifestRows;
  readonly golden?: readonly ManifestGolden[];
  readonly rollouts?: readonly ManifestRollout[];
}

/** What of a manifest travels in the ONNX file itself: all that does not describe files of the bundle. */
export function describeInterface(model: CheckedModel, sources: ReadonlyMap<string, SourceText>): Pick<Manifest, 'inputs' | 'outputs' | 'states' | 'sizes' | 'guards' | 'backbones' | 'joints'> {
  return {
    inputs: model.inputs.map((port) => describePort(port, true)),
    outputs: model.outputs.map((port) => describePort(port, false)),
    ...(model.states.length === 0 ? {} : { states: model.states.map(describeState) }),
    ...describeSizes(model),
    ...(model.guards.length === 0 ? {} : { guards: model.guards.map((guard) => describeGuard(guard, model, sources)) }),
    ...(model.backbones.length === 0 ? {} : { backbones: model.backbones.map((backbone) => describeBackbone(backbone, model, sources)) }),
    joints: model.joints.map((joint) => describeJoint(joint, model, sources)),
  };
}

/** Describes a model whose ONNX file has been composed. */
export function createManifest(model: CheckedModel, onnx: ManifestFile, context: ManifestContext): Manifest {
  const { data = [], heads = [], weights, rows, golden = [], rollouts = [] } = context;
  const left = leftToCpu(model.program);
  const { joints, guards, backbones, ...ports } = describeInterface(model, context.sources);
  return {
    format: manifestFormat,
    compiler: context.compiler,
    model: model.name,
    ...(model.doc === undefined ? {} : { doc: model.doc }),
    onnx,
    ...(data.length === 0 ? {} : { data }),
    ...(heads.length === 0 ? {} : { heads }),
    ...(rows === undefined ? {} : { rows }),
    opsets: Object.fromEntries([...model.program.opsets].sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(left === undefined ? {} : { leftToCpu: left }),
    ...ports,
    tokenizers: context.tokenizers,
    ...(weights === undefined ? {} : { weights }),
    ...(backbones === undefined ? {} : { backbones }),
    joints,
    ...(guards === undefined ? {} : { guards }),
    costs: describeModelCosts(model),
    ...(model.budget.length === 0 ? {} : { budget: model.budget.map(({ device, ...limit }) => ({ ...limit, ...(device === undefined ? {} : { device }) })) }),
    ...(golden.length === 0 ? {} : { golden }),
    ...(rollouts.length === 0 ? {} : { rollouts }),
    sources: context.files,
  };
}

function describeModelCosts(model: CheckedModel): NonNullable<Manifest['costs']> {
  const costs = costsOf(model);
  return { ...describeCosts(costs), parts: costs.parts.map((part) => ({ name: part.name, kind: part.kind, ...describeCosts(part) })) };
}

const describeBackbone = ({ card, uri, location, ...said }: CheckedModel['backbones'][number], model: CheckedModel, sources: ReadonlyMap<string, SourceText>): ManifestBackbone => ({
  ...said,
  at: positionOf(location, model, sources),
  source: relativePath(uri, model.uri),
  card: Object.fromEntries(card),
});

const describeState = ({ name, doc, type, next, init }: CheckedModel['states'][number]): ManifestState => ({
  name,
  ...(doc === undefined ? {} : { doc }),
  tensor: describeTensor(name, type),
  next,
  init: init.dims.length === 0 ? init.values[0]! : init.values,
});

function describePort(port: CheckedPort, input: boolean): ManifestPort {
  const { type } = port;
  const contract = type.kind === 'unknown' ? undefined : type.contract;
  const tokenizer = input ? tokenizerOf(type) : undefined;
  return {
    name: port.name,
    ...(port.doc === undefined ? {} : { doc: port.doc }),
    ...(contract === undefined ? {} : { contract }),
    ...(type.kind === 'tensor' ? { tensor: describeTensor(port.name, type) } : {}),
    ...(type.kind === 'record' ? { fields: Object.fromEntries([...type.fields].map(([name, field]) => [name, describeTensor(`${port.name}.${name}`, field)])) } : {}),
    ...(tokenizer === undefined ? {} : { tokenizer }),
  };
}

/** The key of the tokenizer that makes an input: `name@version`. */
function tokenizerOf(type: Type): string | undefined {
  // A text becomes the ids of one record; which of several records it would be for, nobody says.
  const own = type.kind === 'record' && [...type.fields.keys()].every((path) => !path.includes('.'));
  const tensors = type.kind === 'record' ? (own ? [...type.fields.values()] : []) : type.kind === 'tensor' ? [type] : [];
  const fact = tensors.flatMap((t) => t.facts).find((f) => f.kind === 'tokenizer');
  return fact?.kind === 'tokenizer' ? `${fact.nominal.name}@${fact.nominal.version}` : undefined;
}

export function describeTensor(onnx: string, type: TensorType): ManifestTensor {
  return {
    onnx,
    dtype: showElementType(type.dtype),
    dims: type.shape.axes.map(describeAxis),
    facts: type.facts.flatMap((fact) => {
      const described = describeFact(fact, type.dtype);
      return described ? [{ ...described, evidence: fact.evidence, ...(fact.evidence === 'measured' && fact.because !== undefined ? { because: fact.because } : {}) }] : [];
    }),
  };
}

function describeSizes(model: CheckedModel): Pick<Manifest, 'sizes'> {
  const sizes = sizesTested(model).map(({ fact, by }): ManifestSize => ({ left: describeSize(fact.left), op: fact.op, right: describeSize(fact.right), by }));
  return sizes.length === 0 ? {} : { sizes };
}

export const describeSize = (size: Dim): number | string => constantOf(size) ?? showDim(size);

function describeAxis(axis: Axis): ManifestDim {
  return {
    size: describeSize(axis.size),
    ...(axis.label === undefined ? {} : { label: axis.label }),
    ...(axis.classes === undefined ? {} : { classes: axis.classes.values }),
  };
}

const describeEnds = ({ low, high }: Ends): ManifestEnds => ({ low: low === -Infinity ? '-inf' : low, high: high === Infinity ? 'inf' : high });

function describeFact(fact: Fact, dtype: ElementType): ManifestFact | undefined {
  switch (fact.kind) {
    case 'range':
      return { kind: 'range', ...describeEnds(fact), ...(fact.rows ? { rows: { axis: fact.rows.axis, ends: fact.rows.ends.map(describeEnds) } } : {}) };
    case 'norm':
    case 'sum': {
      const tolerance = Math.max(fact.tolerance, roundingOf(dtype));
      return { kind: fact.kind, axis: fact.axis, value: fact.value, tolerance };
    }
    case 'space':
    case 'tokenizer':
      return { kind: fact.kind, id: fact.nominal.id, version: fact.nominal.version };
    case 'attribute':
      return { kind: 'attribute', id: fact.attribute.id, value: fact.value };
    case 'size':
      // In the manifest's own list, beside those that joints demand.
      return undefined;
    case 'mean':
    case 'std':
      // Statements about a data set, not about one batch.
      return undefined;
    default:
      return { kind: fact.kind };
  }
}

function describeJoint(joint: Joint, model: CheckedModel, sources: ReadonlyMap<string, SourceText>): Manifest['joints'][number] {
  return {
    at: positionOf(joint.location, model, sources),
    from: joint.from,
    to: joint.to,
    requirements: joint.requirements,
  };
}

function describeGuard({ location, from, to, contract, what, violation, counts, outputs }: CheckedGuard, model: CheckedModel, sources: ReadonlyMap<string, SourceText>): ManifestGuard {
  return { at: positionOf(location, model, sources), from, to, ...(contract === undefined ? {} : { contract }), what, action: violation.mode, ...counts, outputs };
}

/** `heads.mdl:11:8`, relative to the model's folder: the same on every machine. */
export function positionOf({ uri, span }: Location, model: Pick<CheckedModel, 'uri'>, sources: ReadonlyMap<string, SourceText>): string {
  const source = sources.get(uri);
  const { line, character } = source ? positionAt(source, span.start) : { line: 0, character: 0 };
  return `${relativePath(uri, model.uri)}:${line + 1}:${character + 1}`;
}
