/** A folder of pictures as a table: the column `image`, and `label`, the folder below it that each lies in. */
import { createHash } from 'node:crypto';
import { opendirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pictureEndings, type Picture } from '../../data/images.ts';
import { dataCodes } from '../../diagnostics/codes/data.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { fail, succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import { withSource, type Host } from '../../host/host.ts';
import type { Column, Table } from './table.ts';

/** A column whose rows are files; they are read when they are asked for. */
export interface ImageColumn {
  readonly kind: 'images';
  /** As the user knows the file of a row. */
  name(row: number): string;
  /** SHA-256 of the file of a row. */
  digest(row: number): Outcome<string>;
  bytes(row: number): Outcome<Uint8Array>;
  /** What is done to the pixels of a row once they are decoded; the digest is that of what comes out. */
  readonly change?: (picture: Picture, row: number) => Outcome<Picture>;
}

/** Deeper than any data set, and a way out of links that lead back. */
const deepest = 16;

/** The pictures below a folder by their paths from it, in order; names that begin with a dot are passed over. */
export function picturesIn(uri: string): readonly string[] {
  const folder = fileURLToPath(uri);
  const found: string[] = [];
  const search = (at: string, depth: number): void => {
    const entries = opendirSync(path.join(folder, at));
    try {
      for (let entry = entries.readSync(); entry !== null; entry = entries.readSync()) {
        const name = at === '' ? entry.name : `${at}/${entry.name}`;
        if (entry.name.startsWith('.')) continue;
        if (entry.isDirectory() && depth < deepest) search(name, depth + 1);
        else if (pictureEndings.some((end) => entry.name.toLowerCase().endsWith(end))) found.push(name);
      }
    } finally {
      entries.closeSync();
    }
  };
  search('', 0);
  return found.sort();
}

export function readImageFolder(files: readonly string[], uri: string, host: Host): Outcome<Table> {
  const name = host.display(uri);
  const labels = files.map((file) => (file.includes('/') ? file.split('/')[0] : undefined));
  const loose = labels.indexOf(undefined);
  const classed = labels.findIndex((label) => label !== undefined);
  if (loose >= 0 && classed >= 0)
    return fail(toolkitCodes.finding('data-rows', { file: name, reason: `\`${files[classed]!}\` lies in a folder that names its class, and \`${files[loose]!}\` in none` }, ['Put every picture into the folder of its class, or all into one folder without classes.']));
  const digest = digestOfPictures(files, uri, host);
  if (!digest.ok) return digest;
  const uriOf = (row: number): string => pictureUri(uri, files[row]!);
  const image: ImageColumn = {
    kind: 'images',
    name: (row) => `${name.replace(/\/$/, '')}/${files[row]!}`,
    digest: (row) => host.sha256(uriOf(row)),
    bytes: (row) => withSource(host, uriOf(row), (source) => succeed(source.read(0, source.size)), (file, reason) => dataCodes.finding('data-unreadable', { file, reason })),
  };
  const columns = new Map<string, Column>([['image', image], ...(classed < 0 ? [] : [['label', { kind: 'values', values: labels }] as const])]);
  return succeed({ name, rows: files.length, columns, digest: digest.value });
}

/** Of the names and the digests of all files. */
export function digestOfPictures(files: readonly string[], uri: string, host: Host): Outcome<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    const digest = host.sha256(pictureUri(uri, file));
    if (!digest.ok) return digest;
    hash.update(`${file} ${digest.value}\n`);
  }
  return succeed(hash.digest('hex'));
}

const pictureUri = (folder: string, file: string): string => pathToFileURL(path.join(fileURLToPath(folder), file)).href;
