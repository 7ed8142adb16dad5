/** Pictures in files that are not quite as they were: what is changed are the pixels of each, once they are decoded. */
import { createHash } from 'node:crypto';
import { createRandom, type Random } from '../../data/random.ts';
import type { Picture } from '../../data/images.ts';
import { succeed, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { ImageColumn } from '../data/image-folder.ts';

/** The rows of a column, in this order. */
export function somePictures(column: ImageColumn, rows: readonly number[]): ImageColumn {
  const { change } = column;
  return {
    kind: 'images',
    name: (row) => column.name(rows[row]!),
    digest: (row) => column.digest(rows[row]!),
    bytes: (row) => column.bytes(rows[row]!),
    ...(change === undefined ? {} : { change: (picture, row) => change(picture, rows[row]!) }),
  };
}

/**
 * The column with its pictures changed: what is drawn for one follows from its file and the seed, so that it comes out the same whichever others there are.
 *
 * @param words which change it is: part of the digests
 * @param change the pixels in their order, which are rounded, and cut off at 0 and 255
 */
export function changedPictures(column: ImageColumn, words: string, seed: number, change: (picture: Picture, random: Random) => Float64Array): ImageColumn {
  const digest = (row: number): Outcome<string> => {
    const file = column.digest(row);
    return file.ok ? succeed(createHash('sha256').update(`${file.value} ${words} ${seed}`).digest('hex')) : file;
  };
  return {
    ...column,
    digest,
    change: (picture, row) => {
      const drawn = digest(row);
      if (!drawn.ok) return drawn;
      const changed = change(picture, createRandom(Number.parseInt(drawn.value.slice(0, 12), 16)));
      return succeed({ ...picture, pixels: new Uint8Array(Uint8ClampedArray.from(changed).buffer) });
    },
  };
}
