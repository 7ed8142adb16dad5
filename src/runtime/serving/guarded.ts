import { printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { MdlRuntimeError, raise } from '../errors.ts';

/** Reads what an app gave: a getter or a proxy of the app's may throw anything, which becomes a finding on `field`. */
export function guarded<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (isOurs(error)) throw error;
    const found = `one that throws when it is read (${wordsOf(error)})`;
    raise(runtimeCodes.finding('input-kind', { field, expected: 'plain data', found }));
  }
}

function isOurs(error: unknown): boolean {
  try {
    return error instanceof MdlRuntimeError;
  } catch {
    return false;
  }
}

/** What was thrown may itself throw when it is read. */
function wordsOf(error: unknown): string {
  try {
    return printable(error instanceof Error ? String(error.message) : String(error));
  } catch {
    return 'something without words';
  }
}

/** What an observer throws must neither fail a run nor be lost. */
export function guardedly(tell: () => void): void {
  try {
    tell();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
