#!/usr/bin/env node
/** The command `mdl`: this process as one call of `run`. */
import module from 'node:module';
import { exit } from './exit.ts';
import { describeBug, run } from './run.ts';

const { stdout, stderr, env } = process;

// From Node 22.1 on, what a command loads is compiled once and kept for the next call.
(module as { readonly enableCompileCache?: () => unknown }).enableCompileCache?.();

for (const stream of [stdout, stderr]) {
  // Whoever read our output has seen enough: `mdl check | head`.
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? exit.fine : exit.bug));
}
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    stderr.write(`${describeBug(error, { env })}\n`);
    process.exit(exit.bug);
  });
}

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
