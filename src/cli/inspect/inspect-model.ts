/** What `mdl inspect` says of an ONNX file. */
import { plural } from '../../diagnostics/index.ts';
import type { Node, Tensor, TensorInfo } from '../../ir/graph.ts';
import { describeCosts, describeFigure } from '../../ir/costs/describe.ts';
import { graphCosts } from '../../ir/costs/index.ts';
import { inferModel, type InferenceEvidence, type InferredTensor } from '../../ir/infer/index.ts';
import type { ReadTensor } from '../../ir/infer/constants.ts';
import { givenRanges, graphFacts, type Interval } from '../../ir/infer/facts.ts';
import { lostAnswers, type LostAnswer } from '../../ir/infer/lost.ts';
import { metadataPrefix, type OnnxFile } from '../../onnx/index.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import { bytesOf } from '../../types/dtype.ts';
import { bodiesOf, type Body } from './inspect-bodies.ts';
import { describeFacts, showFacts, type DescribedFacts } from './inspect-facts.ts';
import type { Section } from '../commands/inspect.ts';
import { describeCostRows } from '../show/show-costs.ts';
import { showBytes } from '../show/show-bytes.ts';

interface DescribedType {
  readonly dtype: string | null;
  /** Numbers, and expressions over the inputs' names; null where not even the rank is known. */
  readonly dims: readonly (number | string)[] | null;
}
interface Described extends DescribedType {
  readonly name: string;
  /** Whether the type follows from the inputs' or rests on the file's word. */
  readonly evidence: InferenceEvidence;
  /** What the file says, where that cannot be. */
  readonly contradicts?: DescribedType;
  /** Of an output whose shape does not follow from the inputs': where that was lost. */
  readonly lost?: LostAnswer;
}
type DescribedTensor = Described & DescribedFacts;

/** What the caller vouches for: bounds of inputs by their names, and sizes by theirs. */
export interface Given {
  readonly ranges: ReadonlyMap<string, Interval>;
  readonly sizes: ReadonlyMap<string, number>;
}

/** `read` reads constants near the outputs. */
export function describeModel(file: OnnxFile, inner: boolean, { ranges, sizes }: Given, read?: ReadTensor) {
  const { graph } = file;
  const whole = inferModel(file, { sizes });
  const inferred = whole.tensors;
  const costs = graphCosts(file, { sizes });
  const facts = graphFacts(file, whole, { given: givenRanges(ranges), ...(read && { read }) });
  const ports = new Set([...graph.inputs, ...graph.outputs]);
  const named = (name: string): DescribedTensor => ({ ...describe(name, inferred.get(name)), ...describeFacts(name, inferred.get(name)?.dtype, facts.ask, ports.has(name)) });
  const lost = lostAnswers(file, graph.outputs);
  const weights = [...graph.initializers.values()];
  return {
    format: 'onnx' as const,
    irVersion: file.irVersion,
    producer: file.producer,
    opsets: Object.fromEntries(file.opsets),
    metadata: Object.fromEntries(file.metadata),
    inputs: graph.inputs.map(named),
    defaults: defaultsOf(file),
    outputs: graph.outputs.map((name) => ({ ...named(name), ...(lost.has(name) && { lost: lost.get(name)! }) })),
    nodes: graph.nodes.length,
    operators: countOperators(graph.nodes),
    weights: { tensors: weights.length, bytes: weights.reduce((sum, tensor) => sum + sizeOf(tensor), 0) },
    costs: { ...describeCosts(costs), macsByOperator: Object.fromEntries([...costs.byOperator].map(([op, macs]) => [op, describeFigure(macs)])) },
    ...(inner
      ? {
          inner: {
            nodes: graph.nodes.map(describeNode),
            tensors: [...inferred.keys()].filter((name) => !ports.has(name) && !graph.initializers.has(name)).map(named),
            bodies: bodiesOf(file, whole.scope, facts).map(describeBody),
            weights: weights.map(({ name, dtype, dims }) => ({ name, dtype, dims })),
          },
        }
      : {}),
  };
}

