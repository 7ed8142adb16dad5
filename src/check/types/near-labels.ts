/** A free size whose name is nearly that of labels: it is any size, and classes are not compared. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import { editDistance, suggest } from '../../text/suggest.ts';
import type { Declaration } from '../../syntax/ast.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import { isKind } from './declarations.ts';

/** By module: the names of labels in it. Sizes are looked up often, and most modules have none. */
const labelsOf = new WeakMap<ModuleScope, readonly string[]>();

function labelsIn(module: ModuleScope): readonly string[] {
  const known = labelsOf.get(module) ?? [...module.names].flatMap(([name, symbol]) => (isKind(symbol, 'LabelsDecl') ? [name] : []));
  labelsOf.set(module, known);
  return known;
}

const startsLarge = (name: string): boolean => /^\p{Lu}/u.test(name);

const isWithin = (span: Span, { span: outer }: { readonly span: Span }): boolean => outer.start <= span.start && span.end <= outer.end;

/** Whether a place of a declaration is among what it takes: a result whose size no input tells is an error of its own. */
function takesThere(declaration: Declaration, span: Span): boolean {
  switch (declaration.kind) {
    case 'PartDecl':
      return declaration.params.some((param) => isWithin(span, param));
    case 'ModelDecl':
      return declaration.members.some((member) => member.kind === 'ModelInput' && isWithin(span, member));
    case 'BackboneDecl':
      return declaration.members.some((member) => member.kind === 'BackboneInput' && isWithin(span, member));
    default:
      return declaration.kind === 'ContractDecl';
  }
}

/** Undefined where no labels have a name that is near, or the size stands elsewhere in its declaration, too. */
export function nearLabels(name: string, location: Location, module: ModuleScope): Diagnostic | undefined {
  const meant = name.length < 4 ? undefined : suggest(name, labelsIn(module));
  // Sizes are written small, and labels mostly large: one that is written otherwise is meant to be another thing.
  if (meant === undefined || startsLarge(meant) !== startsLarge(name) || editDistance(name, meant) > (name.length < 8 ? 1 : 2)) return undefined;
  const { span } = location;
  const declaration = module.ast.declarations.find((each) => each.span.start <= span.start && span.end <= each.span.end);
  if (declaration === undefined || !takesThere(declaration, span)) return undefined;
  const text = module.source.text.slice(declaration.span.start, declaration.span.end).replace(/\/\/.*/g, '');
  if ([...text.matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)].filter(([word]) => word === name).length !== 1) return undefined;
  const labels = module.names.get(meant)!;
  return nameCodes.report('size-like-labels', { name, labels: meant }, location, {
    label: `\`${meant}\`?`,
    related: [{ location: at(labels.module, labels.declaration.name.span), text: 'declared here' }],
    notes: ['A name that nothing declares is a size of any length, and says nothing of classes. Where that is meant, another name tells it apart.'],
    fixes: [{ title: `write \`${meant}\``, edits: [{ location, text: meant }], doubtful: true }],
  });
}
