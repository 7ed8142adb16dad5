/**
 * Comparisons of sizes where values meet. What a part's inputs say of their sizes is assumed in its body, and owed by
 * whoever calls it: proved, or refuted with the sizes of the call. What depends on the inputs of a model becomes a
 * demand on them, which the runtime tests.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Expr, ModelDecl } from '../../syntax/ast.ts';
import { substituteFact, sizeBindings, type Bindings } from '../../types/bindings.ts';
import { symbolsOf, toldBy } from '../../types/dim.ts';
import { exactQuotients, withExact } from '../../types/congruences.ts';
import { weakest } from '../../types/evidence.ts';
import type { Evidence, Fact, SizeStatement } from '../../types/fact.ts';
import { showStatement } from '../../types/show.ts';
import { decideSize, solveEqualities } from '../../types/size-bounds.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import type { Env, SizeDemand } from '../env.ts';
import type { Sides } from '../joints/joint.ts';
import type { CheckedModel, Requirement, TestedSize } from '../model.ts';
import { sayOfInput } from '../say-fixes.ts';
import { showFact } from '../joints/show-fact.ts';
import { tensorsOf } from '../parts/signature.ts';
import type { Value } from '../expressions/values.ts';

export type SizeFact = Fact & SizeStatement;
const isSizeFact = (fact: Fact): fact is SizeFact => fact.kind === 'size';

const factsOf = (type: Type): readonly SizeFact[] => tensorsOf(type).flatMap((tensor) => tensor.facts.filter(isSizeFact));
const typeOf = (value: Value): Type => (value.kind === 'tensor' || value.kind === 'record' ? value.type : { kind: 'unknown' });

/** What the values of a body, and the one in question, say of sizes. */
const knownSizes = (found: TensorType, env: Env): readonly SizeFact[] => [
  ...found.facts.filter(isSizeFact),
  ...[...env.locals.values()].flatMap(({ value }) => factsOf(typeOf(value))),
];

/** How a comparison is known of a value, or whether it is known to be false. */
export function decideIn(env: Env, fact: SizeStatement, found: TensorType): Evidence | 'refuted' | 'unknown' {
  if (decideSize(fact) === 'proved') return 'proved';
  const known = knownSizes(found, env);
  const verdict = decideSize(fact, known);
  if (verdict !== 'proved') return verdict;
  const touched = new Set([...symbolsOf(fact.left), ...symbolsOf(fact.right)].map((symbol) => symbol.key));
  const used = known.filter(({ left, right }) => [...symbolsOf(left), ...symbolsOf(right)].some((symbol) => touched.has(symbol.key)));
  return weakest(...used.map(({ evidence }) => evidence));
}

/** One comparison that a parameter demands; undefined where it does not hold or cannot be tested, which is reported. */
export function requireSize(written: SizeFact, bindings: Bindings, found: TensorType, sides: Sides & { readonly expr: Expr | undefined }, bound: readonly string[], env: Env): Requirement | undefined {
  const fact = substituteFact(written, bindings) as SizeFact;
  const verdict = decideIn(env, fact, found);
  const what = showStatement(fact);
  if (verdict === 'unknown' && env.symbol.declaration.kind === 'ModelDecl' && isTestable(fact, env.symbol.declaration, env)) {
    return { what, evidence: 'enforced', size: fact };
  }
  if (verdict !== 'refuted' && verdict !== 'unknown') return { what, evidence: verdict };
  const demand = showFact(written, env.checker);
  const args = { to: sides.to, from: sides.from, fact: demand, here: what === demand ? undefined : what, verdict };
  env.report(
    jointCodes.report('unmet-size', args, sides.location, {
      related: written.location ? [{ location: written.location, text: 'demanded here' }] : sides.related,
      notes: [...bound, ...(verdict === 'unknown' ? [`Say it of an input, in its contract: \`where ${what}\`. Then whoever calls \`${env.symbol.name}\` has to see to it.`] : [])],
      label: label(fact, verdict),
      fixes: verdict === 'unknown' && sides.expr !== undefined && areGiven(fact, [found]) ? sayOfInput(what, sides.expr, env) : [],
    }),
  );
  return undefined;
}

/** That a size is a multiple, which a part takes; what is not known is demanded of the inputs, or tested. Undefined where it is none. */
export function knownMultiple(fact: SizeStatement, found: TensorType, env: Env): Requirement | undefined {
  const verdict = decideIn(env, fact, found);
  if (verdict === 'refuted') return undefined;
  const what = showStatement(fact);
  if (verdict !== 'unknown') return { what, evidence: verdict };
  const isInput = env.symbol.declaration.kind === 'ModelDecl' && isTestable(fact, env.symbol.declaration, env);
  return { what, evidence: 'enforced', ...(isInput ? { size: fact } : {}) };
}