export function modelSections(model: ReturnType<typeof describeModel>): Section[] {
  const opsets = Object.entries(model.opsets).map(([domain, version]) => `${domain || 'onnx'} ${version}`);
  const about = [
    ['IR version', String(model.irVersion)],
    ['opsets', opsets.join(', ')],
    ...(model.producer === '' ? [] : [['made by', model.producer]]),
    ['weights', `${showBytes(model.weights.bytes)} in ${plural(model.weights.tensors, 'tensor')}`],
    ...Object.entries(model.metadata).map(([key, value]) => [key, showLine(key, value)]),
  ];
  const operators = Object.entries(model.operators).map(([name, count]) => [name, String(count)]);
  const typed = (tensors: readonly DescribedTensor[]) => tensors.map((tensor) => [tensor.name, showType(tensor), ...remarks(tensor)]);
  const { inner } = model;
  return [
    { title: 'model', rows: about },
    { title: 'inputs', rows: model.inputs.map((tensor) => [tensor.name, showType(tensor)]) },
    ...(model.defaults.length === 0 ? [] : [{ title: 'inputs with a value in the file, which are not fed', rows: shortened(model.defaults.map((tensor) => [tensor.name, showType(tensor)])) }]),
    { title: 'outputs', rows: typed(model.outputs) },
    { title: 'costs', rows: describeCostRows(model.costs) },
    { title: plural(model.nodes, 'node'), rows: operators },
    ...(inner === undefined
      ? []
      : [
          { title: 'each node', rows: inner.nodes.map(showNode) },
          { title: 'inner tensors', rows: typed(inner.tensors) },
          ...inner.bodies.flatMap(({ path, nodes, tensors }) => [
            { title: `inside ${path.join(', ')}`, rows: nodes.map(showNode) },
            { title: 'its tensors', rows: typed(tensors) },
          ]),
          { title: 'weights', rows: inner.weights.map((w) => [w.name, `${w.dtype}[${w.dims.join(', ')}]`]) },
        ]),
  ];
}

/** Files of before IR 4 list all their weights as inputs; since then such a weight is a default, which other callers may replace. */
const firstWithDefaults = 4;

function defaultsOf({ irVersion, layout, graph: { initializers } }: OnnxFile): readonly (DescribedType & { readonly name: string })[] {
  const stored = irVersion < firstWithDefaults ? [] : layout.inputs.flatMap(({ name }) => initializers.get(name) ?? []);
  return stored.map(({ name, dtype, dims }) => ({ name, dtype, dims }));
}

/** Some exporters keep every weight among the inputs. `--json` has all of them. */
const shownDefaults = 8;
const shortened = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  rows.length <= shownDefaults ? rows : [...rows.slice(0, shownDefaults), [`and ${rows.length - shownDefaults} more`]];

/** What `mdl build` records in a file is read by `mdl audit`; short lines of it, and what others wrote, is shown. */
const isRecord = (key: string, value: string): boolean => key.startsWith(metadataPrefix) && /^[[{]/.test(value);

/** Some files carry whole vocabularies: what nobody reads on a screen is cut. `--json` has all of it. */
const shownCharacters = 1000;

function showLine(key: string, value: string): string {
  const size = (): string => showBytes(Buffer.byteLength(value));
  if (isRecord(key, value)) return `a record of ${size()}`;
  return value.length <= shownCharacters ? value : `${value.slice(0, shownCharacters)}… (${size()} in all)`;
}

const describeNode = ({ name, op, domain, inputs, outputs }: Node) => ({ name, op: operatorName(op, domain), inputs, outputs });
const describeBody = ({ path, graph, tensors, factsOf }: Body) => ({
  path,
  nodes: graph.nodes.map(describeNode),
  tensors: tensors.map(({ name, known, evidence }): DescribedTensor => ({
    name,
    ...describeType({ dtype: known.dtype, dims: known.dims }),
    evidence,
    ...(factsOf === undefined ? { facts: [] } : describeFacts(name, known.dtype, factsOf, false)),
  })),
});

const showNode = (node: ReturnType<typeof describeNode>): readonly string[] => [node.name || '(unnamed)', node.op, `${node.inputs.join(', ')} -> ${node.outputs.join(', ')}`];

const describe = (name: string, tensor: InferredTensor | undefined): Described => ({
  name,
  ...describeType(tensor),
  evidence: tensor?.evidence ?? 'declared',
  ...(tensor?.contradicts && { contradicts: describeType(tensor.contradicts) }),
});

const describeType = (type: Partial<TensorInfo> | undefined): DescribedType => ({
  dtype: type?.dtype ?? null,
  dims: type?.dims?.map((dim) => constantOf(dim) ?? showDim(dim)) ?? null,
});

const showType = ({ dtype, dims }: DescribedType): string => `${dtype ?? '?'}${dims === null ? '' : `[${dims.join(', ')}]`}`;

/** Nothing is remarked of what follows from the inputs and is not denied. */
function remarks({ evidence, contradicts, facts, lost }: DescribedTensor): readonly string[] {
  const bounds = facts.length === 0 ? [] : [showFacts(facts)];
  if (contradicts !== undefined) return [...bounds, `the file says ${showType(contradicts)}, which cannot be`];
  const known = evidence === 'declared' ? [...bounds, 'declared'] : bounds;
  return lost === undefined ? known : [...known, `not inferred past ${lost.operator} (${lost.node || lost.tensor}): ${lost.why}`];
}

const operatorName = (op: string, domain: string): string => (domain === '' ? op : `${domain}.${op}`);

/** The commonest first. */
function countOperators(nodes: readonly Node[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { op, domain } of nodes) counts.set(operatorName(op, domain), (counts.get(operatorName(op, domain)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)));
}

const sizeOf = ({ bytes, dtype, dims }: Tensor): number =>
  bytes?.length ?? bytesOf(dtype, dims.reduce((product, dim) => product * dim, 1));
