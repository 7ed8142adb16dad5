import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic, Edit, Label, Place } from '../../src/diagnostics/diagnostic.ts';
import { locate } from '../../src/diagnostics/diagnostic.ts';
import { renderDiagnostic, renderDiagnostics, summarize } from '../../src/diagnostics/index.ts';
import { createSource, type Location, type SourceText } from '../../src/text/source.ts';

/** Sources by name; a place is named by the text that stands there, or by its offsets. */
function workspace(files: Record<string, string>) {
  const sources = new Map(Object.entries(files).map(([name, text]): [string, SourceText] => [name, createSource(name, text)]));
  const at = (name: string, what: string | [number, number], nth = 0): Location => {
    if (typeof what !== 'string') return { uri: name, span: { start: what[0], end: what[1] } };
    let start = -1;
    for (let i = 0; i <= nth; i++) start = files[name]!.indexOf(what, start + 1);
    if (start < 0) throw new Error(`"${what}" is not in ${name}`);
    return { uri: name, span: { start, end: start + what.length } };
  };
  const options = { sources, display: (uri: string) => uri };
  return { at, options, render: (d: Diagnostic, width = 80) => `${renderDiagnostic(d, { ...options, width })}\n` };
}

const error = (code: string, message: string, location: Location, place: Place = {}): Diagnostic =>
  locate({ code, severity: 'error', message, notes: [] }, location, place);
const label = (location: Location, text: string): Label => ({ location, text });
const edit = (location: Location, text: string): Edit => ({ location, text });
const golden = (name: string) => `./golden/${name}.txt`;

const encoder = `/// The space of the encoder.
space use @ 1.0.0

contract Sentences = Tokens(by: use_lite)
`;
const wrong = `tokenizer gloss_bytes @ 1.0.0 from "./tokenizer.json"

contract Bytes = Tokens(by: gloss_bytes)

model Wrong {
  input tokens: Bytes
  output topic = TopicHead(Encode(tokens))
}
`;

