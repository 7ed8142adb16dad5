/** A fit in closed form: where the frozen rest of the dataflow is run once on the data, and its vectors are matched. */
import { chooseLogistic, collectTraining, fitHead, foldsOf, leastResidualRows, neighbourHead, prototypeHead, relativeRepresentation, simplestNearBest, spreadOut, temperatureHead, type Criterion, type Features, type FittedAdapter, type HeadData, type Kernels, type Score, type ScoredHead, type WeightTensor } from '../../align/index.ts';
import type { Applied, CheckedFit, ColumnTerm, Term, WeightedLoss } from '../../check/tools/index.ts';
import { calledBy } from '../../check/tools/terms.ts';
import type { LoweredTerms, WatchedCall } from '../../check/tools/lower.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import { constantOf } from '../../types/dim.ts';
import { besideLarge } from './beside-large.ts';
import { fitBridges, productsFor, type TriedBridge } from './bridges.ts';
import { classesOf, numberRowsOf, type Tables } from '../data/columns.ts';
import type { Table } from '../data/table.ts';
import { refuse } from '../errors.ts';
import { requireMemory } from '../memory.ts';
import { namingRow, pairsOfRows, piecesOfRows, rowsInMemory, wholeOf, type FeatureRows } from '../data/feature-rows.ts';
import { featureRowsOf } from '../data/features.ts';
import { formOf, gap, isSame, openPart, withTail, type Form, type Tail } from './form.ts';
import { fitResidual } from './residual.ts';
import { doubtOfBridge, doubtOfHead, doubtOfNumbers } from './doubt.ts';
import type { Doubt, Solved, Tried } from './solved.ts';
import { differentOf, groupColumn, groupsOf, unitsOf, type Divided } from '../data/units.ts';
import type { Workbench } from '../workbench.ts';

/** What of a loss a closed form looks at. */
interface Plan {
  readonly loss: WeightedLoss;
  readonly prediction: Term;
  readonly target: Term;
}

export async function solve(fit: CheckedFit, tables: Tables, bench: Workbench): Promise<Solved> {
  const plan = planOf(fit);
  const { lowered, call } = lowerFit(fit, plan, bench);
  const request = { lowered, call, part: fit.target, parameters: fit.weights.parameters, location: fit.location, seed: fit.seed };
  const opened = await openPart(request, bench);
  try {
    const form = await formOf(request, opened, bench.kernels);
    const { x, y } = await frozen(fit, plan, lowered, call, tables, bench);
    // A label that is none is told before how few the rows are.
    const labelled = plan.loss.name === 'cross_entropy' ? labelsFor(fit, plan, form, tables) : undefined;
    const divided = dividedRows(fit, lowered, tables);
    const fitted = labelled !== undefined ? await fitClasses(fit, labelled, { x: inMemory(x, fit, bench), ...divided }, form, tables, bench) : await fitVectors(fit, { x, y: y ?? (plan.target === plan.prediction ? x : numberRowsOf(plan.target as ColumnTerm, tables)), ...divided }, form, tables, bench);
    const { adapter, ...told } = fitted;
    const count = { rows: x.rows, different: divided.different };
    if (adapter === undefined) return { lowered, ...count, ...told };
    const difference = await gap(adapter, fitted.weights, form.tail, x.read(0, Math.min(x.rows, 64)), opened, bench.kernels);
    if (!isSame(difference)) refuse(toolkitCodes.finding('fit-form', { name: fit.target.name, why: `with the weights of \`${adapter.method}\` it differs by ${difference.toPrecision(2)} from what was fitted` }), fit.location);
    return { lowered, ...count, ...told };
  } finally {
    await opened.close();
  }
}

// ---------------------------------------------------------------- the plan

/** What the loss compares with is of no concern to these: it only says of which vectors. */
const looksAtNoTarget: readonly string[] = ['standardise', 'whitening', 'relative'];
const closedLosses: readonly string[] = ['mse', 'cosine', 'cross_entropy'];

