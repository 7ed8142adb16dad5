/** The path from a file to another, both given as URIs: the same on every machine. */
export function relativePath(uri: string, from: string): string {
  const here = from.split('/').slice(0, -1);
  const there = uri.split('/');
  let common = 0;
  while (common < here.length && here[common] === there[common]) common++;
  return [...Array.from({ length: here.length - common }, () => '..'), ...there.slice(common)].map(decode).join('/');
}

const decode = (segment: string): string => (/%(?![0-9a-f]{2})/i.test(segment) ? segment : decodeURIComponent(segment));
