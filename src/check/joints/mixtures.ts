/**
 * Vectors of two spaces, or two values of one attribute, under one operator. A sum, a product or a comparison of elements reads the same place of both as
 * one feature, which it is not in two spaces. What parameters were fitted over is another matter: they know the mixture.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { at } from '../../names/modules.ts';
import type { Operator } from '../../ops/operator.ts';
import type { Location, Span } from '../../text/source.ts';
import type { AttributeStatement, Fact, NominalStatement } from '../../types/fact.ts';
import { mayMix, satisfiesAny } from '../../types/version.ts';
import { isKind } from '../types/declarations.ts';
import type { Checker } from '../context.ts';
import type { Env } from '../env.ts';
import { leavesParameters } from '../expressions/reached.ts';
import { showDemand, showFound } from './nominal.ts';
import type { TensorValue } from '../expressions/values.ts';

export type SpaceFact = Fact & NominalStatement;

export type AttributeFact = Fact & AttributeStatement;

/** What does not belong under one operator. */
export type Pair = { readonly of: 'spaces'; readonly first: SpaceFact; readonly second: SpaceFact } | { readonly of: 'attributes'; readonly first: AttributeFact; readonly second: AttributeFact };

export type Mixture = Pair & Meeting;

interface Meeting {
  readonly done: string;
  /** The part that was called, where the operator stands in a body that was followed from there. */
  readonly within: string | undefined;
  /** The calls that led there, the outermost first, and the operator. */
  readonly sites: readonly Location[];
}

/** The operators that take the elements of several operands for the same features, and what they do with them. */
const mixing: Readonly<Record<string, string>> = {
  Add: 'added',
  Sub: 'subtracted',
  Mul: 'multiplied',
  Div: 'divided',
  Min: 'compared',
  Max: 'compared',
  Equal: 'compared',
  Greater: 'compared',
  GreaterOrEqual: 'compared',
  Less: 'compared',
  LessOrEqual: 'compared',
  MatMul: 'multiplied',
  Gemm: 'multiplied',
  Where: 'mixed',
};

/** The operators that give the vectors of their first operand, or their directions, in another layout. */
const rearranging: ReadonlySet<string> = new Set(['Transpose', 'Unsqueeze', 'Squeeze', 'Reshape', 'Flatten', 'Expand', 'Tile', 'Slice', 'Gather', 'Neg', 'LpNormalization']);

const spaceOf = ({ type, rearranged }: TensorValue): SpaceFact | undefined => type.facts.find((fact): fact is SpaceFact => fact.kind === 'space') ?? rearranged;

/** The space of the vectors that an operator has only laid out anew. */
export const rearrangedSpace = (operator: Operator, [first]: readonly TensorValue[]): SpaceFact | undefined =>
  first !== undefined && rearranging.has(operator.name) ? spaceOf(first) : undefined;

/** Notes an operator whose operands lie in spaces that may not be mixed. */
export function noteMixture(operator: Operator, operands: readonly TensorValue[], span: Span, env: Env): void {
  const followed = env.inferring;
  if (env.deep !== undefined || env.mixtures === undefined || followed?.fitted === true) return;
  const done = Object.hasOwn(mixing, operator.name) ? mixing[operator.name] : undefined;
  const joined = operator.name === 'Concat' ? 'joined' : done;
  const spaces = done === undefined ? undefined : mixedSpaces(operands);
  const pair = spaces ?? (joined === undefined ? undefined : mixedAttributes(operands));
  if (pair === undefined) return;
  env.checker.unsettled++;
  env.mixtures.push({ ...pair, done: joined!, within: followed?.part, sites: [...(followed?.sites ?? []), at(env.scope.module, span)] });
}

function mixedSpaces(operands: readonly TensorValue[]): Pair | undefined {
  const [first, ...others] = operands.flatMap((operand) => spaceOf(operand) ?? []);
  const second = first && others.find((other) => !agree(first, other));
  return second && { of: 'spaces', first: first!, second };
}

