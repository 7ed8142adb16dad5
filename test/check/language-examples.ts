/** The programs of a page, and what it says that the compiler prints for them. */
export interface Example {
  readonly text: string;
  readonly code: string | undefined;
  /** What the page says that is printed; "" where it says nothing. */
  readonly printed: string;
  readonly name: string;
  /** Where the example ends in the page, and what it says behind it. */
  readonly end: number;
  readonly printedEnd: number;
}

export function examplesOf(markdown: string): Example[] {
  const block = /^```mdl(?: error ([a-z-]+))?\n([^]*?)^```\n(?:\n```text\n([^]*?)^```\n)?/gm;
  return [...markdown.matchAll(block)].map((match) => {
    const [all, code, text, printed] = match;
    const end = match.index + all.indexOf('\n```\n') + '\n```\n'.length;
    return { text: text!, code, printed: printed ?? '', name: /^\/\/ (\S+\.mdl)\n/.exec(text!)?.[1] ?? 'main.mdl', end, printedEnd: match.index + all.length };
  });
}