function planOf({ loss: losses, method, target, frozen: still }: CheckedFit): Plan {
  const notes = ['Closed forms minimise `mse`, `cosine` or `cross_entropy` alone.'];
  const [loss] = losses;
  if (still.size > 0) refuse(toolkitCodes.finding('fit-unsupported', { what: '`freeze` in closed form' }, ['Learn by gradient: `method adam`, or `auto`.']), method.location);
  if (losses.length > 1) refuse(toolkitCodes.finding('fit-unsupported', { what: 'a sum of losses' }, notes), losses[1]!.location);
  if (!closedLosses.includes(loss!.name)) refuse(toolkitCodes.finding('fit-unsupported', { what: `\`${loss!.name}\`` }, notes), loss!.location);
  if (method.name === 'lbfgs' && loss!.name !== 'cross_entropy') refuse(toolkitCodes.finding('fit-unsupported', { what: '`lbfgs` in closed form' }), method.location);
  // A head in closed form takes the loss as it is: beside a penalty that is given a factor makes another minimum.
  if (method.name === 'lbfgs' && Number(method.options.get('penalty') ?? 0) > 0 && loss!.weight !== 1) refuse(toolkitCodes.finding('fit-unsupported', { what: 'a factor before a loss in closed form' }), loss!.location);
  const smoothing = loss!.options.get('label_smoothing');
  if (loss!.options.get('class_weight') === 'balanced') refuse(toolkitCodes.finding('fit-unsupported', { what: '`class_weight`' }, ['Learn by gradient: `method adam`, or `auto`.']), loss!.location);
  if (smoothing !== undefined && smoothing !== 0) refuse(toolkitCodes.finding('fit-unsupported', { what: '`label_smoothing` in closed form' }, ['Learn by gradient: `method adam`, or `auto`.']), loss!.location);
  const [first, second] = [...loss!.inputs.values()];
  const isSecond = first!.kind === 'column' || (calledBy(second!).includes(target) && !calledBy(first!).includes(target));
  const [prediction, other] = isSecond ? [second!, first!] : [first!, second!];
  if (calledBy(other).includes(target) && looksAtNoTarget.includes(method.name)) return { loss: loss!, prediction, target: prediction };
  if (calledBy(other).includes(target)) refuse(toolkitCodes.finding('fit-unsupported', { what: `a loss of which both sides depend on \`${target.name}\`` }), loss!.location);
  if (loss!.name === 'cross_entropy' && other.kind !== 'column') refuse(toolkitCodes.finding('fit-unsupported', { what: '`cross_entropy` against anything but a column' }), other.location);
  return { loss: loss!, prediction, target: other };
}

/** The part's call alone, whose answer the loss looks at as it is; what is anything else is refused. */
export function lowerFit(fit: CheckedFit, { prediction, target }: Pick<Plan, 'prediction' | 'target'>, { lowerTerms }: Workbench): { readonly lowered: LoweredTerms; readonly call: WatchedCall } {
  const part = fit.target;
  const outputs = new Map([['prediction', prediction], ...(target.kind === 'column' || target === prediction ? [] : [['target', target] as const])]);
  const lowered = lowerTerms({ tool: fit, name: part.name, outputs, watched: (symbol) => symbol === part, unfitted: part });
  const tool = `\`fit ${part.name}\``;
  if (typeof lowered === 'string') return refuse(toolkitCodes.finding('tool-open', { tool, why: lowered }), fit.location);
  const [call, ...others] = lowered.calls;
  const whole = lowered.model.program.outputs.find((port) => port.name === 'prediction')!;
  if (others.length > 0) refuse(toolkitCodes.finding('fit-form', { name: part.name, why: 'it is called on several values, and has one set of weights' }), fit.location);
  if (call?.inputs.length !== 1 || call.result === undefined) return refuse(toolkitCodes.finding('fit-form', { name: part.name, why: 'it takes more than one tensor, or gives a record' }), fit.location);
  if (call.result.value !== whole.value) refuse(toolkitCodes.finding('fit-form', { name: part.name, why: 'the loss looks at what other parts make of its answer' }, [`Write the loss over \`${part.name}(…)\` itself: closed forms match vectors, which also is what holds up; see docs/fit.md.`]), prediction.location);
  return { lowered, call };
}

