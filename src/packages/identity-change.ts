import type { DerivedNetwork, ForeignUse, IdentityUse } from '../check/model.ts';
import { lockCodes } from '../diagnostics/codes/lock.ts';
import type { Diagnostic, Fix } from '../diagnostics/diagnostic.ts';
import type { Location } from '../text/source.ts';
import { parseVersion } from '../types/version.ts';
import { shortDigest } from './digest.ts';
import type { Binding } from './lock.ts';

/** What of a space or tokenizer is another one than the lock has. */
export interface Changed {
  readonly uses: readonly ForeignUse[];
  readonly derived: readonly DerivedNetwork[];
  /** Files of those networks, with both digests. */
  readonly inside: ReadonlyMap<string, readonly [string, string]>;
}

/** A space or tokenizer whose files are no longer those that its version is bound to. */
export function reportChange(identity: IdentityUse, old: Binding, now: Binding, { uses, derived, inside }: Changed): Diagnostic {
  const [first] = uses;
  if (first !== undefined && identity.kind === 'space' && derived.length === 0 && uses.every(({ role }) => role === 'weights')) return reportWeights(identity, changes(old, now, inside), [first, ...uses.slice(1)]);
  const { kind, version } = identity;
  const next = nextBreaking(version);
  return lockCodes.report(`${kind}-changed`, { name: nameOf(identity), version, what: 'encoder' }, identity.location, {
    label: `bound to other bytes as ${version}`,
    related: [...uses.map(({ location }) => ({ location, text: 'this file' })), ...derived.map(({ location }) => ({ location, text: 'made of another one here' }))],
    notes: [
      ...changes(old, now, inside),
      reasons[kind],
      `That breaks all who accept ${version} now, so the next version is ${next}, which they have to ask for.`,
      'If you know that it gives what the old one gave, keep the version, and run: mdl check --accept',
    ],
    fixes: bump(identity, next),
  });
}

/** Of a part that brings vectors into a space, other weights alone: fitted into it again they are of it, and a new version would break all who read it. */
function reportWeights(identity: IdentityUse, changed: readonly string[], [first, ...others]: readonly [ForeignUse, ...ForeignUse[]]): Diagnostic {
  const { version } = identity;
  return lockCodes.report('space-changed', { name: nameOf(identity), version, what: 'weights' }, first.location, {
    label: 'other weights',
    related: [...others.map(({ location }) => ({ location, text: 'and these' })), { location: identity.location, text: `bound to the old ones as ${version}` }],
    notes: [
      ...changed,
      'What they make lies in the space only if they were fitted into it: heads and stored vectors know it as it was.',
      'If they were, as a bridge that was fitted anew, keep the version, and run: mdl check --accept. What was verified with the old ones is stale then.',
      `If they make another space, give it its next version, ${nextBreaking(version)}, which all who read it have to ask for.`,
    ],
  });
}

/** What a space or tokenizer is called where it is declared. */
export const nameOf = ({ id }: IdentityUse): string => id.slice(id.lastIndexOf('#') + 1);

/** A space that gets another encoder under a version that is bound to one. */
export function reportJoining(identity: IdentityUse, old: Binding, joining: readonly Location[]): Diagnostic {
  const { version } = identity;
  const [first, ...others] = joining;
  return lockCodes.report('space-joined', { name: nameOf(identity), version, count: joining.length }, first!, {
    label: 'another encoder',
    related: [...others.map((location) => ({ location, text: 'and this one' })), { location: identity.location, text: `bound to ${[...old.keys()].join(' and ')} as ${version}` }],
    notes: [
      'Vectors of two encoders have other directions: compared or added they mean nothing, and heads for the one are wrong for the other.',
      `Give this one a space of its own, \`space ${nameOf(identity)}2 @ 1.0.0\`. Where both were made for one space (the same encoder in eight bits, two towers that were trained together), say so by: mdl check --accept`,
    ],
  });
}

const reasons = {
  space: 'Vectors of another encoder have other directions: heads and stored vectors made with the old file are wrong for the new one.',
  tokenizer: 'Other files make other ids of the same text: an encoder trained with the old one gives noise for the new one.',
};

function changes(old: Binding, now: Binding, inside: Changed['inside']): string[] {
  const known = new Set(old.values());
  const gone = [...old].filter(([path]) => !now.has(path));
  const others = [...now].filter(([, digest]) => !known.has(digest));
  const files = others.flatMap(([path, digest]) => {
    const before = old.get(path);
    if (before !== undefined) return isDerived(path) ? [] : [`${path} was ${shortDigest(before)} and is now ${shortDigest(digest)}.`];
    const alike = gone.filter(([bound]) => isNetwork(bound) === isNetwork(path));
    const bound = (alike.length > 0 ? alike : gone).map(([p, d]) => `${p} (${shortDigest(d)})`).join(', ');
    return [`mdl.lock binds ${bound}; now it is ${path} (${shortDigest(digest)}).`];
  });
  const parts = [...inside].flatMap(([path, [before, digest]]) => (now.has(path) ? [] : [`${path}, which it is made of, was ${shortDigest(before)} and is now ${shortDigest(digest)}.`]));
  if (files.length + parts.length > 0) return [...files, ...parts];
  return others.map(([path, digest]) => `What \`${path.slice(path.lastIndexOf('#') + 1)}\` of ${path.slice(0, path.lastIndexOf('#'))} puts into its base was ${shortDigest(old.get(path)!)} and is now ${shortDigest(digest)}.`);
}

/** Whether a path of the lock is that of an encoder; weights of a part are none. */
export const isNetwork = (path: string): boolean => /\.onnx$/i.test(path) || isDerived(path);

/** Whether the lock means a network with values of ours inside: `law.mdl#LawLM`. */
const isDerived = (path: string): boolean => /\.mdl#[^/]+$/.test(path);

/** The next version that a caret range on the old one refuses: before 1.0.0 the minor number is the breaking one. */
export function nextBreaking(version: string): string {
  const [major, minor] = parseVersion(version) ?? [0, 0];
  return major === 0 ? `0.${minor + 1}.0` : `${major + 1}.0.0`;
}

/** Writes the next version into the declaration. */
export function bump({ versionLocation }: IdentityUse, next: string): Fix[] {
  if (versionLocation === undefined) return [];
  return [{ title: 'give it the next version', edits: [{ location: versionLocation, text: next }] }];
}
