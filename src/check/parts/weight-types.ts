/** The parameters of a part against the tensors of its weights file. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Edit, Fix } from '../../diagnostics/diagnostic.ts';
import { mistyped } from '../../diagnostics/mistyped.ts';
import type { Symbol } from '../../names/modules.ts';
import type { NameMapEntry, WeightsClause } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { suggest } from '../../text/suggest.ts';
import { constantOf, symbolsOf } from '../../types/dim.ts';
import type { DType } from '../../types/dtype.ts';
import { showElementType, showTensor } from '../../types/show.ts';
import type { TensorType } from '../../types/type.ts';
import type { Callable, Checker, WeightsFile, WeightsTensor } from '../context.ts';
import { pathName, reportRepeated } from '../types/declarations.ts';
import type { Parameter } from '../env.ts';
import { nameCall } from './name-call.ts';
import { warnOfNotFinite } from './finite-weights.ts';
import { misfitAt } from './initializers.ts';
import { showCounted } from '../joints/mismatch.ts';

/** A part with weights, and their file as it was read. */
export interface Owned {
  readonly owner: Symbol<Callable>;
  readonly uri: string;
  /** Undefined where a `fit` has yet to write it. */
  readonly file: WeightsFile | undefined;
  /** The file's name, for messages. */
  readonly name: string;
  readonly checker: Checker;
}

export const entryFor = (part: Callable, path: string): NameMapEntry | undefined =>
  part.weights?.map?.entries.find((entry) => pathName(entry).text === path);

/** Checks that each parameter has its tensor, and notes which tensors are read; true where all is well. */
export function checkParameters(parameters: readonly Parameter[], owned: Owned): boolean {
  if (reportRepeatedPaths(parameters, owned)) return false;
  const meant = checkMap(parameters, owned);
  const missing: Parameter[] = [];
  const told = new Set<Location>();
  let sound = reportMisfits(parameters, owned) && meant.size === 0;
  for (const parameter of parameters) {
    if (meant.has(parameter.path)) continue;
    const tensor = owned.file?.tensors.get(keyOf(parameter, owned));
    const symbolic = symbolicNames(parameter.type);
    if (symbolic.length > 0) sound = reportSymbolic(parameter, symbolic, told, owned);
    else if (owned.file === undefined) continue;
    else if (tensor === undefined) missing.push(parameter);
    else sound = checkTensor(parameter, tensor, owned) && sound;
  }
  reportMissing(missing, parameters, owned);
  sound &&= missing.length === 0;
  noteRead(sound ? new Set(parameters.map((p) => keyOf(p, owned))) : undefined, owned);
  return sound;
}

/** Notes that nobody can say which tensors of the file a part reads. */
export const noteUnclear = (owned: Owned): void => noteRead(undefined, owned);

function noteRead(keys: WeightsRead['keys'], owned: Owned): void {
  const { owner, uri, name, file, checker } = owned;
  const location = at(owner.module, clauseOf(owned).path.span);
  checker.reads.push({ uri, name, owner: owner.name, held: [...(file?.tensors.keys() ?? [])], keys, location });
  warnOfNotFinite(keys ?? [], owned, location);
}

const heldBy = ({ file }: Owned): WeightsFile['tensors'] => file?.tensors ?? new Map();
const clauseOf = ({ owner }: Owned): WeightsClause => owner.declaration.weights!;
const keyOf = ({ path }: Parameter, { owner }: Owned): string => entryFor(owner.declaration, path)?.to.value ?? path;

/** The sizes of a parameter; undefined where one depends on an input. */
export function staticDims(type: TensorType): number[] | undefined {
  if (type.shape.rest !== undefined) return undefined;
  const dims = type.shape.axes.map((axis) => constantOf(axis.size));
  return dims.every((d) => d !== undefined) ? dims : undefined;
}

