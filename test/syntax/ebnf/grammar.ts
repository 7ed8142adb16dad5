/** `grammar/mdl.ebnf` as it is published: the text, read back. */
import { readFileSync } from 'node:fs';
import { readEbnf } from '../../../scripts/ebnf.mjs';

export type Expression =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'class'; readonly written: string }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Expression[] }
  | { readonly kind: 'repeated'; readonly mark: '?' | '*' | '+'; readonly of: Expression };

const published = readFileSync(new URL('../../../grammar/mdl.ebnf', import.meta.url), 'utf8');
export const rules: ReadonlyMap<string, Expression> = new Map(readEbnf(published).map(({ name, is }) => [name, is]));
/** Rules of tokens begin with a capital letter. */
export const isToken = (name: string): boolean => /^[A-Z]/.test(name);

/** `[^"\#x0-#x8]` as a regular expression of one character. */
const characters = (written: string): string => written.replaceAll('\\', '\\\\').replaceAll(/#x([0-9A-F]+)/g, (_, hex: string) => `\\u{${hex}}`);

/** A token's rule as a regular expression. */
export function expressionOf(is: Expression): string {
  switch (is.kind) {
    case 'text': return is.text.replaceAll(/[.*+?^$()|[\]\\/]/g, '\\$&');
    case 'name': return `(?:${expressionOf(rules.get(is.name)!)})`;
    case 'class': return characters(is.written);
    case 'sequence': return is.of.map(expressionOf).map((each) => `(?:${each})`).join('');
    case 'choice': return `(?:${is.of.map(expressionOf).join('|')})`;
    case 'repeated': return `(?:${expressionOf(is.of)})${is.mark}`;
  }
}
