/** The parameters below a part with `weights`, against the safetensors file. */
import { foreignCodes } from '../diagnostics/codes/foreign.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { locate } from '../diagnostics/diagnostic.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { NameMapEntry, PartDecl } from '../syntax/ast.ts';
import { suggest } from '../text/suggest.ts';
import { constantOf } from '../types/dim.ts';
import { showTensor } from '../types/show.ts';
import type { TensorType } from '../types/type.ts';
import type { Checker, WeightsFile, WeightsTensor } from './context.ts';
import { checkTrainedClasses } from './classes.ts';
import { collectingSink, reportTooLarge } from './collect.ts';
import { followFrom, type Env, type Parameter } from './env.ts';
import { evaluateBlock } from './expr.ts';
import { bindIdentity, foreignFile } from './files.ts';
import type { Signature } from './signature.ts';

/** Where a parameter's elements lie. */
export interface WeightSource {
  readonly uri: string;
  readonly tensor: WeightsTensor;
  readonly transposed: boolean;
}

const pathOf = (entry: NameMapEntry): string => entry.path.map((n) => n.text).join('.');
const entryFor = (part: PartDecl, path: string): NameMapEntry | undefined => part.weights?.map?.entries.find((e) => pathOf(e) === path);

/** The file's tensor for a parameter of a checked part: mapped, or of the parameter's own path. */
export function weightSource(owner: Symbol<PartDecl>, path: string, checker: Checker): WeightSource | undefined {
  const { weights } = owner.declaration;
  const uri = weights && foreignFile(weights.path, 'weights', owner.module, checker);
  const file = uri === undefined ? undefined : checker.files.weights(uri);
  if (!file?.ok) return undefined;
  const entry = entryFor(owner.declaration, path);
  const tensor = file.value.tensors.get(entry?.to.value ?? path);
  return tensor && { uri: uri!, tensor, transposed: entry?.transposed ?? false };
}

/** All parameters that a part owns, found by following its body into the parts it calls. */
export function collectParameters(signature: Signature, env: Env): Parameter[] {
  const found: Parameter[] = [];
  const declaration = signature.symbol.declaration as PartDecl;
  const deep = followFrom(signature.symbol, collectingSink(found), signature.symbol);
  const inner: Env = {
    ...env,
    report: () => {},
    joints: undefined,
    locals: new Map([...env.locals].filter(([name]) => declaration.params.some((p) => p.name.text === name))),
    deep,
  };
  evaluateBlock(declaration.body, inner);
  reportTooLarge(signature.symbol, deep, env.checker);
  return found.filter((p) => p.owner === signature.symbol);
}

/** Checks the file of a part that declares `weights`; its parameters only where the body is sound. */
export function checkWeights(signature: Signature, env: Env, sound: boolean): void {
  const symbol = signature.symbol as Symbol<PartDecl>;
  const { checker } = env;
  const { weights } = symbol.declaration;
  const uri = weights && foreignFile(weights.path, 'weights', symbol.module, checker);
  if (weights === undefined || uri === undefined) return;
  const location = at(symbol.module, weights.path.span);
  const file = checker.files.weights(uri);
  if (!file.ok) {
    checker.diagnostics.push(locate(file.finding, location, { label: 'named here' }));
    return;
  }
  if (signature.result.kind === 'tensor') {
    for (const fact of signature.result.facts) if (fact.kind === 'space') bindIdentity(fact.nominal, uri, checker);
  }
  if (!sound) return;
  const name = checker.host.display(uri);
  const parameters = collectParameters(signature, env);
  if (parameters.length === 0) {
    checker.diagnostics.push(foreignCodes.report('weight-unneeded', { owner: symbol.name }, at(symbol.module, weights.span), { label: 'nothing to fill' }));
    return;
  }
  reportRepeated(parameters, symbol, checker);
  for (const parameter of parameters) checkParameter(parameter, symbol, file.value, name, checker);
  checkMapping(parameters, symbol, file.value, name, checker);
  checkTrainedClasses(signature, file.value, name, location, checker);
}

function reportRepeated(parameters: readonly Parameter[], owner: Symbol, checker: Checker): void {
  const seen = new Map<string, Parameter>();
  for (const parameter of parameters) {
    const first = seen.get(parameter.path);
    if (first === undefined) {
      seen.set(parameter.path, parameter);
      continue;
    }
    checker.diagnostics.push(
      foreignCodes.report('repeated-parameter', { path: parameter.path, owner: owner.name }, parameter.site, {
        label: 'the second',
        related: [{ location: first.site, text: 'the first' }],
        notes: ['A parameter is named by the `let` that holds its call, else by the part called. Give each call a `let` of its own.'],
      }),
    );
  }
}

