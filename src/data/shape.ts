/** A tiny declarative validator for foreign JSON: a shape answers with the first thing that is not as it should be. */
import { describe, isRecord, printable } from './json.ts';

/** Where in the JSON (`inputs[0].name`), what should stand there, and what does. */
export interface Problem {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

export type Shape = (value: unknown, path: string) => Problem | undefined;

/** `inputs[0].name should be a string, found 7`. */
export const showProblem = (problem: Problem): string =>
  `${problem.path === '' ? 'the whole' : problem.path} should be ${problem.expected}, found ${problem.found}`;

const problem = (path: string, expected: string, value: unknown): Problem => ({
  path,
  expected,
  found: describe(value),
});

/** A shape of one value, from a test and the words for what passes it. */
export const leaf =
  (expected: string, test: (value: unknown) => boolean): Shape =>
  (v, path) =>
    test(v) ? undefined : problem(path, expected, v);

export const string = leaf('a string', (v) => typeof v === 'string');
export const boolean = leaf('true or false', (v) => typeof v === 'boolean');
export const number = leaf('a finite number', (v) => Number.isFinite(v));

export const integer = (low: number, high: number): Shape =>
  leaf(
    `a whole number from ${low} to ${high}`,
    (v) => Number.isSafeInteger(v) && (v as number) >= low && (v as number) <= high,
  );

export const oneOf = (...words: readonly string[]): Shape =>
  leaf(words.map((w) => `"${w}"`).join(' or '), (v) => typeof v === 'string' && words.includes(v));

/** Either shape; the words say what both together mean. */
export const either =
  (expected: string, ...shapes: readonly Shape[]): Shape =>
  (v, path) =>
    shapes.some((shape) => shape(v, path) === undefined) ? undefined : problem(path, expected, v);

/** Absent, or null as some writers say it, or the shape. */
export const optional =
  (shape: Shape): Shape =>
  (v, path) =>
    v === undefined || v === null ? undefined : shape(v, path);

/** Absent, or the shape. */
export const absentOr =
  (shape: Shape): Shape =>
  (v, path) =>
    v === undefined ? undefined : shape(v, path);

/** Lists and dictionaries may be long (vocabularies): where an item stands is only worked out for one that is wrong. */
export const list =
  (shape: Shape, limit = Infinity): Shape =>
  (v, path) => {
    if (!Array.isArray(v)) return problem(path, 'a list', v);
    if (v.length > limit) return problem(path, `a list of at most ${limit}`, v);
    return first(v, (item, i) => shape(item, '') && shape(item, `${path}[${i}]`));
  };

/** An object whose values all have the shape. */
export const dictionary =
  (shape: Shape): Shape =>
  (v, path) =>
    isRecord(v)
      ? first(Object.entries(v), ([key, item]) => shape(item, '') && shape(item, member(path, key)))
      : problem(path, 'an object', v);

/** An object with these members; members of the future are let pass. `T` makes the table name every member. */
export const object =
  <T extends object>(members: { readonly [K in keyof Required<T>]: Shape }): Shape =>
  (v, path) => {
    if (!isRecord(v)) return problem(path, 'an object', v);
    return first(Object.entries<Shape>(members), ([key, shape]) =>
      shape(Object.hasOwn(v, key) ? v[key] : undefined, member(path, key)),
    );
  };

const member = (path: string, key: string): string => {
  const step = /^[A-Za-z_]\w*$/.test(key) ? (path === '' ? key : `.${key}`) : `["${printable(key, 40)}"]`;
  return path + step;
};

function first<T>(items: readonly T[], check: (item: T, index: number) => Problem | undefined): Problem | undefined {
  for (const [i, item] of items.entries()) {
    const found = check(item, i);
    if (found) return found;
  }
  return undefined;
}
