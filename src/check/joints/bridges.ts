/**
 * Conversions that close a mismatch: casts, axes in another order, axes of one element, another range, the other order of
 * colours, division by the norm, and, with a warning, features left out or added. Each is tried on the type that was found,
 * and offered only where what comes out is all that is demanded. Nothing is inserted by itself.
 */
import type { Diagnostic, Edit, Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import { rangeOf } from '../../ops/range.ts';
import type { Expr } from '../../syntax/ast.ts';
import { noBindings } from '../../types/bindings.ts';
import { constantOf, equalDims, intDim } from '../../types/dim.ts';
import { dtypes, type DType } from '../../types/dtype.ts';
import { implying } from '../../types/implies.ts';
import { bindFrom, compareTensors, type FreeNames } from '../../types/match.ts';
import type { Axis, TensorType } from '../../types/type.ts';
import { inDoubt, only, stepOf, through, withFacts, type MakeSteps, type Step } from './bridge-steps.ts';
import { isPicture, resizedPicture, swapColors, toSigned, toUnit, transpose } from './image-steps.ts';
import { clip, divided, nearly, rescale } from './range-steps.ts';
import { reachesItsEnds } from './reached-ends.ts';
import { undoneSteps } from './undone-steps.ts';
import { isKind } from '../types/declarations.ts';
import type { Env } from '../env.ts';
import { foundAttribute } from '../expressions/attribute.ts';
import { importEdits } from '../imports.ts';
import { sayFix } from '../say-fixes.ts';

/** What may stand in a row; of a picture its range, in two steps where it is resized between, its colours, its size and its layout. */
const mostSteps = { ofPictures: 5, else: 3 };

/** Conversions for a mismatch, and whether an attribute of which nothing is known is still to be said behind them. */
export interface Bridges {
  readonly fixes: readonly Fix[];
  readonly leavesAttribute: boolean;
}
export const noBridges: Bridges = { fixes: [], leavesAttribute: false };

/**
 * The shortest row of conversions that makes the found tensor what is demanded; none where it is that already. A body is not
 * made to fit by features left out or added: there it is more likely that a number is wrong.
 */
export function bridgeFixes(wanted: TensorType, found: TensorType, free: FreeNames, expr: Expr, env: Env, isPromise = false): Bridges {
  // In a `fit` and its like only parts are called.
  if (!isKind(env.symbol, 'PartDecl', 'ModelDecl', 'BackboneDecl') || fits(wanted, found, free)) return noBridges;
  // What a fit makes in a body's place has no text behind which something could stand.
  if (isKind(env.symbol, 'PartDecl') && env.symbol.declaration.body === undefined) return noBridges;
  // Where rounding alone leads out of a range, no step lost anything.
  const isNear = clippedNear(wanted, found, free) !== undefined;
  const undone = isNear ? { fixes: [], alone: false } : undoneSteps(expr, wanted, env, (type) => (fits(wanted, type, free) ? '' : clippedNear(wanted, type, free)));
  const fixes = [...undone.fixes, ...(undone.alone ? [] : shortestRow(wanted, found, free, expr, env, isPromise))];
  const rest = withFacts(wanted, wanted.facts.filter((fact) => fact.kind !== 'attribute' || foundAttribute(found, fact) !== undefined));
  if (fixes.length > 0 || rest.facts.length === wanted.facts.length || fits(rest, found, free)) return { fixes, leavesAttribute: false };
  // Which colours a picture has nobody can make true: the rest is mended all the same.
  return { fixes: shortestRow(rest, found, free, expr, env, isPromise), leavesAttribute: true };
}

/** What is written behind a value that rounding alone leads out of the range that is demanded. */
function clippedNear(wanted: TensorType, type: TensorType, free: FreeNames): string | undefined {
  const [step] = clip(type, wanted).filter((each) => each.doubtful === undefined && fits(wanted, each.type, free));
  return step && ` |> ${step.text}`;
}

const isWhole = (row: readonly Step[]): boolean => row.every(({ until }, i) => until === undefined || row.slice(i + 1).some(({ title }) => title === until));

function shortestRow(wanted: TensorType, found: TensorType, free: FreeNames, expr: Expr, env: Env, isPromise: boolean): Fix[] {
  const usable = isPromise ? makers.filter((make) => make !== resized) : [...makers, pooledBy(env)];
  // Of bytes that were only divided, the ends are what somebody said by their element type.
  const first = reachesItsEnds(expr, env) ? withFacts(found, found.facts.map((fact) => (fact.kind === 'range' ? { location: at(env.scope.module, expr.span), ...fact } : fact))) : found;
  let rows: readonly (readonly Step[])[] = [[]];
  const most = isPicture(found) && isPicture(wanted) ? mostSteps.ofPictures : mostSteps.else;
  for (let length = 1; length <= most; length++) {
    rows = rows.flatMap((row) => {
      const last = row.at(-1)?.type ?? first;
      // The same conversion twice goes in a circle.
      return usable.flatMap((make) => make(last, wanted)).filter((step) => !row.some(({ title }) => title === step.title)).map((step) => [...row, step]);
    });
    const whole = rows.filter((row) => isWhole(row) && fits(wanted, row.at(-1)!.type, free)).flatMap((row) => fixOf(row, expr, env) ?? []);
    if (whole.length > 0) return whole.slice(0, 1);
  }
  return [];
}

/**
 * As `bridgeFixes`; where an input of fractions stands for a mask, it is said to be one, and cast then. Nobody but whoever feeds it knows whether it is.
 */
export function saidBridges(wanted: TensorType, found: TensorType, free: FreeNames, expr: Expr, env: Env): Bridges {
  const bridges = bridgeFixes(wanted, found, free, expr, env);
  const demand = wanted.facts.find(({ kind }) => kind === 'mask' || kind === 'prefix_mask');
  if (bridges.fixes.length > 0 || demand === undefined || typeof found.dtype !== 'string' || dtypes[found.dtype].class !== 'float' || implying(found, demand) !== undefined) return bridges;
  const [said] = sayFix(demand, found.facts, expr, env);
  const { fixes: [cast] } = bridgeFixes(wanted, withFacts(found, [...found.facts, { ...demand, evidence: 'declared' }]), free, expr, env);
  if (said === undefined || cast === undefined) return bridges;
  return { ...bridges, fixes: [{ title: `${said.title}, and ${cast.title}`, edits: [...said.edits, ...cast.edits] }] };
}

/** What is told while `judge` runs. Where one row of conversions mends all of it, it is told as one: the first, with the rest as notes. */
export function withBridges<T>(env: Env, bridges: () => Bridges, judge: (env: Env) => T): T {
  const told: Diagnostic[] = [];
  const verdict = judge({ ...env, report: (diagnostic) => void told.push(diagnostic) });
  const [first, ...rest] = told;
  if (first === undefined) return verdict;
  const { fixes: whole, leavesAttribute } = bridges();
  const staying = (diagnostic: Diagnostic): boolean => whole.length === 0 || (leavesAttribute && diagnostic.code === 'attribute-mismatch');
  const more = whole.filter(({ title }) => !first.fixes.some((fix) => fix.title === title));
  const besides = rest.filter((diagnostic) => !staying(diagnostic)).map(({ message }) => `Besides, ${message}.`);
  env.report(more.length + besides.length === 0 ? first : { ...first, notes: [...first.notes, ...besides], fixes: [...more, ...first.fixes].sort((a, b) => Number(a.doubtful ?? false) - Number(b.doubtful ?? false)) });
  for (const diagnostic of rest.filter(staying)) env.report(diagnostic);
  return verdict;
}

function fits(wanted: TensorType, found: TensorType, free: FreeNames): boolean {
  const bindings = noBindings();
  bindFrom(wanted, found, free, bindings);
  return compareTensors(wanted, found, bindings).length === 0 && wanted.facts.every((fact) => fact.kind === 'size' || implying(found, fact) !== undefined);
}

/** Whether `/ 255` may be written behind it. */
const bindsTightly = ({ kind }: Expr): boolean => kind === 'CallExpr' || kind === 'NameExpr' || kind === 'FieldExpr';

function fixOf(row: readonly Step[], expr: Expr, env: Env): Fix | undefined {
  const { host } = env.checker;
  const edits: Edit[] = [{ location: at(env.scope.module, { start: expr.span.end, end: expr.span.end }), text: row.map(({ text, operators }, i) => (operators !== undefined && i === 0 && bindsTightly(expr) ? operators : ` |> ${text}`)).join('') }];
  for (const { module, names } of row.flatMap(({ imports }) => (imports ? [imports] : []))) {
    const uri = host.standardModule(module);
    for (const name of names) {
      const more = uri === undefined || env.locals.has(name) ? undefined : importEdits(name, uri, env.scope.module, host);
      if (more === undefined) return undefined;
      edits.push(...more);
    }
  }
  const doubtful = row.some((step) => step.doubtful);
  return { title: row.map(({ title }) => title).join(', then '), edits: joined(edits), ...(doubtful ? { doubtful } : {}) };
}

/** What is inserted at one place, as one edit. */
function joined(edits: readonly Edit[]): readonly Edit[] {
  const places = new Map<string, Edit>();
  for (const edit of edits) {
    const key = `${edit.location.uri} ${edit.location.span.start}`;
    places.set(key, { ...edit, text: `${places.get(key)?.text ?? ''}${edit.text}` });
  }
  return [...places.values()];
}

// ---------------------------------------------------------------- steps

/** Of floats in a narrower dtype the last digits are lost; what does not fit into integers is not offered. */
const cast: MakeSteps = (found, { dtype: to }) => {
  const from = found.dtype;
  if (typeof from !== 'string' || typeof to !== 'string' || from === to || to === 'bool' || !isSafe(from, to, found)) return [];
  const rounds = dtypes[to].class === 'float' && dtypes[from].class === 'float' && dtypes[to].bits < dtypes[from].bits;
  return stepOf(`cast it to ${to}${rounds ? ', which rounds' : ''}`, `onnx.Cast(to: ${to})`, through('Cast', found, { to }));
};

/** Integers go where all of their numbers fit. */
function isSafe(from: DType, to: DType, found: TensorType): boolean {
  const [a, b] = [dtypes[from], dtypes[to]];
  if (b.class === 'float') return a.class === 'float' || a.class === 'bool' || a.bits <= 32 || b.bits === 64;
  if (b.class !== 'int' && b.class !== 'uint') return false;
  const { low, high } = rangeOf(found);
  const least = b.class === 'int' ? -(2 ** (b.bits - 1)) : 0;
  return low >= least && high < least + 2 ** b.bits && (a.class !== 'float' || implying(found, { kind: 'integer' }) !== undefined);
}

/** Axes of one element, put in or taken out where the other side has one more or one less. */
const squeeze: MakeSteps = (found, wanted) => {
  const [from, to] = [found.shape.axes, wanted.shape.axes];
  if (found.shape.rest || wanted.shape.rest || Math.abs(from.length - to.length) !== 1) return [];
  const isOne = ({ size }: Axis): boolean => constantOf(size) === 1;
  if (from.length < to.length) return to.flatMap((axis, i) => (isOne(axis) ? stepOf(`put in the axis ${i} of one element`, `onnx.Unsqueeze(axes: [${i}])`, through('Unsqueeze', found, { axes: [i] })) : []));
  return from.flatMap((axis, i) => (isOne(axis) ? stepOf(`take out its axis ${i} of one element`, `onnx.Squeeze(axes: [${i}])`, through('Squeeze', found, { axes: [i] })) : []));
};

/** Scores as probabilities, where nothing says that they are some kind of shares already. */
const softmax: MakeSteps = (found, wanted) => {
  const demand = wanted.facts.find((fact) => fact.kind === 'sum');
  // What a guard changes has been called shares by somebody.
  if (demand?.kind !== 'sum' || demand.value !== 1 || areShares(found, demand.axis) || wanted.facts.some(({ violation }) => violation !== undefined)) return [];
  return stepOf('make probabilities of it', `onnx.Softmax(axis: ${demand.axis})`, through('Softmax', found, { axis: demand.axis }));
};

/** Whether numbers lie above 0, in [0, 1] but for what rounding and tolerances add up to, or have a known sum: a softmax of such levels them. */
function areShares(found: TensorType, axis: number): boolean {
  const { low, high } = rangeOf(found);
  return low >= 0 || (low >= -nearly && high <= 1 + nearly) || found.facts.some((fact) => fact.kind === 'sum' && fact.axis === axis);
}

/** What the library's part promises. */
const promisedTolerance = 1e-3;

const normalize: MakeSteps = (found, wanted) => {
  const demand = wanted.facts.find((fact) => fact.kind === 'norm');
  if (demand?.kind !== 'norm' || demand.axis !== -1 || demand.value !== 1) return [];
  const type = through('LpNormalization', found, { axis: -1, p: 2 });
  if (type === undefined || demand.tolerance < promisedTolerance) return stepOf('divide each row by its norm', 'onnx.LpNormalization(axis: -1)', type);
  return [{ title: 'divide each row by its norm', text: 'l2_normalize', imports: { module: 'norm', names: ['l2_normalize'] }, type: withFacts(type, [...type.facts, ...only(found, 'space')]) }];
};

/**
 * Features that are left out, or zeros that are added, make the sizes agree and nothing else: the last of the steps, said so
 * in the title and in a note of the mismatch, and nothing for vectors of an encoder.
 */
const resized: MakeSteps = (found, wanted) => {
  if (found.facts.some(({ kind }) => kind === 'space')) return [];
  const [from, to] = [found, wanted].map(({ shape }) => (shape.axes.at(-1) === undefined ? undefined : constantOf(shape.axes.at(-1)!.size)));
  if (from === undefined || to === undefined || from === to || found.shape.rest || wanted.shape.axes.at(-1)?.classes || found.shape.axes.length !== wanted.shape.axes.length) return [];
  if (from > to) return stepOf(`drop the last ${from - to === 1 ? '' : `${from - to} `}of its ${from} features: what ${from - to === 1 ? 'it says' : 'they say'} is lost`, `onnx.Slice(axis: -1, start: 0, end: ${to})`, through('Slice', found, { axis: -1, start: intDim(0), end: intDim(to) })).map(inDoubt);
  // Of a single number nobody makes a vector by zeros.
  if (from === 1) return [];
  const pads = [...found.shape.axes.map(() => 0), ...found.shape.axes.map((_, i) => (i === found.shape.axes.length - 1 ? to - from : 0))];
  return stepOf(`append ${to - from === 1 ? 'a zero' : `${to - from} zeros`} to its ${from} features: the sizes agree, but what follows was made for other features`, `onnx.Pad(pads: [${pads.join(', ')}])`, through('Pad', found, { pads: pads.map(intDim), value: 0, mode: 'constant' })).map(inDoubt);
};

/** The vectors of a text's tokens as one, where the mask of those tokens is in scope. */
const pooledBy = (env: Env): MakeSteps => (found, wanted) => {
  const [rows, tokens, features] = found.shape.axes;
  if (features === undefined || found.shape.axes.length !== 3 || wanted.shape.axes.length !== 2 || found.shape.rest || wanted.shape.rest) return [];
  if (typeof found.dtype !== 'string' || dtypes[found.dtype].class !== 'float') return [];
  const isMask = ({ dtype, shape, ...type }: TensorType): boolean =>
    dtype === 'i64' && shape.rest === undefined && shape.axes.length === 2 && equalDims(shape.axes[0]!.size, rows!.size) && equalDims(shape.axes[1]!.size, tokens!.size) && implying({ dtype, shape, ...type }, { kind: 'mask' }) !== undefined;
  const masks = [...env.locals].flatMap(([name, { value }]) => {
    if (value.kind === 'tensor') return isMask(value.type) ? [name] : [];
    return value.kind === 'record' ? [...value.type.fields].flatMap(([field, type]) => (isMask(type) ? [`${name}.${field}`] : [])) : [];
  });
  // Of two masks nobody can say which tokens the vectors are of.
  if (masks.length !== 1) return [];
  const type = { ...found, shape: { axes: [rows!, features] }, facts: only(found, 'space') };
  return [{ title: 'take the mean of its tokens', text: `mean_pool(mask: ${masks[0]})`, imports: { module: 'text', names: ['mean_pool'] }, type }];
};

const makers: readonly MakeSteps[] = [cast, toUnit, toSigned, divided, rescale, transpose, squeeze, swapColors, resizedPicture, normalize, softmax, clip, resized];
