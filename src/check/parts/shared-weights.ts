/** Learned weights that two parts would write into one file: the second `fit` takes the first part's away. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { PartDecl, WeightsClause } from '../../syntax/ast.ts';
import { resolvePath } from '../../names/paths.ts';
import { weightsFileOf } from '../../text/paths.ts';
import type { Checker } from '../context.ts';
import { replaceAt } from '../edits.ts';

interface Learned {
  readonly owner: Symbol<PartDecl>;
  readonly weights: WeightsClause;
  readonly uri: string;
}

/** Of all modules that were read: whose file another part learns into, too, is told at the later of the two. */
export function reportSharedWeights(checker: Checker): void {
  const first = new Map<string, Learned>();
  for (const found of learnedParts(checker)) {
    const known = first.get(found.uri);
    if (known === undefined) first.set(found.uri, found);
    else checker.diagnostics.push(sharedWith(known, found, checker));
  }
}

function learnedParts({ modules }: Checker): Learned[] {
  return [...modules.scopes.values()].flatMap((module) =>
    [...module.names.values()].flatMap((symbol): Learned[] => {
      if (symbol.module !== module || symbol.declaration.kind !== 'PartDecl') return [];
      const { weights } = symbol.declaration;
      const uri = weights?.learned ? resolvePath(weights.path.value, module.uri) : undefined;
      return uri === undefined || weights!.path.value === '' ? [] : [{ owner: symbol as Symbol<PartDecl>, weights: weights!, uri }];
    }),
  );
}

function sharedWith(first: Learned, { owner, weights, uri }: Learned, { host }: Checker) {
  const own = weightsFileOf(owner.name);
  const isFree = resolvePath(own, owner.module.uri) !== uri;
  const text = JSON.stringify(own);
  return foreignCodes.report('weights-shared', { file: host.display(uri), owner: owner.name, first: first.owner.name }, at(owner.module, weights.path.span), {
    label: 'a fit writes it anew',
    related: [{ location: at(first.owner.module, first.weights.path.span), text: `\`${first.owner.name}\` learns into it, too` }],
    notes: [`A fit writes a whole file: that of \`${owner.name}\` would take what \`${first.owner.name}\` has learned away, and the other way round. Each needs a file of its own; a part that only reads learned weights names them without \`= learned\`.`],
    fixes: isFree ? [{ title: `write ${text}`, edits: [replaceAt(weights.path.span, text, owner.module)] }] : [],
  });
}
