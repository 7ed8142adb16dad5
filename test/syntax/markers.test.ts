import { describe, expect, test } from 'vitest';
import { syntaxCodes } from '../../src/diagnostics/codes/syntax.ts';
import { compareDiagnostics, expectedDiagnostics } from '../../src/testing/markers.ts';
import { createSource, type SourceText } from '../../src/text/source.ts';

const fixture = createSource(
  'f.mdl',
  'space a @ 1\n       // ^ invalid-version "`1`"\n  b\n  // <^ unexpected-token\n    // | missing-value\nlong\n// <^^... nesting-too-deep\nend\n',
);
const found = (source: SourceText, start: number, end: number) => ({ uri: source.uri, span: { start, end } });
const actual = [
  syntaxCodes.report('invalid-version', { found: '1' }, found(fixture, 10, 11)),
  syntaxCodes.report('unexpected-token', { expected: 'x', found: 'y' }, found(fixture, 44, 45)),
  syntaxCodes.report('missing-value', undefined, found(fixture, 49, 49)),
  syntaxCodes.report('nesting-too-deep', { limit: 1 }, found(fixture, 98, 130)),
];

describe('markers', () => {
  test('carets, `<`, `|` and `...` are spans of the line above', () => {
    expect(expectedDiagnostics(fixture).diagnostics.map(({ code, span, open }) => [code, fixture.text.slice(span.start, span.end), open])).toEqual([
      ['invalid-version', '1', false], ['unexpected-token', 'b', false], ['missing-value', '', false], ['nesting-too-deep', 'lo', true],
    ]);
  });
  test('what is listed and found is fine', () => {
    const { diagnostics } = expectedDiagnostics(fixture);
    const placed = actual.map((d, i) => ({ ...d, location: { ...d.location, span: { ...diagnostics[i]!.span, end: diagnostics[i]!.span.end + (i === 3 ? 9 : 0) } } }));
    expect(compareDiagnostics(expectedDiagnostics(fixture), placed)).toBe('');
  });
  test('another place, another message, one too many and one too few are told', () => {
    const one = createSource('g.mdl', 'space a @ 1\n       // ^ invalid-version "`2`"\n');
    const text = compareDiagnostics(expectedDiagnostics(one), [syntaxCodes.report('invalid-version', { found: '1' }, found(one, 10, 11))]);
    expect(text).toContain('missing     1:11-12 invalid-version "`2`"');
    expect(text).toContain('not listed  1:11-12 invalid-version');
    expect(compareDiagnostics(expectedDiagnostics(one), [])).toContain('missing');
    expect(compareDiagnostics(expectedDiagnostics(createSource('g.mdl', '')), [actual[0]!])).toContain('not listed  f.mdl');
  });
});
