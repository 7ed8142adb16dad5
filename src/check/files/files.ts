/** Foreign files that a declaration names: found, counted, and their identities noted. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { locate, type Finding, type Place } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { nearFile } from '../../names/near-file.ts';
import { resolvePath } from '../../names/paths.ts';
import type { BackboneDecl, SpaceDecl, StringLit, TokenizerDecl } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import type { Nominal } from '../../types/fact.ts';
import type { Bound, Callable, Checker } from '../context.ts';
import type { ForeignUse, IdentityUse } from '../model.ts';
import { noteLooked } from '../recording.ts';
import { claimsOfBodies } from '../parts/body-graph.ts';
import { derivedNetwork, isDerived } from './derived-network.ts';

/** The URI that a string literal names; undefined where there is no such file, which is reported. */
export function foreignFile(path: StringLit, role: ForeignUse['role'], module: ModuleScope, checker: Checker): string | undefined {
  const location = at(module, path.span);
  if (path.value === '') return undefined;
  const uri = resolvePath(path.value, module.uri);
  if (uri !== undefined) noteLooked(uri, checker);
  const absent = uri === undefined ? undefined : whyAbsent(uri, checker);
  if (uri !== undefined && absent !== undefined && absent.code !== 'file-not-found') {
    const inside = absent.code === 'file-not-regular' ? fileInside(path.value, uri, role, checker) : undefined;
    checker.diagnostics.push(locate(absent, location, inside === undefined ? { label: 'named here' } : meant(inside, location)));
    return undefined;
  }
  if (uri === undefined || absent !== undefined) {
    const looked = uri === undefined ? [] : [`Looked for ${checker.host.display(uri)}; paths are relative to the module that names them.`];
    const near = nearFile(path.value, module.uri, checker.host);
    const place = near === undefined ? { label: 'not found' } : meant(near, location);
    checker.diagnostics.push(foreignCodes.report('file-missing', { path: path.value }, location, { ...place, notes: looked }));
    return undefined;
  }
  noteForeign({ role, uri, location }, checker);
  return uri;
}

/** The path that was probably meant, as an edit. */
function meant(path: string, location: Location): Place {
  const text = JSON.stringify(path);
  return { label: `did you mean ${text}?`, fixes: [{ title: `write ${text}`, edits: [{ location, text }] }] };
}

const endings: Readonly<Record<ForeignUse['role'], string>> = { backbone: '.onnx', weights: '.safetensors', tokenizer: '.json' };

/** Of a folder that is named in the place of a file: the one file in it that could be meant. */
function fileInside(path: string, uri: string, role: ForeignUse['role'], { host }: Checker): string | undefined {
  const files = (host.filesIn?.(`${uri.replace(/\/$/, '')}/`) ?? []).filter((file) => file.endsWith(endings[role]) && (role !== 'tokenizer' || file === 'tokenizer.json'));
  return files.length === 1 ? `${path.replace(/\/$/, '')}/${files[0]}` : undefined;
}

/** Notes that a source rests on a file, once for each place that names it. */
export function noteForeign(use: ForeignUse, { foreign }: Checker): void {
  const { uri, location } = use;
  const isKnown = foreign.some((other) => other.uri === uri && other.location.uri === location.uri && other.location.span.start === location.span.start);
  if (!isKnown) foreign.push(use);
}

/** The URI that a literal names where nothing stands there; undefined where something does, or where it names nothing. */
export function absentFile(path: StringLit, module: ModuleScope, checker: Checker): string | undefined {
  const uri = path.value === '' ? undefined : resolvePath(path.value, module.uri);
  if (uri !== undefined) noteLooked(uri, checker);
  return uri !== undefined && whyAbsent(uri, checker)?.code === 'file-not-found' ? uri : undefined;
}

/** What stands at a place where no regular file is, as opening it finds out; undefined where there is a file. */
function whyAbsent(uri: string, checker: Checker): Finding | undefined {
  if (checker.host.stat(uri) !== undefined) return undefined;
  const opened = checker.host.open(uri);
  if (!opened.ok) return opened.finding;
  opened.value.close();
  return undefined;
}

/** Notes that a file is part of what a space or tokenizer is. */
export const bindIdentity = (part: Bound, { bound }: Checker): void => void bound.push(part);

/** Puts together what all modules say of each space and tokenizer. */
export function gatherIdentities(checker: Checker): void {
  const derived = new Map<string, { readonly nominal: Nominal; readonly symbol: Symbol<Callable>; readonly tensors: Set<string> }>();
  for (const { nominal, uri, from } of checker.bound) {
    if (from === undefined || !isDerived(from.symbol, from.onnx, checker)) {
      const identity = identityOf(nominal, checker);
      if (!identity.files.includes(uri)) checker.identities.set(keyOf(nominal), { ...identity, files: [...identity.files, uri].sort() });
      continue;
    }
    const key = `${keyOf(nominal)} ${from.symbol.module.uri} ${from.symbol.name}`;
    const { tensors } = derived.get(key) ?? derived.set(key, { nominal, symbol: from.symbol, tensors: new Set() }).get(key)!;
    tensors.add(from.onnx);
  }
  // What is wrong cannot be followed, and gives no vectors either.
  if (checker.faulty || checker.diagnostics.some(({ severity }) => severity === 'error')) return;
  for (const { nominal, symbol, tensors } of derived.values()) {
    const network = derivedNetwork(symbol as Symbol<BackboneDecl>, [...tensors], checker);
    const identity = identityOf(nominal, checker);
    if (network !== undefined) checker.identities.set(keyOf(nominal), { ...identity, derived: [...identity.derived, network] });
  }
  for (const { nominal, body } of claimsOfBodies(checker)) {
    const identity = identityOf(nominal, checker);
    checker.identities.set(keyOf(nominal), { ...identity, bodies: [...(identity.bodies ?? []), body] });
  }
  for (const [key, identity] of checker.identities) if (identity.kind === 'space' && identity.bodies === undefined) checker.identities.set(key, { ...identity, bodies: [] });
}

const keyOf = ({ kind, id, version }: Nominal): string => `${kind} ${id}@${version}`;

/** What is known of a space or tokenizer so far. */
function identityOf(nominal: Nominal, checker: Checker): IdentityUse {
  const { kind, id, version: number, location } = nominal;
  const known = checker.identities.get(keyOf(nominal));
  if (known !== undefined) return known;
  const version = versionNode(nominal, checker);
  return { kind, id, version: number, location, ...(version ? { versionLocation: version } : {}), files: [], derived: [] };
}

function versionNode(nominal: Nominal, checker: Checker) {
  const module = checker.modules.scopes.get(nominal.location.uri);
  const declaration = module?.names.get(nominal.name)?.declaration;
  const version = declaration && 'version' in declaration ? declaration.version : undefined;
  return module && version && at(module, version.span);
}

/** Reads the header of a tokenizer's file. */
export function checkTokenizer(symbol: Symbol<TokenizerDecl>, nominal: Nominal, checker: Checker): void {
  const { source } = symbol.declaration;
  const uri = source && foreignFile(source, 'tokenizer', symbol.module, checker);
  if (uri === undefined) return;
  const file = checker.files.tokenizer(uri);
  if (file.ok) bindIdentity({ nominal, uri }, checker);
  else checker.diagnostics.push(locate(file.finding, at(symbol.module, source!.span), { label: 'named here' }));
}

export type IdentityDecl = SpaceDecl | TokenizerDecl;
