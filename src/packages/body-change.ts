import type { IdentityUse } from '../check/model.ts';
import { lockCodes } from '../diagnostics/codes/lock.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { BoundBody } from './bodies.ts';
import { shortDigest } from './digest.ts';
import { bump, nameOf, nextBreaking } from './identity-change.ts';

export interface ChangedBodies {
  /** Those that are bound, and compute something else now. */
  readonly others: readonly BoundBody[];
  /** Those that nobody knows, where some that are bound are gone. */
  readonly instead: readonly BoundBody[];
  /** Keys. */
  readonly gone: readonly string[];
}

/** Parts that compute other vectors of a space under the same version. */
export function reportBodies(identity: IdentityUse, old: ReadonlyMap<string, string>, { others, instead, gone }: ChangedBodies): Diagnostic {
  const { version } = identity;
  // Of those with weights there is more to say; what only calls another that changed stands behind it.
  const [first, ...more] = [...others, ...instead].sort((a, b) => Number(b.body.weights !== undefined) - Number(a.body.weights !== undefined) || a.length - b.length);
  const { body } = first!;
  const next = nextBreaking(version);
  const were = gone.map((key) => `${called(key)} (${shortDigest(old.get(key)!)})`).join(', ');
  const bound = others.length === 0 ? `bound to ${gone.map(called).join(', ')} as ${version}` : `bound to what ${more.length === 0 ? 'it' : 'they'} computed, as ${version}`;
  return lockCodes.report('space-changed', { name: nameOf(identity), version, what: 'body', by: [body.name, ...more.map((one) => one.body.name)] }, body.location, {
    label: others.length === 0 ? 'in the place of another' : 'computes something else',
    related: [...more.map((one) => ({ location: one.body.location, text: 'and this' })), { location: identity.location, text: bound }],
    notes: [
      ...others.map(({ key, digest }) => `What ${called(key)} computes was ${shortDigest(old.get(key)!)} and is now ${shortDigest(digest)}.`),
      ...instead.map(({ key, digest }) => `mdl.lock binds ${were}, which is gone; now it is ${called(key)} (${shortDigest(digest)}).`),
      `Heads and stored vectors know the space as it was: what they were made with is not what ${more.length === 0 ? `\`${body.name}\` gives` : 'these give'} now.`,
      ...(body.weights === undefined ? [] : [body.learned ? 'Its weights were learned for what it computed before: `mdl fit` learns them anew, and binds what it computes now.' : 'Its weights were made for what it computed before.']),
      `Give the space its next version, ${next}, which all who read it have to ask for.`,
      'If you know that it gives what it gave, written otherwise, keep the version, and run: mdl check --accept',
    ],
    fixes: bump(identity, next),
  });
}

/** `Encode` of encoder.mdl */
const called = (key: string): string => `\`${key.slice(key.lastIndexOf('#') + 1, -'()'.length)}\` of ${key.slice(0, key.lastIndexOf('#'))}`;
