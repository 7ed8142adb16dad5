/** What parts that lead into a space compute, against what its version is bound to. */
import { createHash } from 'node:crypto';
import type { BodyUse, IdentityUse } from '../check/model.ts';
import { lockCodes } from '../diagnostics/codes/lock.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { LockInput } from './apply-lock.ts';
import { reportBodies } from './body-change.ts';
import type { Binding } from './lock.ts';
import { pathFromLock, uriFromLock } from './lock-place.ts';

/** What a version is bound to now. */
export interface LockedBinding {
  readonly binding: Binding;
  /** Whether it is another one than in the lock. */
  readonly changed: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a part computes, as the lock has it. */
export interface BoundBody {
  /** `encoder.mdl#Encode()` */
  readonly key: string;
  readonly body: BodyUse;
  readonly digest: string;
  /** How much it is: what calls another part is more than that. */
  readonly length: number;
  /** Whether weights inside are being learned anew, and are not yet other ones: they will belong to the body as it is then. */
  readonly waits: boolean;
}

const bodyKey = /^(.*)#[^#/]+\(\)$/s;

/** A binding without the bodies; undefined where nothing else is bound. */
export function boundFiles(binding: Binding | undefined): Binding | undefined {
  const files = [...(binding ?? [])].filter(([key]) => !bodyKey.test(key));
  return files.length === 0 ? undefined : new Map(files);
}

const boundBodies = (binding: Binding | undefined): ReadonlyMap<string, string> => new Map([...(binding ?? [])].filter(([key]) => bodyKey.test(key)));

/**
 * A part whose body computes something else under the same version is told. One beside those that are bound joins them, unless one of them
 * is gone: it then stands in its place. What is gone stays bound, so that it does not count how often the lock was written between a deletion and what
 * takes the place. Of modules that are not checked here nothing is known, and what is bound stays.
 */
export function lockBodies(identity: IdentityUse, binding: Binding | undefined, input: LockInput, fingerprints: ReadonlyMap<string, string>): LockedBinding {
  const old = boundBodies(binding);
  if (identity.bodies === undefined) return { binding: old, changed: false, diagnostics: [] };
  const now = identity.bodies.flatMap((body) => boundBody(body, input, fingerprints) ?? []);
  const declared = new Set(identity.bodies.map((body) => keyOf(body, input)));
  const missing = new Set([...old.keys()].filter((key) => !declared.has(key) && isKnownMissing(key, input)));
  // What is computed elsewhere was renamed, moved, or was there twice: nothing is lost.
  const lasting = new Set([...now.map(({ digest }) => digest), ...[...old].filter(([key]) => !missing.has(key)).map(([, digest]) => digest)]);
  const gone = [...missing].filter((key) => !lasting.has(old.get(key)!));
  const others = now.filter(({ key, digest, waits }) => old.has(key) && old.get(key) !== digest && !waits);
  const known = new Set([...(binding ?? [])].map(([, digest]) => digest));
  const isFitted = ({ weights }: BodyUse): boolean => weights !== undefined && !known.has(fingerprints.get(weights) ?? '');
  const added = now.filter(({ key }) => !old.has(key));
  const instead = gone.length === 0 ? [] : added.filter(({ body, digest }) => !known.has(digest) && !isFitted(body));
  if (input.mode !== 'accept' && others.length + instead.length > 0) {
    return { binding: old, changed: false, diagnostics: [reportBodies(identity, old, { others, instead, gone })] };
  }
  const kept = [...old].filter(([key, digest]) => !missing.has(key) || (instead.length === 0 && !lasting.has(digest)));
  const settled = now.filter(({ key, waits }) => !(waits && old.has(key)));
  const next = new Map([...kept, ...settled.map(({ key, digest }) => [key, digest] as const)]);
  const changed = next.size !== old.size || [...next].some(([key, digest]) => old.get(key) !== digest);
  return { binding: next, changed, diagnostics: input.mode === 'locked' && knowsBodies(input) ? added.map((one) => unbound(one, identity)) : [] };
}

const keyOf = ({ name, location }: BodyUse, { lockUri }: LockInput): string => `${pathFromLock(lockUri, location.uri)}#${name}()`;

/** Whether it is known of a part that is not declared here that it is nowhere: its module is checked, or gone. */
function isKnownMissing(key: string, { lockUri, modules, host }: LockInput): boolean {
  const uri = uriFromLock(lockUri, bodyKey.exec(key)![1]!);
  return uri !== undefined && (modules.has(uri) || host.stat(uri) === undefined);
}

/** SHA-256 of what is computed, and of each file inside that is bound to no space; undefined where one of them cannot be read. */
function boundBody(body: BodyUse, input: LockInput, fingerprints: ReadonlyMap<string, string>): BoundBody | undefined {
  const graph = body.graph();
  const digests = graph?.files.map((uri) => fingerprints.get(uri));
  if (graph === undefined || digests?.includes(undefined) !== false) return undefined;
  const isAsLocked = (uri: string): boolean => input.lock.files.get(pathFromLock(input.lockUri, uri))?.sha256 === fingerprints.get(uri);
  const digest = createHash('sha256').update(JSON.stringify([graph.text, digests])).digest('hex');
  return { key: keyOf(body, input), body, digest, length: graph.text.length, waits: graph.learned.length > 0 && graph.learned.every(isAsLocked) };
}

/** A lock of before knows none, and need not. */
const knowsBodies = ({ lock }: LockInput): boolean => [...lock.spaces.values()].some((binding) => boundBodies(binding).size > 0);

function unbound({ body: { name, location } }: BoundBody, { id, version }: IdentityUse): Diagnostic {
  return lockCodes.report('lock-outdated', { what: `what \`${name}\` computes for the space ${id}@${version}` }, location, {
    label: 'not bound yet',
    notes: ['Run `mdl check` without --locked, and commit mdl.lock.'],
  });
}
