/**
 * Compiled code, kept between calls: of what `mdl check` takes, a quarter is V8 compiling our bundle anew. Node does this
 * itself from 22.1 on. Before that, the loader of CommonJS is given V8's own cache, which V8 refuses where it does not
 * fit the source's length, its version or its flags; a chunk's name holds the hash of its content.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { getHeapCodeStatistics } from 'node:v8';
import vm from 'node:vm';

/** The part of Node's loader that turns a file's text into a function and calls it. */
interface Compiling {
  exports: unknown;
  _compile(content: string, file: string): unknown;
}

/** Begins to keep what is compiled of the files in the folder of `main`, this file alone excepted. */
export function keepCompiledCode(main: string, cache: string | undefined): void {
  const node = Module as { readonly enableCompileCache?: (folder?: string) => unknown };
  if (node.enableCompileCache !== undefined) node.enableCompileCache(cache && path.join(cache, 'node'));
  else if (cache !== undefined) compileWithCache(path.dirname(main), path.join(cache, `code-${process.version}-${process.arch}`));
}

/** Bytes of code that a call may compile beyond what was kept before it keeps that, too: most calls compile some 50 kB. */
const muchCode = 128 * 1024;

function compileWithCache(folder: string, cache: string): void {
  const loader = Module.prototype as unknown as Compiling;
  const compile = loader._compile;
  const scripts: { readonly script: vm.Script; readonly kept: string; readonly length: number }[] = [];
  /** What calls of functions compiled, and what all code took when that was last looked at. */
  let compiled = 0;
  let before = bytecodeBytes();
  loader._compile = function compileOnce(this: Compiling, content: string, file: string): unknown {
    if (path.dirname(file) !== folder) return compile.call(this, content, file);
    compiled += bytecodeBytes() - before;
    const kept = path.join(cache, `${path.basename(file)}.bin`);
    const cachedData = readKept(kept);
    // No `import()` may stand in the bundle: code that was kept cannot follow one.
    const script = new vm.Script(Module.wrap(content), { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
    scripts.push({ script, kept, length: script.cachedDataRejected === false ? cachedData!.length : 0 });
    before = bytecodeBytes();
    const body = script.runInThisContext() as (...args: unknown[]) => unknown;
    return body.call(this.exports, this.exports, createRequire(file), this, file, folder);
  };
  // At the end, so that it holds the functions that this call had to compile: another command's, or those behind an error.
  process.once('exit', () => {
    compiled += bytecodeBytes() - before;
    for (const { script, kept, length } of scripts) {
      if (length > 0 && compiled < muchCode) continue;
      const data = script.createCachedData();
      // V8 forgets what has long not been called, so a long call may hold less.
      if (data.length > length) keep(kept, data);
    }
  });
}

const bytecodeBytes = (): number => getHeapCodeStatistics().bytecode_and_metadata_size;

function readKept(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** Written aside, for another call may read it now. Where it cannot be written, the next call compiles again. */
function keep(file: string, data: Buffer): void {
  const aside = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(aside, data);
    renameSync(aside, file);
  } catch {
    return;
  }
}
