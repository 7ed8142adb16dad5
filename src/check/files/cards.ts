/** What is said of the backbones of a model, for its manifest and card. */
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl } from '../../syntax/ast.ts';
import type { Checker } from '../context.ts';
import { isKind } from '../types/declarations.ts';
import { at } from '../../text/source.ts';
import type { CheckedBackbone } from '../model.ts';

/** How many backbones may be made of each other. */
const deepest = 64;

/** The backbone, then the one that it is made of, and so on; circles are errors, and end here. */
export function lineageOf(symbol: Symbol<BackboneDecl>): Symbol<BackboneDecl>[] {
  const lineage: Symbol<BackboneDecl>[] = [];
  for (let one: Symbol | undefined = symbol; isKind(one, 'BackboneDecl') && lineage.length < deepest; ) {
    lineage.push(one);
    const { base }: BackboneDecl = one.declaration;
    one = base && one.module.names.get(base.text);
  }
  return lineage;
}

/** The entries of its `card`, and those of the backbones that it is made of where it has none of the name. */
export function cardOf(symbol: Symbol<BackboneDecl>): ReadonlyMap<string, string> {
  const entries = lineageOf(symbol).toReversed().flatMap(({ declaration }) => declaration.members.flatMap((m) => (m.kind === 'CardClause' ? m.entries : [])));
  return new Map(entries.map(({ name, value }) => [name.text, value.value]));
}

/** The backbones among what a model calls. */
export function backbonesOf(reached: readonly Symbol[], checker: Checker): CheckedBackbone[] {
  return reached.filter((symbol) => isKind(symbol, 'BackboneDecl')).flatMap((symbol) => {
    const model = checker.bindings.get(symbol)?.model;
    const { version, doc, base } = symbol.declaration;
    if (model === undefined) return [];
    return [{
      name: symbol.name,
      ...(version === undefined ? {} : { version: version.text }),
      ...(doc === undefined ? {} : { doc }),
      ...(base === undefined ? {} : { base: base.text }),
      uri: model.uri,
      location: at(symbol.module, symbol.declaration.name.span),
      card: cardOf(symbol),
    }];
  });
}
