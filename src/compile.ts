/** The compiler as a library: the pipeline together with the parser. */
import type { Host } from './host/host.ts';
import { createPipeline, type Compiler, type CompilerOptions } from './pipeline.ts';
import { parse } from './syntax/index.ts';

export type { Compilation, Compiler, CompilerOptions, Measured } from './pipeline.ts';

/** A compiler that remembers what it parsed and read, so that a second check costs only what has changed. */
export const createCompiler = (host: Host, options: CompilerOptions = {}): Compiler => createPipeline(host, parse, options);
