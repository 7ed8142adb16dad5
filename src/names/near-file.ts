/** The file that a path was probably meant to name. */
import type { Host } from '../host/host.ts';
import { suggest } from '../text/suggest.ts';
import { resolvePath } from './paths.ts';

const endingOf = (name: string): string => /\.\w+$/.exec(name)?.[0].toLowerCase() ?? '';

/** The path of the nearest file in the folder that a path names, with its ending; no other folder is looked into. */
export function nearFile(path: string, from: string, host: Host): string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const name = path.slice(folder.length);
  const uri = resolvePath(folder === '' ? './' : folder, from);
  if (uri === undefined || name === '' || !uri.endsWith('/')) return undefined;
  const ending = endingOf(name);
  const files = (host.filesIn?.(uri) ?? []).filter((file) => endingOf(file) === ending);
  // The ending makes names alike that are not.
  const stems = new Map(files.map((file) => [file.slice(0, file.length - ending.length), file]));
  const near = suggest(name.slice(0, name.length - ending.length), stems.keys());
  return near === undefined ? undefined : `${folder}${stems.get(near)}`;
}
