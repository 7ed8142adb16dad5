/** Losses and metrics of vectors in two spaces: each compares the same place of both, or takes their product, and the numbers would say nothing. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import { showTensor } from '../../types/show.ts';
import type { Type } from '../../types/type.ts';
import type { Callable } from '../context.ts';
import { replaceAt } from '../edits.ts';
import { spacesApart } from '../joints/mixtures.ts';
import { showDemand, showFound } from '../joints/nominal.ts';
import type { SpaceFact } from '../joints/origins.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { signatureOf } from '../parts/part.ts';
import { isKind } from '../types/declarations.ts';
import type { Applied, CallTerm, Term } from './model.ts';
import type { ToolScope } from './scope.ts';

/** Whether the vectors that a measure compares lie in one space, as far as that is declared; what does not is reported. */
export function checkSpaces({ inputs, location }: Applied, scope: ToolScope): boolean {
  const [one, other] = [...inputs.values()];
  if (one?.type.kind !== 'tensor' || other?.type.kind !== 'tensor') return true;
  const pair = spacesApart(one.type, other.type);
  if (pair === undefined) return true;
  const { first, second } = pair;
  const isVersion = first.nominal.id === second.nominal.id;
  const shown = [showDemand(first, second), isVersion ? showDemand(second, first) : showFound(first, second)!] as const;
  scope.report(
    jointCodes.report('spaces-mixed', { first: shown[0], second: shown[1], done: 'compared', within: undefined }, location, {
      label: 'compared here',
      related: [
        { location: one.location, text: `vectors of ${shown[0]}` },
        { location: other.location, text: `vectors of ${shown[1]}` },
        ...[...new Set([first.nominal.location, second.nominal.location])].map((declared) => ({ location: declared, text: 'declared here' })),
      ],
      notes: [
        `The same place of a vector is another feature in another ${isVersion ? 'version' : 'space'}. ${consequence(scope, shown)}`,
        'One side is what is learned or exchanged, the other what gives vectors of the space that its result promises.',
      ],
      fixes: [...calledInstead(other, first, scope), ...calledInstead(one, second, scope)],
    }),
  );
  return false;
}

const consequence = ({ symbol }: ToolScope, [first, second]: readonly [string, string]): string =>
  symbol.declaration.kind === 'FitDecl' ? `What \`${symbol.name}\` learns would lie in one of the two under the name of the other: ${first} or ${second}.` : 'The number would say nothing of what is swapped.';

/** A call of another part of the module that reads the same and gives vectors of the wanted space. */
function calledInstead(term: Term, wanted: SpaceFact, scope: ToolScope): Fix[] {
  if (term.kind !== 'call' || term.callee.declaration.kind === 'ModelDecl' || term.location.uri !== scope.module.uri) return [];
  const { start } = term.location.span;
  const { name } = term.callee;
  const learned = scope.symbol.declaration.kind === 'FitDecl' ? scope.module.names.get(scope.symbol.name) : undefined;
  if (term.callee === learned || !scope.module.source.text.startsWith(`${name}(`, start)) return [];
  return [...scope.module.names].filter(([, symbol]) => isKind(symbol, 'PartDecl', 'BackboneDecl') && !reachedFrom(symbol, scope.checker).includes(learned ?? scope.symbol) && givesInstead(symbol, term, wanted, scope)).slice(0, 3).map(([instead]) => ({
    title: `call \`${instead}\`, which gives vectors of \`${wanted.nominal.name}\``,
    edits: [replaceAt({ start, end: start + name.length }, instead, scope.module)],
  }));
}

/** Whether a part reads what a call reads, by the same names, and its result lies in the space. */
export function givesInstead(symbol: Symbol<Callable>, { callee }: CallTerm, wanted: SpaceFact, scope: ToolScope): boolean {
  const [own, other] = [symbol, callee as Symbol<Callable>].map((part) => signatureOf(part, scope.checker, at(part.module, part.declaration.name.span), () => undefined));
  if (own === undefined || other === undefined || own.result.kind !== 'tensor' || own.statics.length > 0) return false;
  const inputs = ({ tensors }: typeof own): string => tensors.map(({ name, type }) => `${name}: ${shownType(type)}`).join(', ');
  return inputs(own) === inputs(other) && own.result.facts.some((fact) => fact.kind === 'space') && spacesApart(own.result, { facts: [wanted] }) === undefined;
}

const shownType = (type: Type): string => (type.kind === 'tensor' ? showTensor(type) : type.kind);
