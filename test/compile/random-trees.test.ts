/** Random modules of every construct go through all stages, and so do sources of the whole language with some tokens changed: nothing throws. */
import fc from 'fast-check';
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compilerFor, foreignFiles, library, uriOf, worldOf } from '../check/world.ts';
import { module } from '../format/arbitrary.ts';
import { printTree } from '../format/print-tree.ts';

const cases = new URL('../cases/', import.meta.url);
const filesIn = (folder: string): readonly string[] =>
  readdirSync(new URL(folder, cases), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mdl')).map((name) => readFileSync(new URL(`${folder}${name}`, cases), 'utf8'));
const sources = [...filesIn('check/'), ...filesIn('language/'), ...filesIn('programs/'), ...Object.values(library)];
const base = readFileSync(new URL('check/modules/base.mdl', cases), 'utf8');
const token = /[A-Za-z_]\w*|"[^"\n]*"|\d+(?:\.\d+)*|[^\s\w]/g;
const words = [...new Set(sources.flatMap((text) => text.match(token) ?? []))];

/** Every finding is a sentence about a place in the text, and what has errors is not built. */
function checkQuietly(text: string): void {
  const { diagnostics, models } = compilerFor(worldOf({ ...foreignFiles, 'base.mdl': base, 'modules/base.mdl': base, 'main.mdl': text })).check([uriOf('main.mdl')]);
  if (diagnostics.some((d) => d.severity === 'error')) expect(models).toEqual([]);
  for (const { message, location, related, fixes } of diagnostics) {
    // What somebody wrote is quoted.
    expect(message.replace(/`[^`]*`|"[^"]*"/g, '')).not.toMatch(/\bundefined\b|\[object|``/);
    for (const place of [location, ...related.map((r) => r.location), ...fixes.flatMap((f) => f.edits.map((e) => e.location))]) {
      expect(place.span.start).toBeLessThanOrEqual(place.span.end);
    }
  }
}

test('random modules of every construct', () =>
  fc.assert(
    fc.asyncProperty(module, async (tree) => {
      checkQuietly(await printTree(tree));
    }),
    { numRuns: 60 },
  ));

const change = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'exchange', 'word'), fc.constantFrom(...words));
const mutated = fc.tuple(fc.constantFrom(...sources), fc.array(change, { minLength: 1, maxLength: 6 })).map(([source, changes]) =>
  changes.reduce((text, [a, b, how, word]) => {
    const tokens = [...text.matchAll(token)];
    if (tokens.length === 0) return text;
    const [one, other] = [tokens[a % tokens.length]!, tokens[b % tokens.length]!];
    const by = { drop: '', double: `${one[0]} ${one[0]}`, exchange: other[0], word }[how]!;
    return text.slice(0, one.index) + by + text.slice(one.index + one[0].length);
  }, source),
);

test('sources of every fixture with some tokens changed', () => fc.assert(fc.property(mutated, checkQuietly), { numRuns: 60 }));
