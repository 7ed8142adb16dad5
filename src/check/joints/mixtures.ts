/**
 * Vectors of two spaces, or two values of one attribute, under one operator. A sum, a product or a comparison of elements reads the same place of both as
 * one feature, which it is not in two spaces. What parameters were fitted over is another matter: they know the mixture.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Diagnostic, Fix } from '../../diagnostics/diagnostic.ts';
import type { AttributeValues, Operator } from '../../ops/operator.ts';
import type { ModelDecl, Node } from '../../syntax/ast.ts';
import { childrenOf } from '../../syntax/visit.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import type { AttributeStatement, Fact } from '../../types/fact.ts';
import { meantVersions } from '../../types/implies.ts';
import type { TensorType } from '../../types/type.ts';
import { mayMix } from '../../types/version.ts';
import { isKind } from '../types/declarations.ts';
import type { Checker } from '../context.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { converters } from '../fixes.ts';
import { leavesParameters } from '../expressions/reached.ts';
import { showDemand, showFound } from './nominal.ts';
import type { TensorValue, Value } from '../expressions/values.ts';
import { meetsRows, spacesOf, type SpaceFact } from './origins.ts';

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

/** The reductions that make one row of several, and what they do with them. */
const reducing: Readonly<Record<string, string>> = { ReduceMean: 'averaged', ReduceSum: 'added', ReduceMax: 'compared', ReduceMin: 'compared' };

/** Notes an operator whose operands lie in spaces that may not be mixed. */
export function noteMixture(operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues, span: Span, env: Env): void {
  const followed = env.inferring;
  if (env.deep !== undefined || env.mixtures === undefined || followed?.fitted === true) return;
  const mixture = mixtureOf(operator, operands, attributes);
  if (mixture === undefined) return;
  env.checker.unsettled++;
  env.mixtures.push({ ...mixture, within: followed?.part, sites: [...(followed?.sites ?? []), at(env.scope.module, span)] });
}

function mixtureOf(operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues): (Pair & Pick<Meeting, 'done'>) | undefined {
  const { name } = operator;
  const [first] = operands;
  if (Object.hasOwn(reducing, name)) {
    const pair = first !== undefined && meetsRows(operator, first, attributes) ? apart(spacesOf(first), spacesOf(first)) : undefined;
    return pair && { ...pair, done: reducing[name]! };
  }
  const done = Object.hasOwn(mixing, name) ? mixing[name]! : undefined;
  if (done === undefined && name !== 'Concat') return undefined;
  const pair = (done === undefined ? undefined : mixedSpaces(operands)) ?? mixedAttributes(operands);
  return pair && { ...pair, done: done ?? 'joined' };
}

/** The first two operands that have vectors of spaces which may not be mixed. */
function mixedSpaces(operands: readonly TensorValue[]): Pair | undefined {
  for (const [i, one] of operands.entries()) {
    const pair = apart(spacesOf(one), operands.slice(i + 1).flatMap(spacesOf));
    if (pair !== undefined) return pair;
  }
  return undefined;
}

/** Of two values, by what their types say: the first two spaces that may not be mixed. */
export function spacesApart(...[one, other]: readonly [Pick<TensorType, 'facts'>, Pick<TensorType, 'facts'>]): { readonly first: SpaceFact; readonly second: SpaceFact } | undefined {
  const spaces = ({ facts }: Pick<TensorType, 'facts'>): SpaceFact[] => facts.filter((fact): fact is SpaceFact => fact.kind === 'space');
  const pair = apart(spaces(one), spaces(other));
  return pair?.of === 'spaces' ? pair : undefined;
}

function apart(some: readonly SpaceFact[], others: readonly SpaceFact[]): Pair | undefined {
  for (const first of some) {
    const second = others.find((other) => !agree(first, other));
    if (second !== undefined) return { of: 'spaces', first, second };
  }
  return undefined;
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
  const isOne = (a.value !== undefined && a.value === b.value) || isWhichever(a) || isWhichever(b);
  return isOne || mayMix(meantVersions(a), meantVersions(b), [a.nominal, b.nominal]);
}

