/**
 * Compiled code, kept between calls: of what `mdl check` takes, a quarter is V8 compiling our bundle anew. Node does this
 * itself from 22.1 on. Before that, the loader of CommonJS is given V8's own cache, which V8 refuses where it does not
 * fit the source's length, its version or its flags; a chunk's name holds the hash of its content.
 */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
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
  compileWithCache(path.dirname(main), path.join(cache, `code-${process.version}-${process.arch}`, user));
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

function compileWithCache(folder: string, cache: string): void {
  const loader = Module.prototype as unknown as Compiling;
  const compile = loader._compile;
  const renewals: (() => void)[] = [];
  loader._compile = function compileOnce(this: Compiling, content: string, file: string): unknown {
    if (path.dirname(file) !== folder) return compile.call(this, content, file);
    const place = path.join(cache, `${path.basename(file)}.bin`);
    const kept = readKept(place);
    // No `import()` may stand in the bundle: code that was kept cannot follow one.
    const script = new vm.Script(Module.wrap(content), { filename: file, ...(kept === undefined ? {} : { cachedData: kept.data }) });
    const accepted = script.cachedDataRejected === false;
    // At the end, so that it holds the functions that this call had to compile.
    if (!accepted || kept?.old === true) renewals.push(() => keep(place, script.createCachedData()));
    const body = script.runInThisContext() as (...args: unknown[]) => unknown;
    return body.call(this.exports, this.exports, createRequire(file), this, file, folder);
  };
  process.once('exit', () => renewals.forEach((renew) => renew()));
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
