/** Studies on disk, by what they rest on: what `verify` and `probe` found out is drawn without being computed again. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { rulesVersion } from '../../align/verify/gate.ts';
import { makeFolders } from '../../host/make-folders.ts';
import { writeText } from '../../host/write-text.ts';
import { studyFormat, type Study } from './study.ts';

/** The oldest make room. */
const mostFiles = 100;
const mostBytes = 16 * 2 ** 20;

/** What a study rests on. */
export interface StudyGrounds {
  readonly kind: string;
  readonly name: string;
  /** As the user knows it. */
  readonly file: string;
  /** SHA-256 of all files. */
  readonly inputs: Readonly<Record<string, string>>;
  /** Of MDL. */
  readonly version: string;
  /** Whether there is UMAP. */
  readonly umap: boolean;
}

/** As a digest, together with the versions of what it is made by. */
export const studyKey = ({ kind, name, file, inputs, version, umap }: StudyGrounds): string =>
  createHash('sha256').update(JSON.stringify([studyFormat, rulesVersion, version, kind, name, file, inputs, umap])).digest('hex');

const folderIn = (cache: string): string => path.join(cache, 'studies');
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The study that was kept; undefined where there is none, or it is not as it was written. */
export function keptStudy(cache: string, key: string): Study | undefined {
  const file = path.join(folderIn(cache), `${key}.json`);
  try {
    if (statSync(file).size > mostBytes) return undefined;
    const text = readFileSync(file, 'utf8');
    const end = text.indexOf('\n');
    const json = text.slice(end + 1);
    if (text.slice(0, end) !== digestOf(json)) return undefined;
    // Its digest says that it is what a program of this format wrote.
    return JSON.parse(json, unpack) as Study;
  } catch {
    return undefined;
  }
}

/** JSON has no NaN and no infinity. */
const pack = (_: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value);
const unpack = (_: string, value: unknown): unknown => (typeof value === 'object' && value !== null && 'number' in value ? Number(value.number) : value);

/** Never needed: a full disk costs time, and no answer. */
export function keepStudy(cache: string, key: string, study: Study): void {
  const json = JSON.stringify(study, pack);
  try {
    makeFolders(folderIn(cache));
    makeRoom(folderIn(cache));
    writeText(path.join(folderIn(cache), `${key}.json`), `${digestOf(json)}\n${json}`);
  } catch {
    // As if there were no folder.
  }
}

function makeRoom(folder: string): void {
  const files = readdirSync(folder).map((name) => path.join(folder, name));
  const times = new Map(files.map((file) => [file, statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0]));
  for (const file of files.sort((a, b) => times.get(b)! - times.get(a)!).slice(mostFiles - 1)) rmSync(file, { force: true });
}
