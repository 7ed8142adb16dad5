/**
 * What following calls into bodies came to, so that a body is followed once for equal arguments. An answer is kept by the
 * signature of the part, which is another one as soon as its module, or one that it imports, is checked anew.
 */
import type { Checker } from '../context.ts';
import type { Budget } from '../env.ts';
import type { Signature } from '../parts/signature.ts';

/** What a body came to at a call, and what it took to find it. */
interface Followed<T> {
  readonly found: T;
  /** How many calls were followed below it. */
  readonly calls: number;
  /** How many expressions stood inside each other. */
  readonly height: number;
}

export type FollowedMemory<T> = WeakMap<Signature, Map<string, Followed<T>>>;

/**
 * Parts that more calls stand below than are followed for what can be inferred: known once a body that calls one is checked, and so
 * before that body is itself followed. Only such a body looks into them, so that a long chain is not followed from each of its parts.
 */
export type LargeParts = WeakSet<Signature>;

/** Answers of one part that are kept: an editor's arguments change with every letter. */
const mostKept = 100;
/** How deep in expressions bodies are followed for what can be inferred of them: leaves the stack to what a check itself needs. */
export const deepestExpression = 250;

/** One call to be followed, and how many more may be. */
export interface Following {
  readonly signature: Signature;
  /** What it is given, as a text. */
  readonly key: string;
  readonly budget: Pick<Budget, 'left'> & Partial<Budget>;
}

/**
 * What a body comes to at a call, as `follow` finds it or has found it before with equal arguments. Its facts are those of
 * this call; the sizes in its types may be called as those of another one. What depends on more than the arguments is
 * found anew: where a limit was reached, something reported, or a circle met.
 */
export function followOnce<T>(memory: FollowedMemory<T>, { signature, key, budget }: Following, checker: Checker, follow: () => T): T {
  const known = memory.get(signature) ?? new Map<string, Followed<T>>();
  const before = known.get(key);
  if (before !== undefined && before.calls < budget.left && checker.depth + before.height <= deepestExpression) {
    budget.left -= before.calls;
    checker.deepest = Math.max(checker.deepest, checker.depth + before.height);
    return before.found;
  }
  const { deepest, unsettled, diagnostics: { length } } = checker;
  const { left } = budget;
  checker.deepest = checker.depth;
  const found = follow();
  const height = checker.deepest - checker.depth;
  checker.deepest = Math.max(checker.deepest, deepest);
  const whole = budget.left > 0 && budget.circular !== true && budget.gap !== true && checker.depth + height <= deepestExpression;
  const settled = whole && checker.unsettled === unsettled && checker.diagnostics.length === length;
  if (!settled) return found;
  if (known.size >= mostKept) known.clear();
  known.set(key, { found, calls: left - budget.left, height });
  memory.set(signature, known);
  return found;
}
