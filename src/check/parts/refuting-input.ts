/** The input that refutes a claim about a body: found by evaluating the body for inputs of one number each, and open sizes of some number. */
import { substituteTensor } from '../../types/bindings.ts';
import type { Expr } from '../../syntax/ast.ts';
import type { Fact } from '../../types/fact.ts';
import type { Env } from '../env.ts';
import { refutedBy } from '../joints/refuted.ts';
import { describePoint, pointsOf, supposedSizes, typeAt, type Point } from '../joints/witness.ts';
import { traceBody } from '../trace.ts';
import { followedFacts, withFollowed } from './followed-facts.ts';

/** The expression that has to bear a claim out, or the field of its value that is meant. */
interface Claimed {
  readonly expr: Expr;
  readonly field?: string;
}

/** Simple inputs for which the body gives something else than is promised: `where every element of x is 3: there its sum is 9`. */
export function refutingInput(fact: Fact, claim: Claimed, env: Env): string | undefined {
  if (env.symbol.declaration.kind !== 'PartDecl') return undefined;
  const names = env.symbol.declaration.params.map(({ name }) => name.text);
  const inputs = new Map(names.flatMap((name) => {
    const value = env.locals.get(name)?.value;
    return value?.kind === 'tensor' ? [[name, value.type] as const] : [];
  }));
  const open = supposedSizes([...inputs.values()]);
  // Of as few inputs, and of sizes only where it depends on them.
  for (const sizes of open.size === 0 ? [open] : [new Map<never, never>(), open]) {
    const bindings = { ...env.bindings, sizes: new Map([...env.bindings.sizes, ...sizes]) };
    for (const point of pointsOf(inputs, fact.kind, false)) {
      const found = refutedAt(point, fact, claim, { ...env, bindings });
      if (found !== undefined) return `${describePoint(point, [...sizes.values()])}: there ${found}`;
    }
  }
  return undefined;
}

/** What the body gives instead where the inputs are these numbers, and sizes as they are bound. */
function refutedAt(point: Point, fact: Fact, claim: Claimed, env: Env): string | undefined {
  const locals = new Map([...env.locals].map(([name, local]) => {
    const { value } = local;
    return [name, value.kind === 'tensor' && point.has(name) ? { ...local, value: { ...value, type: typeAt(substituteTensor(value.type, env.bindings), point.get(name)!) } } : local] as const;
  }));
  const there: Env = { ...env, locals };
  const { value } = traceBody(claim.expr, there);
  return value?.kind === 'tensor' ? refutedBy(fact, { ...value.type, facts: withFollowed(value.type, followedFacts(claim.expr, there, claim.field)) }) : undefined;
}
