import type { Host } from '../host/host.ts';
import { lockName } from './lock.ts';

/** Where the lock of an entry module stands: the nearest there is above it, else beside the nearest package.json, else beside itself. */
export function lockUriOf(entry: string, host: Host): string {
  const folders = foldersAbove(entry);
  const holding = (name: string): string | undefined => folders.find((folder) => host.stat(new URL(name, folder).href) !== undefined);
  return new URL(lockName, holding(lockName) ?? holding('package.json') ?? folders[0]).href;
}

/** The folder of a file and all above it, the nearest first. */
function foldersAbove(uri: string): string[] {
  const folders = [new URL('.', uri).href];
  for (;;) {
    const parent = new URL('..', folders.at(-1)).href;
    if (parent === folders.at(-1)) return folders;
    folders.push(parent);
  }
}

/** The path from the lock file to a file, with `/` and unescaped; the whole URI where there is no path. */
export function pathFromLock(lockUri: string, uri: string): string {
  const from = new URL('.', lockUri);
  const to = new URL(uri);
  if (from.protocol !== to.protocol || from.host !== to.host) return uri;
  const folders = from.pathname.split('/').slice(0, -1);
  const steps = to.pathname.split('/');
  let shared = 0;
  while (shared < folders.length && shared < steps.length - 1 && folders[shared] === steps[shared]) shared++;
  // On Windows the first step is the drive, and no path leads from one to another.
  if (shared === 1 && folders[1]?.endsWith(':') === true) return uri;
  const path = [...folders.slice(shared).map(() => '..'), ...steps.slice(shared)].join('/');
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** The URI of a path that `pathFromLock` made; undefined for what can be no path. */
export function uriFromLock(lockUri: string, path: string): string | undefined {
  const escaped = /^[a-z]+:\/\//.test(path) ? path : path.split('/').map(encodeStep).join('/');
  return URL.canParse(escaped, lockUri) ? new URL(escaped, lockUri).href : undefined;
}

// Lone surrogates, which JSON can hold, cannot be encoded.
const encodeStep = (step: string): string => encodeURIComponent(step.replace(/\p{Surrogate}/gu, '\ufffd'));
