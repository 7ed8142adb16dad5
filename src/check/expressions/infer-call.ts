/**
 * What a call's result is known to be beyond its signature: the body is followed with the types of this call's
 * arguments. Bodies of another package are not looked into, because they may change without their signature doing so;
 * the library's may be, its version is the compiler's.
 */
import type { PartDecl } from '../../syntax/ast.ts';
import type { Location } from '../../text/source.ts';
import type { Bindings } from '../../types/bindings.ts';
import { compareEvidence } from '../../types/evidence.ts';
import type { Fact, RangeStatement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { rangeOf } from '../../ops/range.ts';
import { widened } from '../../types/wide-range.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Bound } from './arguments.ts';
import { judgeAttributes } from './attributes-in-body.ts';
import { callKey } from './call-key.ts';
import type { Checker } from '../context.ts';
import type { Env } from '../env.ts';
import { withMeasurement } from '../measured.ts';
import { evaluateBlock } from './block.ts';
import { deepestExpression, followOnce } from './followed.ts';
import { guardResult } from '../joints/guards.ts';
import { spacesOf } from '../joints/origins.ts';
import { readingsOf } from '../joints/readings.ts';
import { withTexts } from '../joints/text-places.ts';
import { enterPart } from './instantiate.ts';
import { judgeNames, withMoved } from './moved-in-body.ts';
import { leavesParameters } from './reached.ts';
import type { Signature } from '../parts/signature.ts';
import { valueOf, type Value } from './values.ts';

/** How many calls may be followed below one; parts that call each other twice grow as powers of two. */
const mostCalls = 200;

/** What a call gives, as far as that is known without following it for its nodes. */
export const inferCall = (signature: Signature, bound: Bound, bindings: Bindings, type: Type, site: Location, env: Env): Value =>
  guardResult(signature, inferResult(signature, bound, bindings, type, site, env), type, site, env);

/** A value of the type that the signature gives, with the facts that follow from the body at this call. */
function inferResult(signature: Signature, bound: Bound, bindings: Bindings, type: Type, site: Location, env: Env): Value {
  const { checker } = env;
  const { declaration } = signature.symbol;
  if (declaration.kind === 'BackboneDecl' || declaration.source !== undefined) return withTexts(valueOf(type), signature, bound);
  if (!isOpen(signature, env)) return valueOf(type);
  const { budget, part, sites, fitted, site: led, report } = env.inferring ?? { budget: { left: mostCalls, passed: false }, part: signature.symbol.name, sites: [], fitted: false, site, report: env.report };
  const isLarge = env.inferring !== undefined && checker.large.has(signature);
  if (isLarge) budget.passed = true;
  if (isLarge || budget.left === 0 || checker.depth > deepestExpression) {
    checker.unsettled++;
    return valueOf(type);
  }
  budget.left--;
  const { body, weights } = signature.symbol.declaration as PartDecl;
  const here = env.scope.module.package === 'std' ? led : site;
  const inferring = { budget, part, sites: [...sites, site], fitted: fitted || weights !== undefined, site: here, report };
  const inner = enterPart(signature, bound, bindings, { ...env, inferring });
  const purpose = inferring.fitted || env.mixtures === undefined ? 'facts' : 'facts and mixtures';
  const follow = (): Value => evaluateBlock(body!, inner);
  // Whoever asks for the steps wants those of the body, too.
  const value = env.trace === undefined ? followOnce(checker.followed, { signature, key: callKey(purpose, bound).text, budget }, checker, follow) : follow();
  judgeNames(signature, bound, value, type, site, env);
  judgeAttributes(signature, bound, value, site, env);
  if (env.inferring === undefined && (budget.left === 0 || budget.passed)) checker.large.add(signature);
  const known = withOdds(valueOf(addInferred(type, guardResult(signature, value, type, site, inner), signature, checker)), value);
  return weights === undefined && !leavesParameters(signature.symbol, checker) ? withOrigins(known, value) : known;
}

/** What a sigmoid made, or one number scaled, is that when a part has done it, and so are places that it found, and vectors of tokens. */
function withOdds(known: Value, value: Value): Value {
  if (known.kind === 'record' && value.kind === 'record') return value.texts === undefined ? known : { ...known, texts: value.texts };
  if (known.kind !== 'tensor' || value.kind !== 'tensor') return known;
  const { odds, numbering, texts } = value;
  return odds === undefined && numbering === undefined && texts === undefined ? known : { ...known, ...(odds && { odds }), ...(numbering && { numbering }), ...(texts && { texts }) };
}

/** What was made of vectors by operators alone is still made of them when a part has done it. */
function withOrigins(known: Value, value: Value): Value {
  if (known.kind !== 'tensor' || value.kind !== 'tensor') return known;
  const [origins, readings] = [spacesOf(value), readingsOf(value)];
  return { ...known, ...(origins.length > 0 && { origins }), ...(readings.length > 0 && { readings }) };
}

/** Whether its callers here may rely on more than its signature. */
export function isOpen({ symbol }: Signature, env: Env): boolean {
  if (symbol.declaration.kind !== 'PartDecl' || symbol.declaration.body === undefined) return false;
  return symbol.module.package === 'std' || symbol.module.package === env.scope.module.package;
}

/** The type with what else is known of the values of the body, and was measured of the part; what it `keeps` is the signature's to say. */
export function addInferred(type: Type, value: Value, { symbol, result }: Signature, { measured }: Checker): Type {
  const add = (known: TensorType, declared: Type | undefined, inferred: TensorType, field: string): TensorType =>
    withFacts(declared?.kind === 'tensor' ? withMoved(known, declared, inferred) : known, inferred, (fact) => withMeasurement(fact, field, symbol, measured));
  if (type.kind === 'tensor' && value.kind === 'tensor') return add(type, result, value.type, '');
  if (type.kind !== 'record' || value.kind !== 'record') return type;
  const inferred = value.type.fields;
  const declared = result.kind === 'record' ? result.fields : undefined;
  return { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, add(field, declared?.get(name), inferred.get(name) ?? field, name)])) };
}

