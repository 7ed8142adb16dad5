/** Gives a thing another name at all its places, or says why not. */
import { succeed, type Edit } from '../diagnostics/diagnostic.ts';
import { applyEdits } from '../diagnostics/fix-preview.ts';
import type { Host } from '../host/host.ts';
import { resolveModules, type ModuleScope } from '../names/modules.ts';
import { parse } from '../syntax/index.ts';
import { reservedWords } from '../syntax/tokens.ts';
import { at, offsetAt, positionAt, type Position } from '../text/source.ts';
import type { Answer, Range, WorkspaceEdit } from './answers.ts';
import { editsByFile } from './code-actions.ts';
import { occurrenceAt, occurrencesIn } from './occurrences.ts';
import { occurrencesOf, type Found } from './references.ts';
import { fieldsOfMember, membersOf } from './scope.ts';
import { contractWithSize } from './sizes.ts';
import { homeOf, keyOf, type Occurrence, type Target } from './targets.ts';
import { pointAt, rangeOf, type View } from './view.ts';

const refuse = (why: string): { readonly ok: false; readonly why: string } => ({ ok: false, why });

/** The name at a position as it stands there, where it can be renamed. */
export function prepareRename(view: View, uri: string, position: Position): Answer<{ readonly range: Range; readonly placeholder: string }> {
  const point = pointAt(view, uri, position);
  const occurrence = point && occurrenceAt(point.scope, point.offset, view.host);
  if (point === undefined || occurrence === undefined) return refuse('There is no name here.');
  const text = textAt(point.scope, occurrence);
  const why = refusal(occurrence.target, text, view.host);
  return why === undefined ? { ok: true, value: { range: rangeOf(point.scope.source, occurrence.span), placeholder: text } } : refuse(why);
}

const textAt = ({ source }: ModuleScope, { span }: Occurrence): string => source.text.slice(span.start, span.end);

/** The name that a target is declared with. */
function declaredName(target: Target): string | undefined {
  switch (target.kind) {
    case 'declaration':
      return target.symbol.name;
    case 'member':
      return target.node.name.text;
    case 'size':
      return target.name.text;
    default:
      return undefined;
  }
}

function refusal(target: Target, text: string, host: Host): string | undefined {
  const name = declaredName(target);
  const home = homeOf(target);
  if (name === undefined || home === undefined) return `\`${text}\` is no name of a module.`;
  if (text !== name) return undefined;
  if (host.standardModules().some((module) => host.standardModule(module) === home.uri)) return `\`${name}\` belongs to the library; import it under another name with \`as\`.`;
  if (home.uri.includes('/node_modules/')) return `\`${name}\` belongs to a package; import it under another name with \`as\`.`;
  if (target.kind !== 'size') return undefined;
  const { declaration, module } = target.owner;
  const contract = declaration.kind === 'ContractDecl' ? target.owner : contractWithSize(declaration, name, module);
  return contract && `\`${name}\` is a size of the contract \`${contract.name}\`, whose users know it by its name.`;
}

/** @param workspace URIs of the modules that may use the name */
export function rename(view: View, uri: string, position: Position, newName: string, workspace: readonly string[]): Answer<WorkspaceEdit> {
  const { host } = view;
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(newName)) return refuse(`\`${newName}\` is no name: letters, digits and \`_\` make one.`);
  if (reservedWords.has(newName)) return refuse(`\`${newName}\` is a word of the language.`);
  const entries = [uri, ...workspace.filter((other) => other !== uri)];
  const { scopes } = resolveModules(entries, host, parse);
  const scope = scopes.get(uri);
  const occurrence = scope && occurrenceAt(scope, offsetAt(scope.source, position), host);
  if (scope === undefined || occurrence === undefined) return refuse('There is no name here.');
  const { target } = occurrence;
  const text = textAt(scope, occurrence);
  const why = refusal(target, text, host) ?? collision(target, text, newName);
  if (why !== undefined) return refuse(why);
  const all = occurrencesOf(keyOf(target), scopes.values(), host);
  const aliased = text !== declaredName(target);
  const renamed = all.filter((found) => textAt(found.scope, found) === text && (!aliased || found.scope === scope));
  const edits = renamed.flatMap((found) => editsOf(found, text, newName));
  const wrong = changedMeaning(edits, scopes, entries, all, host);
  return wrong === undefined ? { ok: true, value: editsByFile(edits, scopes) } : refuse(`\`${newName}\` means something else ${wrong}.`);
}

/** Members of one declaration have names of their own. */
function collision(target: Target, text: string, newName: string): string | undefined {
  if (target.kind !== 'member' || text === newName) return undefined;
  const taken = membersOf(target.owner).some((node) => node.name.text === newName);
  return taken ? `\`${target.owner.name}\` declares \`${newName}\` already.` : undefined;
}

function editsOf({ scope, span, target, declares }: Found, text: string, newName: string): Edit[] {
  const edit: Edit = { location: at(scope, span), text: newName };
  if (!declares || target.kind !== 'member') return [edit];
  const { node } = target;
  const port = node.kind === 'BackboneInput' || node.kind === 'BackboneOutput' || node.kind === 'TapMember';
  // Without `from` the port's name is the file's, which stays.
  if (!port || node.from !== undefined || fieldsOfMember(target) !== undefined) return [edit];
  const end = node.type.span.end;
  return [edit, { location: at(scope, { start: end, end }), text: ` from "${text}"` }];
}

/**
 * Reads the modules as they would be, and compares word by word what stood for the thing and what would. Answers
 * the first place that differs.
 */
function changedMeaning(edits: readonly Edit[], before: ReadonlyMap<string, ModuleScope>, entries: readonly string[], all: readonly Found[], host: Host): string | undefined {
  const texts = new Map<string, string>();
  for (const { uri, source } of before.values()) {
    const own = edits.filter(({ location }) => location.uri === uri);
    if (own.length > 0) texts.set(uri, applyEdits(source.text, own).text);
  }
  const overlay: Host = {
    ...host,
    readText: (uri) => (texts.has(uri) ? succeed(texts.get(uri)!) : host.readText(uri)),
  };
  const after = resolveModules(entries, overlay, parse).scopes;
  const key = keyOf(all[0]!.target);
  const first = all[0]!.scope.uri;
  const index = namesIn(before.get(first)!, host).findIndex(({ target }) => keyOf(target) === key);
  const moved = after.get(first);
  const newTarget = moved && namesIn(moved, overlay)[index]?.target;
  const newKey = newTarget && keyOf(newTarget);
  for (const scope of before.values()) {
    const [old, now] = [namesIn(scope, host), after.has(scope.uri) ? namesIn(after.get(scope.uri)!, overlay) : []];
    const place = old.findIndex(({ target }, i) => (keyOf(target) === key) !== (now[i] !== undefined && keyOf(now[i].target) === newKey));
    const span = place >= 0 ? old[place]!.span : old.length === now.length ? undefined : now.at(-1)?.span ?? scope.ast.span;
    if (span !== undefined) return `at ${host.display(scope.uri)}:${positionAt(scope.source, span.start).line + 1}`;
  }
  return undefined;
}

/** A name that stays that of a file's tensor is written down by the rename itself. */
const namesIn = (scope: ModuleScope, host: Host): Occurrence[] => occurrencesIn(scope, host).filter(({ target }) => target.kind !== 'file-tensor');
