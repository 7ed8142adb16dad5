/** Pictures of files as the tensor that a model reads: as large as they are, in the order of axes that its contract has. */
import type { Outcome } from '../../diagnostics/diagnostic.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { decodePicture, type Channels, type Picture } from '../../data/images.ts';
import type { ColumnTerm } from '../../check/tools/model.ts';
import type { Model } from '../../runtime/index.ts';
import { refuse, valueOf } from '../errors.ts';
import type { ImageColumn } from './image-folder.ts';

type Port = Model['inputs'][number];

/** Which axis of a row is what. */
interface Layout {
  readonly height: number;
  readonly width: number;
  /** Absent where there is none: then pictures are grey. */
  readonly channel?: number;
  readonly channels: Channels;
  readonly isReversed: boolean;
}

export async function imageRows(column: ImageColumn, port: Port, term: ColumnTerm, rows: readonly number[]): Promise<{ readonly dims: readonly number[]; readonly data: Uint8Array }> {
  const layout = layoutOf(port, term);
  const pictures: Picture[] = [];
  for (const row of rows) pictures.push(valueOf(await decoded(column, row, layout.channels), term.location));
  const { height, width } = pictures[0]!;
  const odd = pictures.findIndex((picture) => picture.height !== height || picture.width !== width);
  const dims = sizesOf(layout, height, width);
  const declared = port.tensor!.dims.slice(1).map(({ size }) => size);
  const misfit = odd >= 0 ? odd : declared.findIndex((size, axis) => typeof size === 'number' && size !== dims[axis]) >= 0 ? 0 : -1;
  if (misfit >= 0) {
    const { height: h, width: w } = pictures[misfit]!;
    const notes = ['Pictures are not resized behind your back: let the input take any size, `u8[N: batch, H: h, W: w, C: 3]`, and write `resize` of "std/vision" in the adapter.'];
    refuse(toolkitCodes.finding('image-size', { file: column.name(rows[misfit]!), height: h, width: w, input: port.name, wants: declared.map(String).join(' by ') }, notes), term.location);
  }
  const size = pictures[0]!.pixels.length;
  const data = new Uint8Array(size * rows.length);
  pictures.forEach((picture, i) => data.set(arranged(picture, layout), i * size));
  return { dims: [rows.length, ...dims], data };
}

async function decoded(column: ImageColumn, row: number, channels: Channels): Promise<Outcome<Picture>> {
  const bytes = column.bytes(row);
  if (!bytes.ok) return bytes;
  const picture = await decodePicture(bytes.value, channels, column.name(row));
  return picture.ok && column.change !== undefined ? column.change(picture.value, row) : picture;
}

/** By the labels of the axes where there are any; else pixels stand before channels. */
function layoutOf({ name, tensor }: Port, term: ColumnTerm): Layout {
  const axes = tensor?.dims.slice(1) ?? [];
  const wrong = (why: string): never =>
    refuse(toolkitCodes.finding('image-input', { input: name, why }, ['A picture is `u8[N: batch, H: h, W: w, C: 3]`, or `u8[N: batch, H: h, W: w]` where it is grey; casts and scales belong into the adapter.']), term.location);
  if (tensor?.dtype !== 'u8') return wrong(`its elements are ${tensor?.dtype ?? 'those of a record'}, and a file gives bytes`);
  if (axes.length < 2 || axes.length > 3) return wrong(`it has ${axes.length + 1} axes`);
  const isReversed = tensor.facts.some((fact) => fact.kind === 'attribute' && 'value' in fact && fact.value === 'bgr');
  const labelled = (label: string, otherwise: number): number => (axes.some((axis) => axis.label === label) ? axes.findIndex((axis) => axis.label === label) : otherwise);
  if (axes.length === 2) return { height: labelled('H', 0), width: labelled('W', 1), channels: 1, isReversed: false };
  const channel = labelled('C', 2);
  const [first, second] = [0, 1, 2].filter((axis) => axis !== channel);
  const channels = axes[channel]!.size;
  if (channels !== 1 && channels !== 3 && channels !== 4) return wrong(`its axis of channels has the size ${String(channels)}, and 1, 3 and 4 are known`);
  return { height: labelled('H', first!), width: labelled('W', second!), channel, channels, isReversed };
}

function sizesOf({ height: h, width: w, channel, channels }: Layout, height: number, width: number): readonly number[] {
  const dims: number[] = [];
  dims[h] = height;
  dims[w] = width;
  if (channel !== undefined) dims[channel] = channels;
  return dims;
}

/** The pixels with the axes in their order; as they are where that is the file's. */
function arranged({ height, width, channels, pixels }: Picture, layout: Layout): Uint8Array {
  const { height: h, width: w, channel, isReversed } = layout;
  if (h === 0 && w === 1 && !isReversed) return pixels;
  const dims = sizesOf(layout, height, width);
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((product, dim) => product * dim, 1));
  const result = new Uint8Array(pixels.length);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++, at++) {
        // Only colours are turned round: how opaque a pixel is stays last.
        const to = isReversed && c < 3 ? 2 - c : c;
        result[y * strides[h]! + x * strides[w]! + (channel === undefined ? 0 : to * strides[channel]!)] = pixels[at]!;
      }
  return result;
}
