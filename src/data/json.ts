/** Why a text is not the JSON that was asked for: a clause without a full stop. */
export type JsonReason =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string };

const quote = 0x22;
const backslash = 0x5c;

/** The index after the string that begins at `start`; the text is known to be valid JSON. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at + 1;
}

/** The first key that stands twice in one object; the text is known to be valid JSON. */
function duplicateKey(text: string): string | undefined {
  // One entry an open bracket: the keys seen in an object, nothing for an array.
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '{') open.push(new Set());
    else if (c === '[') open.push(undefined);
    else if (c === '}' || c === ']') open.pop();
    else if (c === '"') {
      const end = endOfString(text, at);
      const keys = open.at(-1);
      if (isKey && keys) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
    if (c === '{' || c === ',') isKey = true;
    else if (c === ':' || c === '[') isKey = false;
  }
  return undefined;
}

/** Keeps control characters of foreign bytes out of our messages, and the messages short. */
export function printable(text: string, limit = 80): string {
  // oxlint-disable-next-line no-control-regex -- these are the characters to remove
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff]/g, '\ufffd');
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}

/**
 * Parses JSON. With `unique`, a key that stands twice in one object is refused: `JSON.parse` would keep the last one,
 * other readers the first.
 */
export function parseJson(text: string, options: { readonly unique?: boolean } = {}): JsonReason {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return {
      ok: false,
      reason: `it is not JSON (${printable(error instanceof Error ? error.message : String(error))})`,
    };
  }
  const twice = options.unique ? duplicateKey(text) : undefined;
  return twice === undefined
    ? { ok: true, value }
    : { ok: false, reason: `the key "${printable(twice)}" stands twice in one object` };
}

/** Decodes strict UTF-8; undefined where the bytes are not. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A whole number from 0 that a double holds exactly. */
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

/** What a JSON value is, for "found …" in messages. */
export function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `"${printable(value, 40)}"`;
  return typeof value === 'object' ? 'an object' : typeof value === 'undefined' ? 'nothing' : String(value);
}

/** The last segment of a URI, to name a file in a message. */
export function fileName(uri: string): string {
  const segment = uri.slice(uri.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(segment) || uri;
  } catch {
    return segment;
  }
}
