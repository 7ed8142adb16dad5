/** What fits into memory, and the refusal of what does not, before anything is run for it. */
import { totalmem } from 'node:os';
import { toolkitCodes } from '../diagnostics/codes/toolkit.ts';
import type { Location } from '../text/source.ts';
import { refuse } from './errors.ts';

/** Bytes that a tool may take, by `MDL_MEMORY` (`512MiB`), or what is free. Where the system does not count what it would give back, all that there is. */
export function memoryFor(asked: string | undefined): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMG])i?B$/i.exec(asked?.trim() ?? '') ?? [];
  if (number !== undefined) return Number(number) * 2 ** { K: 10, M: 20, G: 30 }[unit!.toUpperCase() as 'K' | 'M' | 'G'];
  return process.platform === 'linux' ? process.availableMemory() : totalmem();
}

/** What is small beside the memory is kept in it as a whole; more is read a piece at a time. */
export const keptWhole = (memory: number): number => Math.min(64 * 2 ** 20, memory / 16);

export interface MemoryNeed {
  readonly what: string;
  readonly rows: number;
  /** Numbers of a row. */
  readonly columns: number;
  /** So many arrays of that size are there at once, of 4 bytes a number. */
  readonly times: number;
  /** What to do instead. */
  readonly notes: readonly string[];
}

export function requireMemory({ what, rows, columns, times, notes }: MemoryNeed, memory: number, location: Location): void {
  const bytes = 4 * rows * columns * times;
  if (bytes <= memory) return;
  const product = `${rows.toLocaleString('en-US')} rows of ${columns.toLocaleString('en-US')} numbers of 4 bytes${times > 1 ? `, ${times} times` : ''}`;
  refuse(toolkitCodes.finding('data-memory', { what, bytes, free: memory, product }, [...notes, '`MDL_MEMORY=8GiB` says how much may be taken, whatever is free.']), location);
}
