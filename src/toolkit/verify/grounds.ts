/** What a stored statement rests on, thing by thing, so that it can be said which of them is another one now. */
import { createHash } from 'node:crypto';
import type { CheckedModel } from '../../check/model.ts';
import type { Host } from '../../host/host.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { filesOfModel, fingerprintOf } from '../data/fingerprint.ts';

/** By what they are called, as a clause of a sentence: 16 hexadecimal digits of what each was. */
export type Grounds = Readonly<Record<string, string>>;

type Named<T> = readonly (readonly [name: string, value: T])[];

/** Things of one name become one, in their order. */
export function groundsOf(things: Named<unknown>): Grounds {
  const byName = new Map<string, unknown[]>();
  for (const [name, value] of things) byName.set(name, [...(byName.get(name) ?? []), value]);
  return Object.fromEntries([...byName].map(([name, values]) => [name, createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 16)]));
}

/** How models are composed, and what the files are that they reach. */
export function digestsIn(models: Named<CheckedModel>, lockUri: string, host: Host): Named<string> {
  const files = [...new Set(models.flatMap(([, model]) => filesOfModel(model)))];
  return [
    ...models.map(([name, model]) => [name, fingerprintOf(model, () => '')] as const),
    ...files.map((uri) => {
      const digest = host.sha256(uri);
      return [`the file ${pathFromLock(lockUri, uri)}`, digest.ok ? digest.value : ''] as const;
    }),
  ];
}

const mostNamed = 5;

/** `Others now: the file weights/back.safetensors, the data test.jsonl.`; undefined where nothing is known of before. */
export function changedGrounds(before: Grounds | undefined, now: Grounds | undefined): string | undefined {
  if (before === undefined || now === undefined) return undefined;
  const changed = Object.keys(now).filter((name) => before[name] !== undefined && before[name] !== now[name]);
  const added = Object.keys(now).filter((name) => before[name] === undefined);
  const gone = Object.keys(before).filter((name) => now[name] === undefined);
  const told = [
    ...(changed.length === 0 ? [] : [`Another one now: ${listed(changed)}.`]),
    ...(added.length === 0 ? [] : [`New: ${listed(added)}.`]),
    ...(gone.length === 0 ? [] : [`No longer there: ${listed(gone)}.`]),
  ];
  return told.length === 0 ? undefined : told.join(' ');
}

/** Names behind one another, of many the first. */
export const listed = (names: readonly string[]): string => `${names.slice(0, mostNamed).join(', ')}${names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''}`;