/** Two calls of one name have parameters of the same names; true where there are any. */
function reportRepeatedPaths(parameters: readonly Parameter[], { owner, checker }: Owned): boolean {
  const seen = new Map<string, Parameter>();
  const told = new Set<Location>();
  for (const parameter of parameters) {
    const first = seen.get(parameter.path);
    if (first === undefined) seen.set(parameter.path, parameter);
    // A call brings all its parameters with it; once is enough.
    if (first === undefined || told.has(parameter.site)) continue;
    told.add(parameter.site);
    checker.diagnostics.push(
      foreignCodes.report('repeated-parameter', { path: parameter.path, owner: owner.name }, parameter.site, {
        label: 'the second',
        related: [{ location: first.site, text: 'the first' }],
        notes: ['A parameter is named by the `let` that holds its call, else by the part called. Give each call a `let` of its own.'],
        fixes: nameCall(first.site, owner),
      }),
    );
  }
  return told.size > 0;
}

/** Initialisers that calls give to parameters that they cannot fill. */
function reportMisfits(parameters: readonly Parameter[], { checker }: Owned): boolean {
  const misfits = parameters.flatMap(({ init, type, location, site }) => (init?.given ? (misfitAt(init.value, type, location, site) ?? []) : []));
  checker.diagnostics.push(...misfits);
  return misfits.length === 0;
}

/** What leaves a parameter's type open: names of sizes, `...`, `float`. */
function symbolicNames({ dtype, shape }: TensorType): string[] {
  const sizes = shape.axes.flatMap(({ size }) => symbolsOf(size).map((symbol) => symbol.name));
  return [...new Set([...(typeof dtype === 'string' ? [] : [showElementType(dtype)]), ...(shape.rest ? ['...'] : []), ...sizes])];
}

function reportSymbolic(parameter: Parameter, names: readonly string[], told: Set<Location>, { checker }: Owned): false {
  // The parameters of one call have their sizes from it.
  if (told.has(parameter.site)) return false;
  told.add(parameter.site);
  const args = { path: parameter.path, type: showTensor(parameter.type), names: names.map((name) => `\`${name}\``).join(' and ') };
  checker.diagnostics.push(
    foreignCodes.report('symbolic-parameter', args, parameter.site, {
      label: 'of this call',
      related: [{ location: parameter.location, text: 'declared here' }],
      notes: ['The tensors of a weights file have one dtype and one size an axis: write `f32`, numbers or labels where the signature has names.'],
    }),
  );
  return false;
}

// ---------------------------------------------------------------- the mapping

