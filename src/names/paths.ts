/** A relative path to a URI; undefined where it cannot be one. */
export function resolvePath(path: string, from: string): string | undefined {
  // `#` and `?` are letters of file names, not parts of a URL.
  const escaped = path.replace(/[%#?\\]/g, encodeURIComponent);
  return URL.canParse(escaped, from) ? new URL(escaped, from).href : undefined;
}