/** `h` may be any size; `16 >= 32` is plain. */
function label({ left, right }: SizeStatement, verdict: 'refuted' | 'unknown'): string {
  const open = [...new Set([...symbolsOf(left), ...symbolsOf(right)].map(({ name }) => `\`${name}\``))];
  return verdict === 'refuted' || open.length === 0 ? '' : `${open.join(' and ')} may be any size here`;
}

/** Whether an app's inputs say how large everything is that is compared. */
function isTestable(fact: SizeStatement, model: ModelDecl, env: Env): boolean {
  return areGiven(fact, model.members.flatMap((m) => (m.kind === 'ModelInput' ? [typeOf(env.locals.get(m.name.text)?.value ?? { kind: 'unknown' })] : [])));
}

/** Whether each size of a comparison is told by an axis of one of these types. */
export function areGiven({ left, right }: SizeStatement, types: readonly Type[]): boolean {
  const given = new Set(types.flatMap(tensorsOf).flatMap((t) => t.shape.axes.map((axis) => toldBy(axis.size)?.symbol.key)));
  return [...symbolsOf(left), ...symbolsOf(right)].every((symbol) => given.has(symbol.key));
}

/** What the equalities among these types make of their sizes: after `h == w` the two are one size. */
export const equalSizes = (types: readonly Type[]): Bindings => sizeBindings(solveEqualities(types.flatMap(factsOf)));

/** The comparisons of an input's type that the runtime tests. */
export const sizeDemands = factsOf;

/** What a model's inputs say of their sizes, what was left to be tested where they are used, and what operators need; each comparison once. */
export function sizesTested({ inputs, joints, demands }: Pick<CheckedModel, 'inputs' | 'joints' | 'demands'>): readonly TestedSize[] {
  const said = inputs.flatMap(({ name, type }) => sizeDemands(type).map((fact) => ({ fact, by: name })));
  const owed = joints.flatMap(({ to, requirements }) => requirements.flatMap(({ size }) => (size ? [{ fact: size, by: to }] : [])));
  const tested = new Map<string, TestedSize>();
  for (const size of [...said, ...owed]) {
    const text = showStatement(size.fact);
    if (decideSize(size.fact) !== 'proved' && !tested.has(text)) tested.set(text, size);
  }
  const before = [...tested.values()].map(({ fact }) => fact);
  const exact = exactQuotients([...before, ...demands.map(({ fact }) => fact)]);
  const plain = demands.map((size): TestedSize => ({ ...size, fact: plainly(size.fact, exact) }));
  const needed = [...new Map(plain.map((size) => [showStatement(size.fact), size])).values()].filter(({ fact }) => decideSize(fact, before) !== 'proved');
  // Of `seq >= 2` and `seq >= 3` the second says all.
  const strongest = needed.filter((size) => !needed.some((other) => other !== size && decideSize(size.fact, [other.fact]) === 'proved'));
  return [...tested.values(), ...strongest];
}

/** Without what other demands make plain: of `h mod 14 == 0` and `14*(h div 14) >= 28` the second is `h >= 28`. */
function plainly(fact: SizeStatement, exact: ReturnType<typeof exactQuotients>): SizeStatement {
  const isMultiple = exact.some(({ symbol }) => [...fact.left.terms, ...fact.right.terms].some(({ symbols }) => symbols.some(({ key }) => key === symbol.key))) && fact.op === '==';
  return isMultiple ? fact : { ...fact, left: withExact(fact.left, exact), right: withExact(fact.right, exact) };
}

/**
 * What operators of a model need of its inputs' sizes, beyond what those say; undefined where it cannot hold, which is
 * reported.
 */
export function settleDemands(demands: readonly SizeDemand[], inputs: CheckedModel['inputs'], { diagnostics }: Checker): readonly TestedSize[] | undefined {
  const said = inputs.flatMap(({ type }) => factsOf(type));
  const broken = demands.filter(({ fact }) => decideSize(fact, said) === 'refuted');
  for (const { fact, said: written, by, site } of broken) {
    const found = showStatement(fact);
    const why = written === undefined || written === found ? `it needs ${found}, which the inputs of the model cannot have` : `it needs ${written}, and in this model that is ${found}`;
    diagnostics.push(partCodes.report('operator-type', { operator: by, why }, site, { label: 'called here' }));
  }
  return broken.length > 0 ? undefined : demands.filter(({ fact }) => decideSize(fact, said) !== 'proved').map(({ fact, by }) => ({ fact, by }));
}
