/** Files that a bundle refers to instead of copying their weights: what they are called in it. */
import type { Program } from '../ir/program.ts';
import { relativePath } from '../text/paths.ts';

export interface LinkedFiles {
  /** The path in the bundle of a file whose weights may stay in it; undefined for all others. */
  readonly pathOf: (uri: string) => string | undefined;
}

/**
 * Heads' weights are small, and travel inside: only what linked graphs bring stays where it is. Names follow from the paths seen from the
 * model's source, since the folder that a project lies in is another one on another machine.
 */
export function nameLinkedFiles(program: Program, source: string): LinkedFiles {
  const own = new Set(program.initializers.flatMap(({ bytes }) => (bytes === undefined || bytes instanceof Uint8Array ? [] : [bytes.uri])));
  const paths = new Map<string, string>();
  return {
    pathOf: (uri) => {
      if (own.has(uri)) return undefined;
      const known = paths.get(uri);
      if (known !== undefined) return known;
      const taken = new Set(paths.values());
      const wanted = `weights/${plainName(relativePath(uri, source))}`;
      let path = wanted;
      for (let count = 2; taken.has(path); count++) path = wanted.replace('/', `/${count}-`);
      paths.set(uri, path);
      return path;
    },
  };
}

/** `use-lite/model.onnx` as one name without signs that a path could trip over. */
function plainName(path: string): string {
  const tail = path.split('/').filter((part) => part !== '.' && part !== '..').slice(-2).join('-');
  return tail.replace(/%[0-9A-F]{2}/gi, '_').replace(/[^\w.-]/g, '_');
}
