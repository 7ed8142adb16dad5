/** What people see of an example: its picture where it is one, else its text, else its fields. */
import type { ArrayColumn } from '../data/array-column.ts';
import type { Column } from '../data/table.ts';
import { pngOf, type Picture } from './png.ts';
import type { Shown } from './study.ts';

const mostCharacters = 280;
const sides = { least: 4, most: 256 } as const;

/** @param columns by name: those that the model reads */
export function showExample(columns: ReadonlyMap<string, Column>, row: number): Shown {
  for (const column of columns.values()) {
    const picture = column.kind === 'array' ? pictureOf(column, row) : undefined;
    if (picture !== undefined) return { kind: 'picture', png: pngOf(picture).toString('base64'), width: picture.width, height: picture.height };
  }
  const values = [...columns].flatMap(([name, column]): [string, unknown][] => (column.kind === 'values' ? [[name, column.values.at(row)]] : []));
  const texts = values.filter(([, value]) => typeof value === 'string');
  const [only] = texts;
  if (texts.length === 1) return textOf(only![1] as string);
  if (values.length > 0) return textOf(values.map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`).join('\n'));
  return textOf([...columns].map(([name, column]) => `${name}: ${column.kind === 'array' ? `${column.dtype}[${column.dims.join(', ')}]` : ''}`).join('\n'));
}

function textOf(text: string): Shown {
  const characters = [...text];
  return { kind: 'text', text: characters.length <= mostCharacters ? text : `${characters.slice(0, mostCharacters).join('')}…` };
}

/** Bytes of height by width, perhaps with one or three channels, which may stand before or behind. */
function pictureOf({ dtype, dims, bytes }: ArrayColumn, row: number): Picture | undefined {
  if (dtype !== 'u8') return undefined;
  const pixels = bytes(row, row + 1);
  const layout = [...layouts(dims)].find(({ width, height }) => [width, height].every((side) => side >= sides.least && side <= sides.most));
  if (layout === undefined) return undefined;
  const { width, height, channels, isPlanar } = layout;
  return { width, height, channels, pixels: isPlanar ? interleave(pixels, channels, width * height) : pixels };
}

function* layouts([a = 0, b = 0, c = 0, ...more]: readonly number[]) {
  if (more.length > 0) return;
  if (c === 0) yield { height: a, width: b, channels: 1, isPlanar: false } as const;
  if (c === 1 || c === 3) yield { height: a, width: b, channels: c, isPlanar: false } as const;
  if (c > 0 && (a === 1 || a === 3)) yield { height: b, width: c, channels: a, isPlanar: true } as const;
}

/** Planes, one behind the other, as pixels. */
const interleave = (planes: Uint8Array, channels: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size * channels }, (_, i) => planes[(i % channels) * size + Math.floor(i / channels)]!);
