import { fileCodes } from '../diagnostics/codes/files.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';

/** Bytes of the largest file that is read as a source. */
export const largestSource = 8 * 1024 * 1024;

/** The text of a UTF-8 file, a byte order mark kept; a finding that names the first wrong byte. */
export function decodeText(bytes: Uint8Array, path: string): Outcome<string> {
  if (bytes.length > largestSource) return fail(tooLarge(path, bytes.length));
  try {
    return succeed(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return fail(notUtf8(bytes, path));
  }
}

export const tooLarge = (path: string, bytes: number) =>
  fileCodes.finding('file-too-large', { path, bytes, limit: largestSource }, [
    'It is probably not an MDL source: weights and models are named by a source, not imported.',
  ]);

function notUtf8(bytes: Uint8Array, path: string) {
  const offset = firstWrongByte(bytes);
  const line = bytes.subarray(0, offset).reduce((count, byte) => count + Number(byte === 10), 1);
  const [first, second] = bytes;
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const why = utf16
    ? 'It begins as UTF-16 does. Save it as UTF-8.'
    : 'Sources are UTF-8 text. Save the file in that encoding, if it is a source at all.';
  return fileCodes.finding('file-not-utf8', { path, offset, line }, [why]);
}

/** Where the first sequence of bytes begins that is no character. */
function firstWrongByte(bytes: Uint8Array): number {
  // Every prefix up to some length is the start of a text, and no longer one is.
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (startOfText(bytes.subarray(0, middle)) === undefined) bad = middle;
    else good = middle;
  }
  // The last bytes of the longest such prefix may belong to a character that never ends.
  return new TextEncoder().encode(startOfText(bytes.subarray(0, good))).length;
}

function startOfText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
