/** The random trees and the random texts of the grammar draw everything that there is: what is never drawn, no property holds. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  Comparison, CompileTimeKind, DimCall, DimOperator, Module, Node, NominalFact, Role, ViolationMode,
} from '../../src/syntax/ast.ts';
import { parse } from '../../src/syntax/index.ts';
import { childKeysOf, nodeKinds, visit } from '../../src/syntax/visit.ts';
import { createSource } from '../../src/text/source.ts';
import { seed } from '../seed.ts';
import { sentence } from '../syntax/ebnf/sentences.ts';
import { module } from './arbitrary.ts';

/** What stands for a text that is wrong: no right text has them. */
const madeUp = ['MissingExpr', 'MissingType'];
const wanted = nodeKinds.filter((kind) => !madeUp.includes(kind));

/** Each of a union's words; one that is left out does not compile. */
const words = <W extends string>(all: Record<W, true>): readonly string[] => Object.keys(all);
const choices: Readonly<Record<string, readonly string[]>> = {
  'BinaryExpr.op': ['+', '-', '*', '/', 'div', 'mod'],
  'DimBinary.op': words<DimOperator>({ '+': true, '-': true, '*': true, div: true, mod: true }),
  'DimCall.callee': words<DimCall['callee']>({ min: true, max: true }),
  'Comparison.op': words<Comparison['op']>({ '==': true, '>=': true, '<=': true, '>': true, '<': true }),
  'CompareFact.op': ['==', '>=', '<='],
  'NominalFact.nominal': words<NominalFact['nominal']>({ space: true, tokenizer: true }),
  'ViolationClause.mode': words<ViolationMode>({ reject: true, clamp: true, replace: true, report: true }),
  'KindType.name': words<CompileTimeKind>({ int: true, float: true, bool: true, str: true, dtype: true, space: true, tokenizer: true, labels: true, initializer: true }),
  'PartDecl.role': words<Role>({ adapter: true, head: true, part: true }),
  'NameMapEntry.transposed': ['false', 'true'],
  'WeightsClause.learned': ['false', 'true'],
  'DimItem.some': ['false', 'true'],
  'BoolLit.value': ['false', 'true'],
  'BoundName.negative': ['false', 'true'],
};
/** Doc comments are comments to the formatter's trees; the property about comments puts them into texts. */
const wantedPlaces = [
  ...wanted,
  ...wanted.flatMap((kind) => childKeysOf(kind as Node['kind']).map((key) => `${kind}.${key}`)),
  ...Object.entries(choices).flatMap(([place, all]) => all.map((word) => `${place} is ${word}`)),
];

/** Adds the kinds in a tree, the children that they have, and the words that stand in them. */
function collect(tree: Module, found: Set<string>): void {
  const enter = (node: Node): void => {
    found.add(node.kind);
    for (const [key, value] of Object.entries(node)) {
      const place = `${node.kind}.${key}`;
      if (value !== undefined && !(Array.isArray(value) && value.length === 0)) found.add(place);
      if (place in choices) found.add(`${place} is ${String(value)}`);
    }
  };
  visit(tree, { enter });
}

/** What many draws never come to; as many are made as that takes, up to thirty thousand. */
function neverDrawn(draw: (count: number, seed: number) => readonly Module[], places: readonly string[]): readonly string[] {
  const found = new Set<string>();
  let missing = places;
  for (let batch = 0; batch < 30 && missing.length > 0; batch++) {
    for (const tree of draw(1000, seed + batch)) collect(tree, found);
    missing = missing.filter((place) => !found.has(place));
  }
  return missing;
}

describe('everything is drawn', () => {
  test('by the random trees: every kind of node, with every child, and every word', () =>
    expect(neverDrawn((numRuns, from) => fc.sample(module, { numRuns, seed: from }), wantedPlaces)).toEqual([]));

  test('by the random texts of the grammar', () => {
    const texts = (numRuns: number, from: number): readonly Module[] => fc.sample(sentence, { numRuns, seed: from }).map((text) => parse(createSource('t.mdl', text)).value);
    // They begin behind the imports, and `int` and `true` stand in them for all words of their kind, which are names to the grammar.
    expect(neverDrawn(texts, wantedPlaces.filter((place) => !/^Import|^Module\.imports|^KindType\.name is |^BoolLit\.value is /.test(place)))).toEqual([]);
  });
});
