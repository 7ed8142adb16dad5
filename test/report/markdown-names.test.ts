/** Names between backticks in reports as Markdown, in sentences and in cells. */
import { expect, test } from 'vitest';
import { renderMarkdown, type ReportDocument } from '../../src/report/index.ts';

const document = (...cells: readonly string[]): ReportDocument => ({
  title: 'T',
  about: [],
  tiles: [],
  sections: [{ title: 'S', blocks: [{ kind: 'text', text: cells.join(', ') }, { kind: 'table', caption: 'C', columns: cells.map((_, i) => `c${i}`), rows: [cells] }] }],
});
const linesOf = (...cells: readonly string[]): readonly string[] => renderMarkdown(document(...cells)).split('\n');

test('names between backticks are code, as they are', () => {
  expect(linesOf('`of_old[0]` rests on `y`', 'plain_name')).toEqual(expect.arrayContaining(['`of_old[0]` rests on `y`, plain\\_name', '| `of_old[0]` rests on `y` | plain\\_name |']));
});

test('what a table or HTML would take for its own stays text: pipes, tags, backslashes, and backticks without a partner', () => {
  expect(linesOf('`a|b`', '`<b>`', 'a`b', '`', '``c`', '`d\\`')).toContain('| \\`a\\|b\\` | \\`&lt;b&gt;\\` | a\\`b | \\` | \\``c` | \\`d\\\\\\` |');
});