describe('an excerpt', () => {
  test('has the primary place, places of other files, reasons and what to type', async () => {
    const { at, render } = workspace({ 'wrong.mdl': wrong, 'encoder.mdl': encoder });
    const diagnostic = error(
      'tokenizer-mismatch',
      'Encode wants tokens of use_lite, and these are tokens of gloss_bytes',
      at('wrong.mdl', 'tokens', 1),
      {
        label: 'tokens of gloss_bytes@1.0.0',
        related: [
          label(at('wrong.mdl', 'Bytes', 1), 'their contract'),
          label(at('encoder.mdl', 'Tokens(by: use_lite)'), 'Encode wants these'),
        ],
        notes: [
          'Both vocabularies fit the type i64[batch, seq], so nothing but the tokenizer tells them apart: an id of one names another piece of text in the other.',
          'Tokens are made outside of the model.\nChange what the input is, not how it is passed on.',
        ],
        fixes: [{ title: 'take the tokens that the encoder was trained with', edits: [edit(at('wrong.mdl', 'Bytes', 1), 'Sentences')] }],
      },
    );
    await expect(render(diagnostic)).toMatchFileSnapshot(golden('two-files'));
  });

  test('puts the labels of one line below one another', async () => {
    const { at, render } = workspace({ 'a.mdl': wrong });
    const diagnostic = error('arity', 'TopicHead takes one tensor', at('a.mdl', 'TopicHead'), {
      label: 'takes one tensor',
      related: [label(at('a.mdl', 'Encode'), 'makes f32[batch, 512]'), label(at('a.mdl', 'tokens', 1), 'i64[batch, seq]')],
    });
    await expect(render(diagnostic)).toMatchFileSnapshot(golden('one-line'));
  });

  test('follows a place over several lines, from the start of a line or from its middle', async () => {
    const { at, render } = workspace({ 'a.mdl': wrong });
    const model = wrong.slice(wrong.indexOf('model'), -1);
    const whole = error('no-output', 'the model has no output that is an embedding', at('a.mdl', model), { label: 'no embedding' });
    const middle = error('body', 'this body is wrong', at('a.mdl', model.slice(model.indexOf('{'))), {
      label: 'all of it',
      related: [label(at('a.mdl', 'tokens', 0), 'and this')],
    });
    await expect(`${render(whole)}\n${render(middle)}`).toMatchFileSnapshot(golden('several-lines'));
  });

  test('leaves out the middle of a long place', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `  "label ${i}",`).join('\n');
    const text = `labels Many = [\n${lines}\n]\n`;
    const { at, render } = workspace({ 'a.mdl': text });
    const diagnostic = error('too-many', 'there are 30 labels', at('a.mdl', text.trimEnd()), { label: '30 labels' });
    await expect(render(diagnostic)).toMatchFileSnapshot(golden('long-place'));
  });

  test('has columns that are right behind tabs, wide characters, marks and emoji', async () => {
    const text = '\tlet é = "文字" + x\nlet e\u0301 = "👍" + y\n';
    const { at, render } = workspace({ 'a.mdl': text });
    const diagnostic = error('unknown-name', 'there is no x', at('a.mdl', 'x'), {
      label: 'not found',
      related: [label(at('a.mdl', '"文字"'), 'a string'), label(at('a.mdl', 'y'), 'nor this')],
    });
    await expect(render(diagnostic)).toMatchFileSnapshot(golden('wide-characters'));
  });

  test('ends with the file, and shows the line before an empty one', async () => {
    const { at, render } = workspace({ 'a.mdl': 'model M {\n  input x: f32[1]\n', 'b.mdl': 'model', 'c.mdl': '' });
    const rows = [
      error('syntax', 'the model is not closed', at('a.mdl', [28, 28]), { label: 'expected `}`' }),
      error('syntax', 'a model has a name', at('b.mdl', [5, 5]), { label: 'expected a name' }),
      error('syntax', 'the file is empty', at('c.mdl', [0, 0])),
      error('syntax', 'a span behind the end does no harm', at('b.mdl', [90, 70])),
    ].map((d) => render(d));
    await expect(rows.join('\n')).toMatchFileSnapshot(golden('end-of-file'));
  });

  test('is the same for LF, CRLF and CR', () => {
    const rendered = ['\n', '\r\n', '\r'].map((end) => {
      const { at, render } = workspace({ 'a.mdl': wrong.replaceAll('\n', end) });
      return render(error('x', 'm', at('a.mdl', 'Encode(tokens)'), { label: 'here', related: [label(at('a.mdl', 'Bytes', 1), 'there')] }));
    });
    expect(rendered[0]).toContain('7 |   output topic');
    expect(new Set(rendered).size).toBe(1);
  });

  test('is missing where a file is not a text', async () => {
    const { at, render } = workspace({ 'encoder.mdl': encoder });
    const diagnostic = error('onnx-truncated', 'the file ends in the middle of a tensor', at('models/x.onnx', [0, 0]), {
      label: 'of 1,024 bytes, 600 are there',
      related: [label(at('encoder.mdl', 'use'), 'the space it defines')],
      notes: ['It was probably not downloaded whole.'],
    });
    await expect(render(diagnostic)).toMatchFileSnapshot(golden('binary-file'));
  });

  test('fits a narrow terminal', async () => {
    const text = `let x = ${'a + '.repeat(30)}wrong + ${'b + '.repeat(30)}c`;
    const { at, render } = workspace({ 'a.mdl': text });
    const diagnostic = error('unknown-name', 'there is no wrong', at('a.mdl', 'wrong'), {
      label: 'a name that is nowhere declared or imported',
      notes: ['Names are declared in the file, or imported at its top.'],
    });
    const rendered = render(diagnostic, 50);
    expect(Math.max(...rendered.split('\n').map((line) => line.length))).toBeLessThanOrEqual(50);
    await expect(rendered).toMatchFileSnapshot(golden('narrow'));
  });

  test('cannot be drawn over by what stands in a file', () => {
    const { at, render } = workspace({ 'a.mdl': 'let x = "\u001b[2J\u202e" + y\n' });
    const rendered = render(error('x', 'bad \u001b[31m name', at('a.mdl', 'y'), { label: 'l\u0007', notes: ['n\u009b1m'] }));
    // oxlint-disable-next-line no-control-regex -- none of these may be left
    expect(rendered).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(rendered).toContain(`\n  | ${' '.repeat(18)}^ l\ufffd\n`);
  });
});