/** What a few steps of the coarsest dtype come to. */
const mostDigits = 2 ** -3;

const ofValues: ReadonlySet<Fact['kind']> = new Set(['range', 'norm', 'sum', 'mean', 'std', 'mask', 'prefix_mask', 'integer', 'finite', 'nonzero', 'one_hot']);

/** An argument without where its facts were said: a body may be followed once for several callers, and what it says itself is told from that. */
export function unplaced(value: Value): Value {
  if (value.kind === 'tensor') return value.type.facts.some(isPlaced) ? { ...value, type: unplacedTensor(value.type) } : value;
  if (value.kind !== 'record' || ![...value.type.fields.values()].some(({ facts }) => facts.some(isPlaced))) return value;
  return { ...value, type: { ...value.type, fields: new Map([...value.type.fields].map(([name, field]) => [name, unplacedTensor(field)])) } };
}

const isPlaced = ({ kind, location }: Fact): boolean => location !== undefined && ofValues.has(kind);

const unplacedTensor = (type: TensorType): TensorType => ({
  ...type,
  facts: type.facts.map((fact) => {
    const { location: _, ...said } = fact;
    return isPlaced(fact) ? said : fact;
  }),
});

/** A promised range, with where kernels put the values of this call: no more than the last digits past it, or another one is known. */
function withDigits(fact: Fact & RangeStatement, inferred: TensorType): Fact {
  const known = rangeOf(inferred);
  const wide = widened(fact, known);
  if (wide === undefined || fact.evidence === 'enforced') return fact;
  const isNear = Math.max(fact.low - wide.low, wide.high - fact.high) <= mostDigits * Math.max(Math.abs(fact.low), Math.abs(fact.high));
  return isNear ? { ...fact, wide } : fact;
}

/** A promise with better evidence than it had. */
function knownAs(fact: Fact, { evidence, because }: Fact): Fact {
  const { because: _, ...said } = fact;
  return { ...said, evidence, ...(evidence === 'measured' && because !== undefined ? { because } : {}) };
}

function withFacts(type: TensorType, inferred: TensorType, beside: (fact: Fact) => Fact): TensorType {
  const more = inferred.facts.filter((fact) => ofValues.has(fact.kind) && implying(type, fact) === undefined).map(beside);
  // What the signature promises for all its callers may be known better of this call.
  const said = type.facts.map((fact): Fact => {
    const known = ofValues.has(fact.kind) ? implying(inferred, fact) : undefined;
    const better = known !== undefined && compareEvidence(known.evidence, fact.evidence) < 0 ? knownAs(fact, known) : fact;
    return better.kind === 'range' ? withDigits(better, inferred) : better;
  });
  return more.length === 0 && said.every((fact, i) => fact === type.facts[i]) ? type : { ...type, facts: [...said, ...more] };
}