/** Checks `from { … }` for itself; answers with the parameters that wrong entries were meant for, as far as one can tell. */
function checkMap(parameters: readonly Parameter[], owned: Owned): ReadonlySet<string> {
  const { owner, checker } = owned;
  const entries = clauseOf(owned).map?.entries ?? [];
  reportRepeated(entries.map((entry) => ({ name: pathName(entry) })), `the weights of \`${owner.name}\``, owner.module, (d) => void checker.diagnostics.push(d));
  const paths = parameters.map((p) => p.path);
  const free = parameters.filter((p) => entryFor(owner.declaration, p.path) === undefined);
  const meant = new Set<string>();
  for (const entry of entries) {
    const { text: path, span } = pathName(entry);
    if (paths.includes(path) || path === '') continue;
    const tensor = owned.file?.tensors.get(entry.to.value);
    const fitting = free.filter((p) => tensor !== undefined && fitOf(p, tensor) !== undefined);
    const near = suggest(path, free.map((p) => p.path)) ?? (fitting.length === 1 ? fitting[0]!.path : undefined);
    for (const p of near === undefined ? free.map((q) => q.path) : [near]) meant.add(p);
    const location = at(owner.module, span);
    checker.diagnostics.push(
      foreignCodes.report('weight-unknown', { path, owner: owner.name }, location, {
        ...mistyped(near, location, 'unknown'),
        notes: near ? [] : [`Its parameters are ${paths.map((p) => `\`${p}\``).join(', ')}.`],
      }),
    );
  }
  return meant;
}

/** Edits that put entries into `from { … }`, which they make where there is none. */
function entryEdits(entries: readonly string[], owned: Owned): Edit[] {
  const { path, map } = clauseOf(owned);
  const text = entries.join(', ');
  const last = map?.entries.at(-1);
  const offset = last?.span.end ?? (map ? map.span.start + 1 : path.span.end);
  const location = at(owned.owner.module, { start: offset, end: offset });
  return [{ location, text: last ? `, ${text}` : map ? ` ${text} ` : ` from { ${text} }` }];
}

// ---------------------------------------------------------------- tensors

type Fit = 'as it is' | 'transposed' | undefined;

function fitOf(parameter: Parameter, tensor: WeightsTensor): Fit {
  const dims = staticDims(parameter.type);
  if (dims === undefined || tensor.dtype !== parameter.type.dtype || tensor.dims.length !== dims.length) return undefined;
  if (dims.every((d, i) => d === tensor.dims[i])) return 'as it is';
  return dims.length === 2 && dims[0] === tensor.dims[1] && dims[1] === tensor.dims[0] ? 'transposed' : undefined;
}

/** One tensor that is there, in type and shape. */
function checkTensor(parameter: Parameter, tensor: WeightsTensor, owned: Owned): boolean {
  const { owner, checker } = owned;
  const entry = entryFor(owner.declaration, parameter.path);
  const location = at(owner.module, (entry?.to ?? clauseOf(owned).path).span);
  const after = entry && at(owner.module, { start: entry.to.span.end, end: entry.span.end });
  const expected = { ...parameter, type: entry?.transposed ? turned(parameter.type) : parameter.type };
  if (entry?.transposed && parameter.type.shape.axes.length !== 2) {
    const fixes: Fix[] = [{ title: 'leave it as it is', edits: [{ location: after!, text: '' }] }];
    checker.diagnostics.push(foreignCodes.report('weight-transposed', { path: parameter.path, type: showTensor(parameter.type) }, location, { fixes }));
    return false;
  }
  const fit = fitOf(expected, tensor);
  if (fit === 'as it is') return true;
  const key = keyOf(parameter, owned);
  const args = { path: parameter.path, expected: showCounted(parameter.type), key, found: showWeights(tensor), turned: entry?.transposed ? showWeights({ ...tensor, dims: tensor.dims.toReversed() }) : undefined, file: owned.name };
  checker.diagnostics.push(
    foreignCodes.report('weight-type', args, location, {
      label: 'this tensor',
      related: [{ location: parameter.location, text: `declared here, ${showCounted(parameter.type)} at this call` }],
      notes: fit === 'transposed' && !entry?.transposed ? ['Its axes are the other way round: PyTorch stores linear layers as [out, in].'] : dtypeNotes(parameter, tensor),
      fixes: fit === 'transposed' ? [turnFix(parameter.path, key, entry, after, owned)] : [],
    }),
  );
  return false;
}

/** What numpy calls the dtypes that weights are commonly wanted in. */
const numpyNames: Partial<Record<DType, string>> = { f16: 'float16', f32: 'float32', f64: 'float64', i32: 'int32', i64: 'int64', u8: 'uint8' };

/** Why weights of another dtype are not taken, and what makes them of the right one. */
function dtypeNotes({ type: { dtype } }: Parameter, tensor: WeightsTensor): string[] {
  if (typeof dtype !== 'string' || dtype === tensor.dtype) return [];
  const numpy = numpyNames[dtype];
  return [`Nothing is cast silently. Save the tensor as ${dtype}${numpy === undefined ? '' : `, with \`.astype(np.${numpy})\` before it is written`}.`];
}

const showWeights = (tensor: WeightsTensor): string => `${tensor.dtype}[${tensor.dims.join(', ')}]`;
const turned = (type: TensorType): TensorType => ({ ...type, shape: { ...type.shape, axes: type.shape.axes.toReversed() } });

function turnFix(path: string, key: string, entry: NameMapEntry | undefined, after: Location | undefined, owned: Owned): Fix {
  if (entry?.transposed) return { title: 'leave it as it is', edits: [{ location: after!, text: '' }] };
  const edits = after ? [{ location: after, text: ' transposed' }] : entryEdits([`${path}: "${key}" transposed`], owned);
  return { title: 'turn it while it is read', edits };
}

// ---------------------------------------------------------------- what is missing, what is left over

/** Parameters whose tensors the file does not hold: those without an entry all at once. */
function reportMissing(missing: readonly Parameter[], all: readonly Parameter[], owned: Owned): void {
  const { owner } = owned;
  const read = new Set(all.map((p) => keyOf(p, owned)));
  const free = [...heldBy(owned).keys()].filter((key) => !read.has(key));
  const isMapped = (p: Parameter): boolean => entryFor(owner.declaration, p.path) !== undefined;
  for (const parameter of missing.filter(isMapped)) {
    const entry = entryFor(owner.declaration, parameter.path)!;
    const guessed = guess(parameter, free, owned);
    const location = at(owner.module, { start: entry.to.span.start, end: entry.span.end });
    const fixes = guessed === undefined ? [] : [{ title: `write ${guessed}`, edits: [{ location, text: guessed }] }];
    reportAbsent([parameter], at(owner.module, entry.to.span), fixes, owned);
  }
  const unmapped = missing.filter((p) => !isMapped(p));
  if (unmapped.length === 0) return;
  const entries = unmapped.flatMap((p) => {
    const key = guess(p, free, owned);
    return key === undefined ? [] : [`${p.path}: ${key}`];
  });
  const fixes = entries.length === 0 ? [] : [{ title: entries.length === 1 ? 'name its key' : 'name their keys', edits: entryEdits(entries, owned) }];
  reportAbsent(unmapped, at(owner.module, clauseOf(owned).path.span), fixes, owned);
}

function reportAbsent(parameters: readonly Parameter[], location: Location, fixes: readonly Fix[], owned: Owned): void {
  const { name, checker } = owned;
  const tensors = heldBy(owned);
  const held = [...tensors].slice(0, 12).map(([key, tensor]) => `"${key}" ${showWeights(tensor)}`);
  const more = tensors.size - held.length;
  const args = { paths: parameters.map((p) => p.path), keys: parameters.map((p) => keyOf(p, owned)), file: name };
  checker.diagnostics.push(
    foreignCodes.report('weight-missing', args, location, {
      label: 'not in the file',
      related: parameters.slice(0, 4).map((p) => ({ location: p.location, text: `declared here, ${showCounted(p.type)} at this call` })),
      notes: [`It holds ${held.join(', ') || 'nothing'}${more > 0 ? ` and ${more} more` : ''}.`],
      fixes,
    }),
  );
}

/** The free key that a parameter can come from, as an entry says it: the nearest in name, or the only one that fits. */
function guess(parameter: Parameter, free: readonly string[], owned: Owned): string | undefined {
  const fitting = free.filter((key) => fitOf(parameter, heldBy(owned).get(key)!) !== undefined);
  const key = suggest(keyOf(parameter, owned), fitting) ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (key === undefined) return undefined;
  return `"${key}"${fitOf(parameter, heldBy(owned).get(key)!) === 'transposed' ? ' transposed' : ''}`;
}

/** What one part reads of a weights file; `keys` is undefined where that could not be made out. */
export interface WeightsRead {
  readonly uri: string;
  readonly name: string;
  readonly owner: string;
  readonly held: readonly string[];
  readonly keys: ReadonlySet<string> | undefined;
  readonly location: Location;
}

/** Tensors that none of a file's readers wants: told at the first of them. */
export function reportUnread(checker: Checker): void {
  for (const [i, first] of checker.reads.entries()) {
    if (checker.reads.findIndex((read) => read.uri === first.uri) !== i) continue;
    const readers = checker.reads.filter((read) => read.uri === first.uri);
    const unread = first.held.filter((key) => readers.every(({ keys }) => keys !== undefined && !keys.has(key)));
    if (unread.length === 0) continue;
    const keys = unread.slice(0, 6).map((key) => `"${key}"`).join(', ') + (unread.length > 6 ? ` and ${unread.length - 6} more` : '');
    const owners = readers.map(({ owner }) => `\`${owner}\``).join(', ');
    checker.diagnostics.push(foreignCodes.report('weight-unread', { keys, file: first.name, owners }, first.location, { label: 'holds more' }));
  }
}
