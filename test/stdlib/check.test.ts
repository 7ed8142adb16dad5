/** The library against the checker: every module is sound for itself. */
import { describe, expect, test } from 'vitest';
import { checkText, library } from '../check/world.ts';

describe('the library', () => {
  test.each(Object.entries(library))('std/%s is checked without a finding', (_, text) => {
    const compilation = checkText(text);
    const found = compilation.diagnostics.map(({ code, message, location }) => {
      const source = compilation.sources.get(location.uri)!.text;
      return `${source.slice(0, location.span.start).split('\n').length}: ${code}: ${message}`;
    });
    expect(found).toEqual([]);
  });
});
