/** Pictures out of files, by `sharp`: an optional peer of the package, loaded when the first one is decoded. */
import { createRequire } from 'node:module';
import { dataCodes } from '../diagnostics/codes/data.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { printable } from './json.ts';

/** Bytes row by row, the channels of a pixel beside each other. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
  readonly pixels: Uint8Array;
}

/** Grey, RGB, or RGB with how opaque each pixel is. */
export type Channels = 1 | 3 | 4;

/** What `sharp` decodes and is common; found by the end of the name. */
export const pictureEndings: readonly string[] = ['.png', '.jpg', '.jpeg', '.webp', '.gif', '.tif', '.tiff', '.avif'];

const mostPixels = 2 ** 27;

const install = ['Install it beside your project: `npm install sharp`.', 'Or write the pictures as one array: `FOLDER/*.npy` is read without it.'];

type Sharp = typeof import('sharp').default;

let loaded: Sharp | undefined;

/** Not by `import()`: Node 20 cannot follow one out of code whose compilation was cached, as the command's is. */
function requireSharp(): Outcome<Sharp> {
  try {
    loaded ??= createRequire(import.meta.url)('sharp') as Sharp;
    return succeed(loaded);
  } catch (error) {
    const reason = error instanceof Error ? printable(error.message.split('\n')[0]!) : String(error);
    return fail(dataCodes.finding('images-library', { reason }, install));
  }
}

/**
 * The luma of ITU-R BT.601 of RGB bytes, 0.299 red + 0.587 green + 0.114 blue, in 16 bits as Pillow's `convert("L")` has it: networks
 * were trained on that, and not on the grey of linear light that image libraries make.
 */
function greyOf(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++) grey[i] = (19595 * rgb[3 * i]! + 38470 * rgb[3 * i + 1]! + 7471 * rgb[3 * i + 2]! + 0x8000) >> 16;
  return grey;
}

/** Decodes a picture as it is meant to be seen: turned as its camera says, in sRGB; colours become grey by BT.601. `file` names it in findings. */
export async function decodePicture(bytes: Uint8Array, channels: Channels, file: string): Promise<Outcome<Picture>> {
  const sharp = requireSharp();
  if (!sharp.ok) return sharp;
  try {
    const opened = sharp.value(bytes, { limitInputPixels: mostPixels, failOn: 'error', pages: 1 }).rotate();
    const isGrey = channels === 1 && ['b-w', 'grey16'].includes((await opened.metadata()).space);
    const coloured = isGrey ? opened.removeAlpha().toColourspace('b-w') : opened.toColourspace('srgb');
    const { data, info } = await (channels === 4 ? coloured.ensureAlpha() : coloured.removeAlpha()).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    if (channels === 1 && info.channels === 3) return succeed({ height: info.height, width: info.width, channels, pixels: greyOf(data) });
    if (info.channels !== channels) return fail(dataCodes.finding('image-invalid', { file, reason: `it has ${info.channels} channels, and ${channels} were asked for` }));
    return succeed({ height: info.height, width: info.width, channels, pixels: data });
  } catch (error) {
    return fail(dataCodes.finding('image-invalid', { file, reason: printable(error instanceof Error ? error.message.trim() : String(error), 200) }, [`Pictures are read whose name ends in ${pictureEndings.join(', ')}; what is in this one is something else, or was not copied whole.`]));
  }
}