/** The features that are learned from, and those that are aimed at where no column holds them. */
async function frozen(fit: CheckedFit, { target }: Plan, lowered: LoweredTerms, call: WatchedCall, tables: Tables, bench: Workbench): Promise<{ readonly x: FeatureRows; readonly y: FeatureRows | undefined }> {
  const rows = rowsOf(lowered, target, tables);
  const x = { ...call.inputs[0]!, name: 'x' };
  const y = lowered.model.outputs.find((port) => port.name === 'target');
  const value = lowered.model.program.outputs.find((port) => port.name === 'target')?.value;
  const outputs = y?.type.kind === 'tensor' && value !== undefined ? [x, { name: 'y', type: y.type, value }] : [x];
  const [features, targets] = await featureRowsOf({ lowered, outputs, tables, rows, words: `the data of fit ${fit.target.name}`, location: fit.location }, bench);
  return { x: features!, y: targets };
}

function dividedRows({ seed, location }: CheckedFit, lowered: LoweredTerms, tables: Tables): Divided {
  const units = unitsOf(lowered.columns.values(), tables);
  const { size } = new Set(units);
  const what = groupsOf(tables) === undefined ? `different example${size === 1 ? '' : 's'}` : `group${size === 1 ? '' : 's'} by \`${groupColumn}\``;
  const reason = `it has ${size} ${what}, and cross-validation needs 5`;
  return { units, different: differentOf(units, lowered.columns.values(), tables), folds: foldsOf(units, seed) ?? refuse(toolkitCodes.finding('data-rows', { file: [...tables.values()][0]!.name, reason }), location) };
}

const rowsOf = (lowered: LoweredTerms, target: Term, tables: Tables): number => {
  const column = [...lowered.columns.values()][0] ?? (target as ColumnTerm);
  return tables.get(column.data)!.rows;
};

/** All columns of a fit are of one file, or of files with as many rows, of which the first is named. */
const tableOf = (tables: Tables): Table => [...tables.values()][0]!;

/** Heads in closed form look at all rows: at their own, four fifths of them, and both about their means. */
function inMemory(x: FeatureRows, { target, location }: CheckedFit, { memory }: Workbench): Features {
  requireMemory({ what: `the rows of \`fit ${target.name}\``, rows: x.rows, columns: x.columns, times: 4, notes: ['Learn by gradient, which reads the rows of each step as it needs them: `method adam`.'] }, memory, location);
  return wholeOf(x);
}

// ---------------------------------------------------------------- learning

interface Fitted extends Pick<Solved, 'method' | 'settings' | 'scores' | 'measure' | 'tried' | 'written' | 'refused' | 'doubt' | 'besideLarge'> {
  /** Undefined where a gradient had a part in it. */
  readonly adapter: FittedAdapter | undefined;
  readonly weights: readonly WeightTensor[];
}

interface Folded extends Divided {
  readonly x: Features;
}

