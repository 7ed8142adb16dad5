/** What stands where a file of weights, of numbers or a network was expected, told from its first bytes: what downloads leave behind. */

export interface Mistaken {
  /** A clause: `it is empty`. */
  readonly reason: string;
  /** What to do about it. */
  readonly notes: readonly string[];
}

/** As many bytes as tell. */
export const sniffedBytes = 512;

const webPage: Mistaken = { reason: 'it is a web page', notes: ['What was downloaded is the page about the file, or one that asks for a sign-in: take the address of the file itself.'] };

const beginnings: readonly (readonly [bytes: string, mistaken: Mistaken])[] = [
  ['version https://git-lfs', { reason: 'it is a Git LFS pointer to the file', notes: ['Fetch the file itself with `git lfs pull`.'] }],
  ['\x1f\x8b', { reason: 'it is compressed by gzip', notes: ['Unpack it first.'] }],
  ...['<!DOCTYPE', '<!doctype', '<html'].map((bytes) => [bytes, webPage] as const),
];

/** Undefined where the bytes begin as none of these do. */
export function mistakenFile(head: Uint8Array): Mistaken | undefined {
  if (head.length === 0) return { reason: 'it is empty', notes: [] };
  const latin = String.fromCharCode(...head.subarray(0, sniffedBytes));
  return beginnings.find(([bytes]) => latin.startsWith(bytes))?.[1];
}

/** What is to be done about a file that ends before what it says of itself does. */
export const notWhole = 'It was not copied or downloaded whole: get it again, and compare its size.';

/** What is to be done about a file that was opened, and cannot be read. */
export const bytesLost = 'The file is there, and its bytes cannot be had: another program writes it, or the disk or the network behind it fails.';
