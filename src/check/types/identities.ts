/** Spaces, tokenizers and attributes that would be the same thing, though two declarations stand for them. */
import { documentedLines } from '../../text/lines.ts';
import { nameCodes, withArticle } from '../../diagnostics/codes/names.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import { kindNames, type ModuleScope, type Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Host } from '../../host/host.ts';
import { packageFolder } from '../../names/packages.ts';
import { resolveSpecifier, specifierOf } from '../../names/specifiers.ts';
import type { AttributeDecl, SpaceDecl, TokenizerDecl } from '../../syntax/ast.ts';
import type { Checker } from '../context.ts';
import { identityOf, isKind } from './declarations.ts';
import { replaceAt } from '../edits.ts';
import { importEdits } from '../imports.ts';

type Identity = Symbol<SpaceDecl | TokenizerDecl | AttributeDecl>;

/** An identity is a package and a name: each package declares it once, and is read from one place. */
export function reportIdentityConflicts(checker: Checker): void {
  const seen = new Map<string, Identity>();
  // An imported module comes before its importer, where the conflict can be mended.
  for (const module of checker.modules.scopes.values()) {
    for (const symbol of identitiesOf(module)) {
      const key = `${symbol.declaration.kind} ${identityOf(symbol)}`;
      const first = seen.get(key);
      if (first === undefined) seen.set(key, symbol);
      else checker.diagnostics.push(...conflictOf(first, symbol, checker));
    }
  }
}

const identitiesOf = (module: ModuleScope): Identity[] =>
  [...module.names.values()].filter((symbol): symbol is Identity => symbol.module === module && isKind(symbol, 'SpaceDecl', 'TokenizerDecl', 'AttributeDecl'));

function conflictOf(first: Identity, second: Identity, { host }: Checker): Diagnostic[] {
  const kind = kindNames[second.declaration.kind];
  const location = at(second.module, second.declaration.name.span);
  const related = [{ location: at(first.module, first.declaration.name.span), text: 'first here' }];
  const [one, other] = [first, second].map(({ module }) => packageFolder(module.uri, host));
  if (one === other) {
    const notes = [`Import the one from the other, or rename it: ${withArticle(kind)} is known by its package and its name.`];
    return [nameCodes.report('identity-conflict', { kind, name: second.name }, location, { label: 'declared again here', related, notes, fixes: importInstead(first, second, host) })];
  }
  // Of two versions each stands for what it was when its copy was published.
  if (versionOf(first) !== versionOf(second)) return [];
  const args = { kind, name: second.name, package: second.module.package, first: host.display(one!), second: host.display(other!) };
  return [nameCodes.report('package-twice', args, location, { related, notes: ['Nobody can say whether the two are the same. Let all depend on one version of the package, and run `npm dedupe`.'] })];
}

/** Where both say the same, the second module takes the first's. */
function importInstead(first: Identity, { name, declaration, module }: Identity, host: Host): Fix[] {
  if (versionOf(first) !== versionOf({ ...first, declaration }) || imports(first.module, module, host)) return [];
  const lines = documentedLines(module.source.text, declaration.span);
  const { names, ...elsewhere } = module;
  const others = new Map([...names].filter(([other]) => other !== name));
  const edits = lines === undefined ? undefined : importEdits(name, first.module.uri, { ...elsewhere, names: others }, host);
  return lines === undefined || edits === undefined ? [] : [{ title: `import the one of "${specifierOf(first.module.uri, module.uri, host)}"`, edits: [replaceAt(lines, '', module), ...edits] }];
}

/** Whether a module imports another one by itself: the way back would be a circle. */
const imports = ({ ast, uri }: ModuleScope, other: ModuleScope, host: Host): boolean => ast.imports.some(({ from }) => resolveSpecifier(from.value, uri, host) === other.uri);

const versionOf = ({ declaration }: Identity): string | undefined => ('version' in declaration ? declaration.version?.text : undefined);