async function fitVectors(fit: CheckedFit, { x, y, folds, units, different }: Divided & { readonly x: FeatureRows; readonly y: FeatureRows }, form: Form, tables: Tables, bench: Workbench): Promise<Fitted> {
  const { seed, method, location } = fit;
  const { kernels } = bench;
  if (method.name === 'relative') return fitAnchors(fit, x, form, tables);
  const collected = await collectTraining(kernels, pairsOfRows(x, y, `the data of fit ${fit.target.name}, summed up`, bench.progress), { seed, folds, different, products: productsFor({ ...method, hasBias: form.hasBias }, x.columns, y.columns) });
  const training = collected.ok ? collected.value : refuse(namingRow(collected.finding, tableOf(tables), x, y), location);
  const request = { name: method.name, options: method.options, place: form.place, hasBias: form.hasBias, placed: (rows: Features) => withTail(rows, form.tail), location: method.location, part: fit.target.name };
  const { tried, measure, ...bridges } = await fitBridges({ kernels, seed }, training, request);
  const refused = [...bridges.refused];
  const candidates: Candidate[] = tried.map((bridge) => ({ ...candidateOf(bridge), bridge }));
  const lambda = tried.find(({ adapter }) => adapter.method === 'ridge')?.adapter.settings['lambda'];
  if (method.name === 'auto' && form.rest.length > 0 && lambda !== undefined) {
    if (different < leastResidualRows) refused.push(`\`residual\` was not tried on ${different} examples: it needs ${leastResidualRows}.`);
    else candidates.push({ ...(await fitResidual({ fit, form, training, folds, units, different, lambda, tables }, bench)), adapter: undefined });
  }
  if (measure !== undefined) return { ...alone(candidates[0]!, measure), refused };
  const by = criterionOf(fit, form, y);
  const simplest = simplestNearBest(candidates, by);
  const spread = by === 'direction' && method.name === 'auto' && form.hasBias && spreadTails.includes(form.tail) && simplest.bridge ? await spreadOut(kernels, training, simplest.bridge, request.placed) : undefined;
  const { score, direction, bridge: _, ...chosen } = spread === undefined ? simplest : candidateOf({ ...spread, weights: form.place(spread.adapter)! });
  const beside = { besideLarge: penalised.includes(chosen.method) && !(Number(method.options.get('lambda') ?? 0) > 0) ? besideLarge(training) : undefined };
  if (by === 'score') {
    const scores = { [explaining]: score.mean, 'its standard error': score.standardError };
    const shown = candidates.map((one) => ({ method: one.method, score: one.score.mean, standardError: one.score.standardError }));
    return { ...chosen, scores, measure: explaining, tried: shown, refused, ...beside, ...doubted(doubtOfNumbers(explaining, score)) };
  }
  return {
    ...chosen,
    scores: { [pointing]: direction.mean, 'its standard error': direction.standardError, 'cross-validated R²': score.mean, 'standard error of the R²': score.standardError },
    measure: pointing,
    tried: candidates.map(pointedBy),
    ...(spread === undefined || spread === simplest.bridge ? {} : { written: { ...pointedBy(spread), spread: spread.adapter.settings['spread']! } }),
    refused,
    ...beside,
    ...doubted(doubtOfBridge(direction, score)),
  };
}

/** Methods with a penalty that they choose by themselves, or that begin with ridge. */
const penalised: readonly string[] = ['ridge', 'low-rank', 'residual'];

const doubted = (doubt: Doubt | undefined): Pick<Fitted, 'doubt'> => (doubt === undefined ? {} : { doubt });

/** What bridges are compared by: see `judgeBridge`. */
const pointing = 'cross-validated cosine';
/** What maps to numbers are compared by: of rows left out it falls as `mse` rises. */
const explaining = 'cross-validated R²';

/**
 * A head that is held to numbers is to come near them, and where one number points from the mean is only its sign. Behind a
 * step such as `l2_normalize` the numbers of the map are others than those of the part.
 */
const criterionOf = ({ target, loss }: CheckedFit, { tail }: Form, y: FeatureRows): Criterion =>
  tail === 'nothing' && (y.columns === 1 || (target.declaration.role === 'head' && loss[0]!.name === 'mse')) ? 'score' : 'direction';

/** Steps behind the map that leave a spread to see, or take it away: of scores that become shares it says how sure they are. */
const spreadTails: readonly Tail[] = ['nothing', 'unit length'];

const pointedBy = ({ method, direction, score }: Pick<Candidate, 'method' | 'direction' | 'score'>): Tried => ({ method, score: direction.mean, standardError: direction.standardError, explained: score.mean });

/** A method that looks at no target is compared with no other. */
function alone({ method, settings, adapter, weights, score }: Candidate, measure: string): Omit<Fitted, 'refused'> {
  const { mean, standardError } = score;
  return { method, settings, adapter, weights, scores: { [measure]: mean, 'its standard error': standardError }, measure, tried: [{ method, score: mean, standardError }] };
}

interface Candidate extends Pick<Fitted, 'method' | 'settings' | 'adapter' | 'weights'> {
  readonly score: Score;
  readonly direction: Score;
  /** Undefined where a gradient had a part in it. */
  readonly bridge?: TriedBridge;
}

