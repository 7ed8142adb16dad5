/** What an app reads of an error of the runtime: as Node prints one that nobody caught. */
import { inspect } from 'node:util';
import { expect } from 'vitest';
import { MdlRuntimeError } from '../../src/runtime/index.ts';
import { expectGolden } from '../diagnostics/golden.ts';

/** Holds what a call throws to the golden file of this name, without the lines of the stack. */
export async function expectThrown(name: string, call: () => Promise<unknown>): Promise<void> {
  const error: unknown = await call().then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(MdlRuntimeError);
  const said = inspect(error).replace(/(?:\n\s+at .*)+$/, '').replaceAll(/\b[0-9a-f]{64}\b/g, 'DIGEST');
  expectGolden(`${said}\n`, new URL(`golden/${name}.txt`, import.meta.url));
}
