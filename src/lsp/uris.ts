/** Editors and Node spell the same file's URI in different ways (`file:///c%3A/…`, `file:///C:/…`). */
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Node's spelling of a file's URI; other URIs stay as they are. */
export function normalizeUri(uri: string): string {
  const file = filePath(uri);
  return file === undefined ? uri : pathToFileURL(file).href;
}

/** The path of a `file:` URI. */
export function filePath(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}
