/** The path from a file to another, both given as URIs: the same on every machine. */
export function relativePath(uri: string, from: string): string {
  const here = from.split('/').slice(0, -1);
  const there = uri.split('/');
  let common = 0;
  while (common < here.length && here[common] === there[common]) common++;
  return [...Array.from({ length: here.length - common }, () => '..'), ...there.slice(common)].map(decode).join('/');
}

const decode = (segment: string): string => (/%(?![0-9a-f]{2})/i.test(segment) ? segment : decodeURIComponent(segment));

/** The weights file of a part that has none yet: `BgeToMiniLM` keeps what it learns in `./bge-to-mini-lm.safetensors`. */
export const weightsFileOf = (part: string): string => `./${part.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase()}.safetensors`;