test.each([[0, 0], [0, 9_000], [9_000, 0], [9_000, 9_000], [511, 513], [513, 511]])('a place on a line as machines write them is seen, %i letters before and %i behind it', (before, behind) => {
  const { at, render } = workspace({ 'a.mdl': `${'a'.repeat(before)}needle${'b'.repeat(behind)}\n` });
  const rows = render(error('x', 'm', at('a.mdl', 'needle'), { fixes: [{ title: 'write pin', edits: [edit(at('a.mdl', 'needle'), 'pin')] }] })).split('\n');
  const line = rows.find((row) => row.startsWith('1 |'))!;
  const marks = rows[rows.indexOf(line) + 1]!;
  expect(line.slice(marks.indexOf('^'), marks.lastIndexOf('^') + 1)).toBe('needle');
  expect(line.length).toBeLessThanOrEqual(80);
  expect(rows).toContain('help: write pin');
  // Nobody sees what is new in a line of many screens.
  expect(rows.every((row) => row.length < 17_000)).toBe(true);
});

test('any text with any places has a rendering', () => {
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '\t', '\n', '\r', '文', '\u0301', '👍', '\ud800'), maxLength: 60 });
  const span = fc.tuple(fc.nat(70), fc.nat(70)).map(([start, end]) => ({ start, end }));
  fc.assert(
    fc.property(text, fc.array(span, { minLength: 1, maxLength: 4 }), fc.integer({ min: 1, max: 60 }), (content, spans, width) => {
      const { options } = workspace({ 'a.mdl': content });
      const [first, ...others] = spans.map((s) => ({ uri: 'a.mdl', span: s }));
      const fixes = [{ title: 'f', edits: others.map((location) => edit(location, 'x\n')) }];
      const diagnostic = error('x', 'm', first!, { label: 'l', related: others.map((location) => label(location, 'r')), fixes });
      const rows = renderDiagnostic(diagnostic, { ...options, width }).split('\n');
      expect(rows[0]).toBe('error[x]: m');
      expect(rows.some((row) => row.includes('^'))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

describe('a fix', () => {
  test('shows the resulting lines: replaced, inserted, several, none', async () => {
    const { at, render } = workspace({ 'a.mdl': encoder });
    const place = at('a.mdl', 'use');
    const fixed = (title: string, ...edits: Edit[]) => error('x', 'm', place, { fixes: [{ title, edits }] });
    const rows = [
      fixed('bump the version', edit(at('a.mdl', '1.0.0'), '1.1.0')),
      fixed('say which versions', edit(at('a.mdl', [encoder.indexOf(')'), encoder.indexOf(')')]), ', at: 2')),
      fixed('import the name', edit(at('a.mdl', [0, 0]), 'import { Tokens } from "std/text"\n')),
      fixed('declare it', edit(at('a.mdl', [encoder.length, encoder.length]), '\ncontract A = f32[1]\ncontract B = f32[2]\n')),
      fixed('say it in two places', edit(at('a.mdl', 'Sentences'), 'Texts'), edit(at('a.mdl', [8, 8]), 'vector ')),
      fixed('leave out the comment', edit(at('a.mdl', '/// The space of the encoder.\n'), '')),
      fixed('write the file anew'),
    ].map((d) => render(d));
    await expect(rows.join('\n')).toMatchFileSnapshot(golden('fixes'));
  });
});

describe('several diagnostics', () => {
  const { at, options } = workspace({ 'a.mdl': wrong, 'b.mdl': encoder });
  const all = [
    error('late', 'comes second', at('a.mdl', 'model')),
    { ...error('other', 'comes last', at('b.mdl', 'space')), severity: 'warning' as const },
    error('early', 'comes first', at('a.mdl', 'tokenizer')),
  ];

  test('stand in order of their places', () => {
    const text = renderDiagnostics(all, options);
    expect([...text.matchAll(/^(?:error|warning)\[(\w+)\]/gm)].map((m) => m[1])).toEqual(['early', 'late', 'other']);
    expect(text.endsWith('\n')).toBe(true);
    expect(text.split('\n\n')).toHaveLength(3);
  });

  test('are summed up', () => {
    expect(summarize(all)).toBe('2 errors, 1 warning in 2 files');
    expect(summarize(all.slice(0, 1))).toBe('1 error in 1 file');
    expect(summarize([])).toBe('');
  });

  test('have colour only when it is wanted', async () => {
    expect(renderDiagnostics(all, options)).not.toContain('\u001b');
    const colored = renderDiagnostics(all, { ...options, color: true });
    expect(colored).toContain('\u001b[31merror[early]');
    // oxlint-disable-next-line no-control-regex -- the escapes of colours are looked for
    expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(renderDiagnostics(all, options));
  });
});
