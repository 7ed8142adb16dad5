/**
 * Compiled code, kept between calls: of what `mdl check` takes, a quarter is V8 compiling our bundle anew. Node does this
 * itself from 22.1 on. Before that, the loader of CommonJS is given V8's own cache, which V8 refuses where it does not
 * fit the source's length, its version or its flags; a chunk's name holds the hash of its content. The first call of a
 * build removes what was not used for a month.
 */
import { readFileSync, readdirSync, renameSync, rmdirSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import vm from 'node:vm';
import { makeFolders } from '../host/make-folders.ts';

/** The part of Node's loader that turns a file's text into a function and calls it. */
interface Compiling {
  exports: unknown;
  _compile(content: string, file: string): unknown;
}

/** Begins to keep what is compiled of the files in the folder of `main`, this file alone excepted, for calls of the same command. */
export function keepCompiledCode(main: string, cache: string | undefined, command = ''): void {
  const node = Module as { readonly enableCompileCache?: (folder?: string) => unknown };
  if (node.enableCompileCache !== undefined) return keepByNode(node.enableCompileCache, cache);
  if (cache === undefined) return;
  // Each command calls other functions of the files that they share.
  const user = /^[a-z]{1,16}$/.test(command) ? command : 'other';
  compileWithCache(path.dirname(main), cache, path.join(`code-${process.version}-${process.arch}`, user));
}

function keepByNode(enable: (folder?: string) => unknown, cache: string | undefined): void {
  if (cache === undefined) return void enable();
  const folder = path.join(cache, 'node');
  try {
    // Node would make the folders by its recursive `mkdir`.
    makeFolders(folder);
  } catch {
    return;
  }
  enable(folder);
}

/** How long kept code is used before a call looks whether it holds more: the call that wrote it may have ended at an error. */
const renewedAfterMs = 10 * 60 * 1000;

function compileWithCache(folder: string, cache: string, user: string): void {
  const loader = Module.prototype as unknown as Compiling;
  const compile = loader._compile;
  const renewals: (() => void)[] = [];
  let isNew = false;
  loader._compile = function compileOnce(this: Compiling, content: string, file: string): unknown {
    if (path.dirname(file) !== folder) return compile.call(this, content, file);
    const place = path.join(cache, user, `${path.basename(file)}.bin`);
    const kept = readKept(place);
    isNew ||= kept === undefined;
    // No `import()` may stand in the bundle: code that was kept cannot follow one.
    const script = new vm.Script(Module.wrap(content), { filename: file, ...(kept === undefined ? {} : { cachedData: kept.data }) });
    const accepted = script.cachedDataRejected === false;
    // At the end, so that it holds the functions that this call had to compile.
    if (!accepted || kept?.old === true) renewals.push(() => keep(place, script.createCachedData()));
    const body = script.runInThisContext() as (...args: unknown[]) => unknown;
    return body.call(this.exports, this.exports, createRequire(file), this, file, folder);
  };
  process.once('exit', () => {
    renewals.forEach((renew) => renew());
    // The first call of another build, or of another command of it.
    if (isNew) sweep(cache);
  });
}

/** What is used is renewed all the time, so that what is older than this belongs to a build that nobody uses any more. */
const sweptAfterMs = 30 * 24 * 60 * 60 * 1000;

/** Removes what builds and versions of Node left that were not used for a month. */
function sweep(cache: string): void {
  const versions = namesIn(cache).filter((name) => /^code-v\d+\.\d+\.\d+-\w+$/.test(name));
  for (const folder of versions.map((name) => path.join(cache, name))) {
    for (const user of namesIn(folder).filter((name) => /^[a-z]{1,16}$/.test(name)).map((name) => path.join(folder, name))) {
      for (const name of namesIn(user).filter((file) => /\.(bin|tmp)$/.test(file))) removeOld(path.join(user, name));
      removeEmpty(user);
    }
    removeEmpty(folder);
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Another call may sweep at the same time: what is gone is gone. */
function removeOld(file: string): void {
  try {
    if (Date.now() - statSync(file).mtimeMs > sweptAfterMs) unlinkSync(file);
  } catch {
    return;
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
}

function readKept(file: string): { readonly data: Buffer; readonly old: boolean } | undefined {
  try {
    return { data: readFileSync(file), old: Date.now() - statSync(file).mtimeMs > renewedAfterMs };
  } catch {
    return undefined;
  }
}

/** Written aside, for another call may read it now. Where it cannot be written, the next call compiles again. */
function keep(file: string, data: Buffer): void {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    makeFolders(path.dirname(file));
    writeFileSync(aside, data);
    renameSync(aside, file);
  } catch {
    return;
  }
}
