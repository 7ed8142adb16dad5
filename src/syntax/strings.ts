/** Strings: JSON's escapes, and no line ends inside. */
import type { IToken } from 'chevrotain';

const escapes: Readonly<Record<string, string>> = {
  '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t',
};
const escape = /\\(?:u([0-9a-fA-F]{4})|([^]?))/g;

/** True where the image of a string token ends with its closing quote. */
export function isClosed(image: string): boolean {
  const backslashes = /\\*$/.exec(image.slice(1, -1))![0].length;
  return image.length > 1 && image.endsWith('"') && backslashes % 2 === 0;
}

/** A class without quotes counts as a string once that is reported. */
const contentOf = (image: string): string => !image.startsWith('"') ? image : image.slice(1, isClosed(image) ? -1 : undefined);

/** The value of a string token; unknown escapes stand for what follows the backslash. */
export const unescape = (image: string): string =>
  contentOf(image).replace(escape, (_, hex: string | undefined, char: string) =>
    hex === undefined ? (escapes[char] ?? char) : String.fromCharCode(parseInt(hex, 16)),
  );

const asEscape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A string in source form; JSON leaves some control characters as they are. */
export const quote = (value: string): string => JSON.stringify(value).replace(/\p{Cc}/gu, asEscape);

export interface StringFlaw {
  readonly kind: 'escape' | 'character';
  readonly text: string;
  /** In the source. */
  readonly start: number;
}

/** Unknown escapes, control characters and halves of surrogate pairs in a string token. */
export function flawsOf(token: IToken): readonly StringFlaw[] {
  const content = contentOf(token.image);
  const start = token.startOffset + 1;
  const flaws: StringFlaw[] = [];
  for (const match of content.matchAll(escape)) {
    const known = match[1] !== undefined || Object.hasOwn(escapes, match[2]!);
    if (!known) flaws.push({ kind: 'escape', text: match[0], start: start + match.index });
  }
  for (const match of content.matchAll(/(?!\t)\p{Cc}|\p{Cs}/gu)) {
    flaws.push({ kind: 'character', text: match[0], start: start + match.index });
  }
  return flaws;
}
