/** One token of a right program is left out: the first fix of the first error that has one makes it readable again. */
import { readFileSync, readdirSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { parse } from '../../src/syntax/index.ts';
import { scan } from '../../src/syntax/scan.ts';
import { createSource } from '../../src/text/source.ts';

const root = new URL('../../', import.meta.url);
const modules = ['stdlib', 'examples/glosses', 'examples/upgrade', 'test/cases/programs'].flatMap((folder) => {
  const files = readdirSync(new URL(`${folder}/`, root)).filter((file) => file.endsWith('.mdl'));
  return files.map((file) => readFileSync(new URL(`${folder}/${file}`, root), 'utf8'));
});
const diagnosticsOf = (text: string) => parse(createSource('file:///left-out.mdl', text)).diagnostics;
const tokensOf = (text: string): string => scan(text).tokens.map(({ image }) => image).join(' ');
const texts = modules.filter((text) => diagnosticsOf(text).length === 0);

interface Mutant {
  readonly right: string;
  readonly text: string;
  readonly left: string;
}

const mutant = fc.tuple(fc.constantFrom(...texts), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })).map(([right, where]): Mutant => {
  const { tokens } = scan(right);
  const { startOffset, image } = tokens[Math.floor(where * tokens.length)]!;
  return { right, text: `${right.slice(0, startOffset)} ${right.slice(startOffset + image.length)}`, left: image };
});

/** The text with the first fix of its first diagnostic; undefined where it has none. */
function fixed({ text }: Mutant): string | undefined {
  const fix = diagnosticsOf(text)[0]?.fixes[0];
  return fix === undefined ? undefined : applyEdits(text, fix.edits).text;
}

test('a fix helps: of what it mends nothing is wrong any more', () => {
  fc.assert(
    fc.property(mutant, (m) => {
      const text = fixed(m);
      const [before, after] = [diagnosticsOf(m.text), text === undefined ? [] : diagnosticsOf(text)];
      expect(after.length === 0 || after.length < before.length, `without ${m.left}: ${before[0]?.message} Then: ${after[0]?.message}`).toBe(true);
    }),
    { numRuns: 80 },
  );
});

/** These have one spelling, and most of them can stand in one place only. */
const certain = ['->', ']', '}', ',', ':', 'import', 'contract', 'model'];

test.each(certain)('what is left out is found: %s', (image) => {
  const found = texts.flatMap((right) => {
    const place = scan(right).tokens.find((token) => token.image === image);
    if (place === undefined) return [];
    const text = `${right.slice(0, place.startOffset)} ${right.slice(place.startOffset + image.length)}`;
    const mended = fixed({ right, text, left: image });
    return [mended !== undefined && tokensOf(mended) === tokensOf(right)];
  });
  expect(found.length).toBeGreaterThan(2);
  // The first colon or comma of a file is sometimes one that a text can be without.
  expect(found.filter(Boolean).length).toBeGreaterThanOrEqual(0.8 * found.length);
});
