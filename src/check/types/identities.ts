/** Spaces, tokenizers and attributes that would be the same thing, though two declarations stand for them. */
import { nameCodes, withArticle } from '../../diagnostics/codes/names.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { at, kindNames, type ModuleScope, type Symbol } from '../../names/modules.ts';
import { packageFolder } from '../../names/packages.ts';
import type { AttributeDecl, SpaceDecl, TokenizerDecl } from '../../syntax/ast.ts';
import type { Checker } from '../context.ts';
import { identityOf, isKind } from './declarations.ts';

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
    return [nameCodes.report('identity-conflict', { kind, name: second.name }, location, { related, notes })];
  }
  // Of two versions each stands for what it was when its copy was published.
  if (versionOf(first) !== versionOf(second)) return [];
  const args = { kind, name: second.name, package: second.module.package, first: host.display(one!), second: host.display(other!) };
  return [nameCodes.report('package-twice', args, location, { related, notes: ['Nobody can say whether the two are the same. Let all depend on one version of the package, and run `npm dedupe`.'] })];
}

const versionOf = ({ declaration }: Identity): string | undefined => ('version' in declaration ? declaration.version?.text : undefined);
