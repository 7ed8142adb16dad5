/** Bundles as bytes: whether two are the same, and whether a changed one is found out. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mdl } from '../../cli/harness.ts';
import type { Random } from './drawing.ts';

const filesOf = (folder: string): readonly string[] => (readdirSync(folder, { recursive: true }) as string[]).filter((name) => statSync(path.join(folder, name)).isFile()).sort();

export function sameBytes(one: string, other: string): boolean {
  const names = filesOf(one);
  return names.join() === filesOf(other).join() && names.every((name) => readFileSync(path.join(one, name)).equals(readFileSync(path.join(other, name))));
}

/** Exchanges one byte of one file for another: the audit has to say so. Leaves the bundle broken. */
export async function tampered(bundle: string, random: Random): Promise<readonly string[]> {
  const name = random.pick(filesOf(bundle));
  const file = path.join(bundle, name);
  const bytes = readFileSync(file);
  const at = random.int(0, bytes.length - 1);
  bytes[at] = (bytes[at]! + random.int(1, 255)) % 256;
  writeFileSync(file, bytes);
  const { code } = await mdl(path.dirname(bundle), ['audit', path.basename(bundle)]);
  return code === 0 ? [`byte ${at} of ${name} is another, and the audit is content`] : [];
}