function checkParameter(parameter: Parameter, owner: Symbol<PartDecl>, file: WeightsFile, name: string, checker: Checker): void {
  const dims = staticDims(parameter.type);
  if (dims === undefined || typeof parameter.type.dtype !== 'string') {
    checker.diagnostics.push(foreignCodes.report('symbolic-parameter', { path: parameter.path, type: showTensor(parameter.type) }, parameter.site, { label: 'of this call' }));
    return;
  }
  const entry = entryFor(owner.declaration, parameter.path);
  const key = entry?.to.value ?? parameter.path;
  const location = at(owner.module, (entry?.to ?? owner.declaration.weights!.path).span);
  const tensor = file.tensors.get(key);
  if (tensor === undefined) {
    checker.diagnostics.push(missingWeight(parameter, key, entry, file, name, location, owner));
    return;
  }
  const expected = entry?.transposed ? [...dims].reverse() : dims;
  if (tensor.dtype === parameter.type.dtype && tensor.dims.length === dims.length && expected.every((d, i) => d === tensor.dims[i])) return;
  const turned = tensor.dtype === parameter.type.dtype && dims.length === 2 && [...expected].reverse().every((d, i) => d === tensor.dims[i]);
  const after = entry && { uri: location.uri, span: { start: entry.to.span.end, end: entry.to.span.end } };
  const fixes = turned && after && !entry.transposed ? [{ title: 'turn it while it is read', edits: [{ location: after, text: ' transposed' }] }] : [];
  const args = { path: parameter.path, expected: showTensor(parameter.type), key, found: `${tensor.dtype}[${tensor.dims.join(', ')}]`, file: name };
  checker.diagnostics.push(
    foreignCodes.report('weight-type', args, location, {
      label: 'this tensor',
      related: [{ location: parameter.location, text: `declared here, ${showTensor(parameter.type)} at this call` }],
      fixes,
    }),
  );
}

function missingWeight(parameter: Parameter, key: string, entry: NameMapEntry | undefined, file: WeightsFile, name: string, location: ReturnType<typeof at>, owner: Symbol<PartDecl>) {
  const keys = [...file.tensors.keys()];
  const near = suggest(key, keys);
  const clause = owner.declaration.weights!;
  const end = at(owner.module, { start: clause.path.span.end, end: clause.path.span.end });
  const mapFix = clause.map === undefined && keys.length > 0 ? [{ title: 'name its key', edits: [{ location: end, text: ` from { ${parameter.path}: "${near ?? keys[0]}" }` }] }] : [];
  return foreignCodes.report('weight-missing', { path: parameter.path, key, file: name }, location, {
    label: near ? `did you mean "${near}"?` : 'not in the file',
    notes: [`It holds ${keys.slice(0, 12).map((k) => `"${k}"`).join(', ') || 'nothing'}${keys.length > 12 ? ` and ${keys.length - 12} more` : ''}.`],
    fixes: entry ? (near ? [{ title: `write "${near}"`, edits: [{ location, text: `"${near}"` }] }] : []) : mapFix,
  });
}

function checkMapping(parameters: readonly Parameter[], owner: Symbol<PartDecl>, file: WeightsFile, name: string, checker: Checker): void {
  const weights = owner.declaration.weights!;
  const paths = parameters.map((p) => p.path);
  for (const entry of weights.map?.entries ?? []) {
    const path = pathOf(entry);
    if (paths.includes(path) || path === '') continue;
    const span = { start: entry.path[0]!.span.start, end: entry.path.at(-1)!.span.end };
    const near = suggest(path, paths);
    const location = at(owner.module, span);
    checker.diagnostics.push(
      foreignCodes.report('weight-unknown', { path, owner: owner.name }, location, {
        ...mistyped(near, location, 'unknown'),
        notes: near ? [] : [`Its parameters are ${paths.map((p) => `\`${p}\``).join(', ')}.`],
      }),
    );
  }
  const read = new Set(paths.map((path) => entryFor(owner.declaration, path)?.to.value ?? path));
  const unread = [...file.tensors.keys()].filter((key) => !read.has(key));
  if (unread.length === 0) return;
  const keys = unread.slice(0, 6).map((k) => `"${k}"`).join(', ') + (unread.length > 6 ? ` and ${unread.length - 6} more` : '');
  checker.diagnostics.push(foreignCodes.report('weight-unread', { keys, file: name, owner: owner.name }, at(owner.module, weights.path.span), { label: 'holds more' }));
}

/** The sizes of a parameter; undefined where one depends on an input. */
export function staticDims(type: TensorType): number[] | undefined {
  if (type.shape.rest !== undefined) return undefined;
  const dims = type.shape.axes.map((axis) => constantOf(axis.size));
  return dims.every((d) => d !== undefined) ? dims : undefined;
}