function mixedAttributes([one, ...others]: readonly TensorValue[]): Pair | undefined {
  const attributesOf = (facts: readonly Fact[]): AttributeFact[] => facts.filter((fact) => fact.kind === 'attribute');
  for (const first of attributesOf(one?.type.facts ?? [])) {
    const second = others.flatMap((other) => attributesOf(other.type.facts)).find(({ attribute, value }) => attribute.id === first.attribute.id && value !== first.value);
    if (second !== undefined) return { of: 'attributes', first, second };
  }
  return undefined;
}

function agree(a: SpaceFact, b: SpaceFact): boolean {
  if (a.nominal.id !== b.nominal.id) return false;
  return mayMix(compatibleOf(a), rangesOf(a), rangesOf(b)) || mayMix(compatibleOf(b), rangesOf(b), rangesOf(a));
}

/** What is compatible with the declared version is so with vectors that may be of it. */
const compatibleOf = (fact: SpaceFact): readonly string[] => (satisfiesAny(fact.nominal.version, rangesOf(fact)) ? fact.nominal.compatible : []);

/** A parameter stands for one version, whichever; a producer's is the one that is declared. */
const rangesOf = ({ nominal, versions }: SpaceFact): readonly string[] => (versions.length > 0 ? versions : nominal.parameter ? [] : [nominal.version]);

/** Reports what was noted in a body, once it is known whether parameters are fitted over it. */
export function reportMixtures({ symbol, checker, mixtures = [], report }: Env): void {
  if (isKind(symbol, 'PartDecl') && (symbol.declaration.weights !== undefined || leavesParameters(symbol, checker))) return;
  for (const mixture of mixtures) if (!mixture.sites.some((site) => isTold(site, checker))) report(diagnosticOf(mixture));
}

/** Whoever calls a part that was told of its own mixture need not hear of it, too. */
const isTold = ({ uri, span }: Location, { diagnostics }: Checker): boolean =>
  diagnostics.some(({ code, location }) => (code === 'spaces-mixed' || code === 'attributes-mixed') && location.uri === uri && location.span.start === span.start && location.span.end === span.end);

const diagnosticOf = (mixture: Mixture): Diagnostic => (mixture.of === 'spaces' ? ofSpaces(mixture, mixture) : ofAttributes(mixture, mixture));

function ofAttributes({ first, second }: Extract<Pair, { of: 'attributes' }>, { done, within, sites }: Meeting): Diagnostic {
  const [location, body] = [sites[0]!, sites.at(-1)!];
  const said = ({ location: place, attribute, value }: AttributeFact) => (place === undefined ? [] : [{ location: place, text: `${attribute.name} == ${value}` }]);
  return jointCodes.report('attributes-mixed', { attribute: first.attribute.name, first: first.value, second: second.value, done, within }, location, {
    label: within === undefined ? `${done} here` : 'called with both',
    related: [...(body === location ? [] : [{ location: body, text: `${done} here` }]), ...said(first), ...said(second)],
    notes: [`What comes out is read neither as ${first.value} nor as ${second.value}: of its ${first.attribute.name} nothing is known. Bring one of them to the other's before, by a part whose result says so.`],
  });
}

function ofSpaces({ first, second }: Extract<Pair, { of: 'spaces' }>, { done, within, sites }: Meeting): Diagnostic {
  const [location, body] = [sites[0]!, sites.at(-1)!];
  const same = first.nominal.id === second.nominal.id;
  const args = { first: showDemand(first, second.nominal), second: same ? showDemand(second, first.nominal) : showFound(first, second.nominal)!, done, within };
  return jointCodes.report('spaces-mixed', args, location, {
    label: within === undefined ? `${done} here` : 'called with both',
    related: [
      ...(body === location ? [] : [{ location: body, text: `${done} here` }]),
      ...(same ? [{ location: first.nominal.location, text: 'the space of both' }] : [{ location: first.nominal.location, text: 'the one' }, { location: second.nominal.location, text: 'the other' }]),
    ],
    notes: [
      `The same place of a vector is another feature in another ${same ? 'version' : 'space'}, so the numbers that come out say nothing.`,
      same
        ? `Where vectors of both may be mixed, the newer version says so: \`space ${first.nominal.name} @ ${first.nominal.version} compatible …\`.`
        : 'Bring one of them into the space of the other by an adapter with `weights` that were fitted for it, or give both to a head, one behind the other: `onnx.Concat(a, b, axis: -1)`.',
    ],
  });
}