const candidateOf = ({ adapter, score, direction, weights }: TriedBridge): Candidate => ({ method: adapter.method, settings: adapter.settings, adapter, weights, score, direction });

/** Rows of the data as anchors: as many as are asked for, or as the part has room for. Nothing is scored: what they are worth shows the head that is trained on them. */
function fitAnchors({ method, seed, target, weights, location }: CheckedFit, x: FeatureRows, form: Form, tables: Tables): Fitted {
  const room = weights.parameters.find(({ dims }) => dims.length === 2)?.dims[0];
  const anchors = Number(method.options.get('anchors')) || room;
  const found = anchors === undefined ? undefined : relativeRepresentation(piecesOfRows(x), { anchors, seed });
  if (found?.ok === false) return refuse(namingRow(found.finding, tableOf(tables), x), location);
  const adapter = found?.value;
  const placed = adapter && form.place(adapter);
  if (adapter === undefined || placed === undefined)
    return refuse(toolkitCodes.finding('fit-form', { name: target.name, why: `its parameters are not those of anchors in ${x.columns} numbers` }, ['It should call `relative_representation(anchors: 64)` of "std/adapters", and the method take as many: `relative(anchors: 64)`, or none.']), location);
  return { method: adapter.method, settings: adapter.settings, adapter, weights: placed, scores: { anchors: anchors! }, measure: 'anchors', tried: [{ method: adapter.method, score: anchors!, standardError: 0 }], refused: [] };
}

type Labelled = Pick<HeadData, 'labels' | 'classes' | 'names'>;

function labelsFor({ target: part, location }: CheckedFit, { prediction, target }: Plan, form: Form, tables: Tables): Labelled {
  const axis = prediction.type.kind === 'tensor' ? prediction.type.shape.axes.at(-1) : undefined;
  const names = axis?.classes?.values;
  const classes = names?.length ?? (axis && constantOf(axis.size));
  if (classes === undefined || form.tail !== 'softmax') return refuse(toolkitCodes.finding('fit-form', { name: part.name, why: 'a head that tells classes apart ends in `softmax`, over as many as are known' }), location);
  return { labels: classesOf(target as ColumnTerm, { count: classes, ...(names === undefined ? {} : { names }) }, tables), classes, names };
}

async function fitClasses(fit: CheckedFit, { labels, classes, names }: Labelled, { x, folds }: Folded, form: Form, tables: Tables, { kernels }: Workbench): Promise<Fitted> {
  const { seed, method, location } = fit;
  const data = { x, labels, classes, names, folds };
  const found = await fitHeadBy(method, kernels, data, seed);
  const { head, accuracy, loss } = found.ok ? found.value : refuse(namingRow(found.finding, tableOf(tables), rowsInMemory(x)), location);
  const weights = form.place(head);
  if (weights === undefined) return refuse(toolkitCodes.finding('fit-form', { name: fit.target.name, why: `its parameters are not those of a map from ${x.columns} numbers to ${classes} classes` }), location);
  return {
    method: head.method,
    settings: head.settings,
    adapter: head,
    weights,
    scores: { 'cross-validated accuracy': accuracy.mean, 'its standard error': accuracy.standardError, 'cross-validated loss': loss.mean },
    measure: 'cross-validated accuracy',
    tried: [{ method: head.method, score: accuracy.mean, standardError: accuracy.standardError }],
    refused: [],
    ...doubted(doubtOfHead(accuracy, loss, labels, classes)),
  };
}

function fitHeadBy({ name, options }: Applied, kernels: Kernels, data: HeadData, seed: number): Promise<Outcome<ScoredHead>> {
  const penalty = Number(options.get('penalty') ?? 0);
  if (name === 'prototypes') return prototypeHead(kernels, data, seed);
  if (name === 'neighbours') return neighbourHead(kernels, data, seed, Number(options.get('k')));
  if (name === 'temperature') return temperatureHead(kernels, data, seed);
  return penalty > 0 ? fitHead(kernels, data, seed, penalty) : chooseLogistic(kernels, data, seed);
}
