/**
 * Texts that can be made again, kept between runs in a folder of the user's: one file a text, the folder bounded. A cache is never
 * needed: what cannot be read or written of it is as if it were not there.
 */
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KeptTexts } from './host.ts';
import { makeFolders } from './make-folders.ts';
import { writeText } from './write-text.ts';

const largestCount = 500;

/** Each text stands below a line that says what it is and who made it: `build` is the program that it is good for. */
export function keepTexts(folder: string, build: string): KeptTexts {
  const headOf = (name: string): string => `${JSON.stringify([build, name])}\n`;
  const place = (head: string): string => path.join(folder, `${hashOf(head)}.json`);
  return {
    read: (name) => {
      const head = headOf(name);
      try {
        const kept = readFileSync(place(head), 'utf8');
        return kept.startsWith(head) ? kept.slice(head.length) : undefined;
      } catch {
        return undefined;
      }
    },
    write: (name, text) => {
      const head = headOf(name);
      try {
        makeFolders(folder);
        makeRoom(folder);
        writeText(place(head), head + text);
      } catch {
        // Nobody can write here; the next run makes it again.
      }
    },
  };
}

/**
 * The bundle that this compiler is in: its name holds the hash of its content and of all that it loads, the parser and every rule
 * included. From sources, and in a program that was bundled otherwise, there is no telling what made a text.
 */
export function ownBuild(): string | undefined {
  const file = path.basename(fileURLToPath(import.meta.url));
  return /^compiler-.+\.cjs$/.test(file) ? file : undefined;
}

/** The oldest half goes. */
function makeRoom(folder: string): void {
  const files = readdirSync(folder);
  if (files.length < largestCount) return;
  const aged = files.map((name) => ({ name, time: statSync(path.join(folder, name)).mtimeMs })).sort((a, b) => a.time - b.time);
  for (const { name } of aged.slice(0, largestCount / 2)) rmSync(path.join(folder, name), { force: true });
}

/** FNV-1a, for a file's name: the line above the text is compared. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16);
}
