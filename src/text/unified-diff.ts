/** What changes between two texts, as `diff -u` and git write it. */

export interface DiffNames {
  /** `undefined` where there was no file. */
  readonly before: string | undefined;
  readonly after: string;
}

/** Lines that are shown around a change. */
const context = 3;

type Line = { readonly kind: ' ' | '-' | '+'; readonly text: string };

/** The unified diff, which `patch -p1` and `git apply` take; "" where nothing differs. */
export function unifiedDiff(before: string, after: string, names: DiffNames): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  const changed = lines.flatMap(({ kind }, i) => (kind === ' ' ? [] : [i]));
  const head = `--- ${names.before === undefined ? '/dev/null' : `a/${names.before}`}\n+++ b/${names.after}\n`;
  return head + hunksOf(changed, lines.length).map(([from, to]) => showHunk(lines, from, to)).join('');
}

/** With their line ends, so that a last line without one is another line. */
const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** The shortest way from one to the other, by the longest common subsequence of what lies between their equal ends. */
function compare(a: readonly string[], b: readonly string[]): readonly Line[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const same = (lines: readonly string[]): Line[] => lines.map((text) => ({ kind: ' ', text }));
  return [...same(a.slice(0, start)), ...between(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...same(a.slice(a.length - end))];
}

function between(a: readonly string[], b: readonly string[]): Line[] {
  const width = b.length + 1;
  /** At i * width + j: how many lines a from i on and b from j on have in common. */
  const common = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) common[i * width + j] = a[i] === b[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: ' ', text: a[i]! });
      i++;
      j++;
    } else if (j === b.length || (i < a.length && common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) lines.push({ kind: '-', text: a[i++]! });
    else lines.push({ kind: '+', text: b[j++]! });
  }
  return lines;
}

/** The lines of each hunk: changes that share their surroundings are one. */
function hunksOf(changed: readonly number[], count: number): readonly (readonly [from: number, to: number])[] {
  const hunks: [number, number][] = [];
  for (const at of changed) {
    const last = hunks.at(-1);
    const to = Math.min(count, at + 1 + context);
    if (last !== undefined && at - context <= last[1]) last[1] = to;
    else hunks.push([Math.max(0, at - context), to]);
  }
  return hunks;
}

function showHunk(lines: readonly Line[], from: number, to: number): string {
  const count = (kinds: string, some: readonly Line[]): number => some.filter(({ kind }) => kinds.includes(kind)).length;
  const [above, shown] = [lines.slice(0, from), lines.slice(from, to)];
  // An empty side begins behind the line above it.
  const range = (kinds: string): string => {
    const size = count(kinds, shown);
    return `${count(kinds, above) + (size === 0 ? 0 : 1)}${size === 1 ? '' : `,${size}`}`;
  };
  const body = shown.map(({ kind, text }) => `${kind}${text.endsWith('\n') ? text : `${text}\n\\ No newline at end of file\n`}`).join('');
  return `@@ -${range(' -')} +${range(' +')} @@\n${body}`;
}