/** A parameter stands for one version, whichever. */
const isWhichever = ({ nominal, versions }: SpaceFact): boolean => nominal.parameter === true && versions.length === 0;

/** Reports what was noted in a body, once it is known whether parameters are fitted over it. */
export function reportMixtures(env: Env): void {
  const { symbol, checker, mixtures = [], report } = env;
  if (isKind(symbol, 'PartDecl') && (symbol.declaration.weights !== undefined || leavesParameters(symbol, checker))) return;
  for (const mixture of mixtures) if (!mixture.sites.some((site) => isTold(site, checker))) report(diagnosticOf(mixture, env));
}

/** An output in which rows of several spaces stand one behind the other: whoever gets it would compare them as rows of one. */
export function reportMixedRows(outputs: readonly { readonly name: string; readonly value: Value }[], env: Env): void {
  if ((env.mixtures ?? []).length > 0) return;
  for (const { name, value } of outputs) {
    const pair = value.kind === 'tensor' ? apart(spacesOf(value), spacesOf(value)) : undefined;
    const member = (env.symbol.declaration as ModelDecl).members.find((m) => m.kind === 'ModelOutput' && m.name.text === name);
    if (pair?.of !== 'spaces' || member?.kind !== 'ModelOutput') continue;
    const { first, second } = pair;
    const args = { output: name, first: showDemand(first, second), second: showDemand(second, first) };
    env.report(
      jointCodes.report('rows-mixed', args, at(env.scope.module, member.value.span), {
        label: 'rows of both',
        related: first.nominal.id === second.nominal.id ? [] : [{ location: first.nominal.location, text: 'the one' }, { location: second.nominal.location, text: 'the other' }],
        notes: ['An app that compares its rows compares vectors of two spaces. Give them as two outputs, each in its own space.'],
      }),
    );
  }
}

/** Whoever calls a part that was told of its own mixture need not hear of it, too. */
const isTold = ({ uri, span }: Location, { diagnostics }: Checker): boolean =>
  diagnostics.some(({ code, location }) => (code === 'spaces-mixed' || code === 'attributes-mixed') && location.uri === uri && location.span.start === span.start && location.span.end === span.end);

const diagnosticOf = (mixture: Mixture, env: Env): Diagnostic => (mixture.of === 'spaces' ? ofSpaces(mixture, mixture) : { ...ofAttributes(mixture, mixture), fixes: broughtTogether(mixture, mixture, env) });

/** One of two operands brought to the other's value, by a part in scope. */
function broughtTogether({ first, second }: Extract<Pair, { of: 'attributes' }>, { within, sites: [site] }: Meeting, env: Env): Fix[] {
  const { module } = env.scope;
  if (within !== undefined || site === undefined || site.uri !== module.uri) return [];
  const [one, other, ...more] = operandsAt(site.span, env.symbol.declaration);
  if (one === undefined || other === undefined || more.length > 0) return [];
  const call = (name: string, { span }: Node): Fix => {
    const text = `${name}(${writtenAt({ span }, module)})`;
    return { title: `write \`${text}\``, edits: [replaceAt(span, text, module)] };
  };
  return [...converters(second, first, env).map((name) => call(name, one)), ...converters(first, second, env).map((name) => call(name, other))];
}

/** The operands of the operator at a place. */
function operandsAt(span: Span, node: Node): readonly Node[] {
  if (node.span.start === span.start && node.span.end === span.end) {
    if (node.kind === 'BinaryExpr') return [node.left, node.right];
    if (node.kind === 'CallExpr') return node.args.filter((arg) => arg.name === undefined).map(({ value }) => value);
  }
  const inner = childrenOf(node).find((child) => child.span.start <= span.start && span.end <= child.span.end);
  return inner === undefined ? [] : operandsAt(span, inner);
}

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
  const args = { first: showDemand(first, second), second: same ? showDemand(second, first) : showFound(first, second)!, done, within };
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
      ...(same ? [first, second].filter(({ versions }) => versions.length > 1).slice(0, 1).map(({ versions }) => `What is of ${versions.join(' or ')} is of one of these, and nobody knows of which. Declare it of one: \`${first.nominal.name}@${versions.at(-1)}\`.`) : []),
    ],
  });
}
