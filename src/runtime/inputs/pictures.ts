/** Pictures as inputs: the bytes of a PNG, a JPEG or another file of pixels, or its path, become the tensor of a contract of pixels. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { PixelLayout } from '../../bundle/pixels.ts';
import { decodePicture, type Picture } from '../../data/images.ts';
import { printable } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';
import type { Given, Target } from './target.ts';

/** The bytes of a file, or its path. */
export type PictureInput = Uint8Array | string;

/** Pictures as an app gives them; undefined for anything else. */
export function picturesOf(value: unknown): readonly PictureInput[] | undefined {
  const isPicture = (item: unknown): item is PictureInput => typeof item === 'string' || item instanceof Uint8Array;
  if (isPicture(value)) return [value];
  return Array.isArray(value) && value.length > 0 && value.every(isPicture) ? [...(value as readonly PictureInput[])] : undefined;
}

/** The pixels of pictures of one size, as the contract orders axes and colours. */
export async function readPictures(pictures: readonly PictureInput[], target: Target, layout: PixelLayout): Promise<Given> {
  const { channels, channelAxis, batchAxis } = layout;
  const wrong = (expected: string, found: string): never => raise(runtimeCodes.finding('input-kind', { field: target.field, contract: target.contract, expected, found }));
  if (batchAxis === undefined && pictures.length > 1) wrong('one picture', `${pictures.length} of them`);
  const decoded: Picture[] = [];
  for (const [i, picture] of pictures.entries()) {
    const bytes = typeof picture === 'string' ? await readFile(picture).catch((error: NodeJS.ErrnoException) => wrong("the path of a picture's file, or its bytes", `"${printable(picture, 200)}", which cannot be read (${error.code ?? error.message})`)) : picture;
    const outcome = await decodePicture(bytes, channels, typeof picture === 'string' ? basename(picture) : `${target.field}[${i}]`);
    if (!outcome.ok) raise(outcome.finding);
    decoded.push(outcome.value);
  }
  const [{ height, width }] = decoded as [Picture];
  const other = decoded.find((picture) => picture.height !== height || picture.width !== width);
  if (other !== undefined) wrong('pictures of one size', `one of ${height} by ${width} and one of ${other.height} by ${other.width}`);
  const isBgr = target.spec.facts.some((fact) => fact.kind === 'attribute' && fact.value === 'bgr');
  const first = channelAxis !== undefined && channelAxis < (batchAxis === undefined ? 1 : 2);
  const size = height * width * channels;
  const data = new Uint8Array(size * decoded.length);
  decoded.forEach(({ pixels }, i) => data.set(arrange(pixels, { channels, isBgr, first }), i * size));
  const inner = channelAxis === undefined ? [height, width] : first ? [channels, height, width] : [height, width, channels];
  return { target, tensor: { dtype: 'u8', data, dims: batchAxis === undefined ? inner : [decoded.length, ...inner] } };
}

/** Pixels come with their channels beside each other, red first. */
function arrange(pixels: Uint8Array, { channels, isBgr, first }: { readonly channels: number; readonly isBgr: boolean; readonly first: boolean }): Uint8Array {
  if (!first && !isBgr) return pixels;
  const plane = pixels.length / channels;
  const arranged = new Uint8Array(pixels.length);
  for (let at = 0; at < plane; at++) {
    for (let c = 0; c < channels; c++) {
      const to = isBgr && c < 3 && channels >= 3 ? 2 - c : c;
      arranged[first ? to * plane + at : at * channels + to] = pixels[at * channels + c]!;
    }
  }
  return arranged;
}
