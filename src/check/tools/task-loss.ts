/**
 * Bridges that are learned by the loss of a task alone. What comes out serves the head that it was learned with, and lies in
 * the space that its type promises by that promise only: rows of noise that are clustered by class do as well.
 */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Fix, Label } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { LossClause, PartDecl } from '../../syntax/ast.ts';
import type { Callable } from '../context.ts';
import { insertAt, writtenAt } from '../edits.ts';
import type { SpaceFact } from '../joints/origins.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { signatureOf } from '../parts/part.ts';
import { tensorsOf, type Signature } from '../parts/signature.ts';
import { isKind } from '../types/declarations.ts';
import { givesInstead } from './measured-spaces.ts';
import type { Applied, CallTerm, Term, WeightedLoss } from './model.ts';
import type { ToolScope } from './scope.ts';
import { methods, type MethodRow } from './tables.ts';
import { calledBy } from './terms.ts';

/** Losses that hold a vector to another, place by place or by its cosine. `kl` holds answers to answers. */
const ofVectors: readonly string[] = ['mse', 'mae', 'huber', 'cosine', 'info_nce', 'clusters'];

/** Warns where the part promises vectors of a space that others make, and no term of the loss holds it to such a vector. */
export function warnOfTask(target: Symbol<PartDecl>, loss: readonly WeightedLoss[], method: Applied, clause: LossClause, scope: ToolScope): void {
  const signature = silently(target, scope);
  const space = signature && spacesIn(signature)[0];
  if (space === undefined || loss.some((summand) => comparesVectors(summand, space, target, scope))) return;
  const maker = makerOf(space, target, readsSpace(signature!), scope);
  if (maker === undefined) return;
  const { name } = space.nominal;
  const fixes = withVectors(target, loss, method, clause, space, scope);
  const related: Label[] = [
    { location: signature!.resultLocation, text: `promises vectors of \`${name}\`` },
    { location: at(maker.module, maker.declaration.name.span), text: `makes vectors of \`${name}\`` },
  ];
  scope.report(
    toolCodes.report('fit-by-task', { part: target.name, space: name }, at(scope.module, clause.value.span), {
      label: `no term holds it to vectors of \`${name}\``,
      related,
      notes: [
        `What serves this task need not be a vector of \`${name}\`: noise that is clustered by class serves it as well. Other heads, and an index, would take it for one.`,
        ...(fixes.length > 0 ? [] : [`Add a term that compares vectors: \`+ mse(${target.name}(…), …)\`, with the vectors of \`${name}\` of the same examples.`]),
        `Where it is to serve this task alone, let its result say another space than \`${name}\`, or none.`,
      ],
      fixes,
    }),
  );
}

const silently = (symbol: Symbol<Callable>, { checker }: ToolScope): Signature | undefined => signatureOf(symbol, checker, at(symbol.module, symbol.declaration.name.span), () => undefined);

const spaceFacts = (types: Signature['result'][]): SpaceFact[] => types.flatMap(tensorsOf).flatMap(({ facts }) => facts.filter((fact): fact is SpaceFact => fact.kind === 'space'));
const spacesIn = ({ result }: Signature): SpaceFact[] => spaceFacts([result]).filter(({ nominal }) => nominal.parameter === undefined);
const readsSpace = ({ tensors }: Signature): boolean => spaceFacts(tensors.map(({ type }) => type)).length > 0;

/** Whether a term holds what is learned, as a vector of the space, to what is there without it. */
function comparesVectors({ name, inputs }: WeightedLoss, space: SpaceFact, target: Symbol, scope: ToolScope): boolean {
  if (!ofVectors.includes(name)) return false;
  const [learned, others] = [true, false].map((wanted) => [...inputs.values()].filter((term) => dependsOn(term, target, scope) === wanted)) as [Term[], Term[]];
  return others.length === 1 && learned.some(({ type }) => type.kind === 'tensor' && spaceFacts([type]).some(({ nominal }) => nominal.id === space.nominal.id));
}

const dependsOn = (term: Term, target: Symbol, { checker }: ToolScope): boolean => calledBy(term).some((symbol) => reachedFrom(symbol, checker).includes(target));

/**
 * What makes vectors of the space from what lies in none. Beside a part that reads no vectors itself, and so may be the first
 * that makes them, it is one whose weights are given.
 */
function makerOf({ nominal }: SpaceFact, target: Symbol, isBridge: boolean, scope: ToolScope): Symbol<Callable> | undefined {
  return importedBelow(scope.module).flatMap(({ names }) => [...names.values()]).find((symbol): symbol is Symbol<Callable> => {
    if (!isKind(symbol, 'PartDecl', 'BackboneDecl') || symbol === target) return false;
    const { declaration } = symbol;
    if (declaration.kind === 'PartDecl' && (declaration.weights === undefined || (declaration.weights.learned && !isBridge))) return false;
    const signature = silently(symbol, scope);
    return signature !== undefined && spacesIn(signature).some(({ nominal: { id } }) => id === nominal.id) && !readsSpace(signature) && !reachedFrom(symbol, scope.checker).includes(target);
  });
}

/** The module, and all whose names it uses, directly or through others. */
function importedBelow(module: ModuleScope): readonly ModuleScope[] {
  const found = new Set([module]);
  for (const { names } of found) for (const symbol of names.values()) found.add(symbol.module);
  return [...found];
}

/** Another term: the call of the part, held to a call that reads the same and gives vectors of the space. */
function withVectors(target: Symbol, loss: readonly WeightedLoss[], { name }: Applied, clause: LossClause, space: SpaceFact, scope: ToolScope): Fix[] {
  const row: MethodRow = methods[name as keyof typeof methods];
  const call = loss.flatMap(({ inputs }) => [...inputs.values()]).flatMap(callsIn).find(({ callee }) => callee === target);
  const [read] = call?.inputs.values() ?? [];
  if (row.minimises !== 'any' || call === undefined || call.inputs.size !== 1 || read?.kind !== 'call') return [];
  const { module } = scope;
  const learned = writtenAt(call.location, module);
  const reading = writtenAt(read.location, module);
  const begun = `${read.callee.name}(`;
  if (!reading.startsWith(begun)) return [];
  return [...module.names].filter(([, symbol]) => isKind(symbol, 'PartDecl', 'BackboneDecl') && !reachedFrom(symbol, scope.checker).includes(target) && givesInstead(symbol, read, space, scope)).slice(0, 3).map(([maker]) => {
    const term = ` + mse(${learned}, ${maker}(${reading.slice(begun.length)})`;
    return { title: `hold it to the vectors of \`${maker}\`, too`, edits: [insertAt(clause.value.span.end, term, module)] };
  });
}

function callsIn(term: Term): readonly CallTerm[] {
  if (term.kind === 'column') return [];
  if (term.kind === 'field') return callsIn(term.of);
  return [term, ...[...term.inputs.values()].flatMap(callsIn)];
}
