#!/usr/bin/env node
/** The command `mdl`: this process as one call of `run`. */
import { fileURLToPath } from 'node:url';
import { cacheFolder } from '../host/cache-folder.ts';
import { reasonOf } from '../host/system-error.ts';
import { describeBug } from './bug.ts';
import { keepCompiledCode } from './code-cache.ts';
import { exit } from './exit.ts';

const { stdout, stderr, env } = process;

for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read our output has seen enough: `mdl check | head`.
    if (error.code === 'EPIPE') process.exit(exit.fine);
    if (stream === stdout) stderr.write(`mdl: standard output cannot be written: ${reasonOf(error)}\n`);
    process.exit(exit.usage);
  });
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    stderr.write(`${describeBug(error, { env })}\n`);
    process.exit(exit.bug);
  });
}

keepCompiledCode(fileURLToPath(import.meta.url), cacheFolder(env), process.argv[2]);
void call();

async function call(): Promise<void> {
  const { run } = await import('./run.ts');
  process.exitCode = await run(process.argv.slice(2), {
    stdout,
    stderr,
    env,
    cwd: process.cwd(),
    // Opened when a command reads it.
    get stdin() {
      return process.stdin;
    },
  });
}
