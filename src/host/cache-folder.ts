import path from 'node:path';

/** Where this user's programs keep what they can make again; undefined where the environment does not say. */
export function cacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const home = env['HOME'];
  const folder = env['XDG_CACHE_HOME'] ?? env['LOCALAPPDATA'] ?? (home === undefined ? undefined : path.join(home, '.cache'));
  return folder === undefined ? undefined : path.join(folder, 'mdl-lang');
}
