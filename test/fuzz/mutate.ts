/** Inputs that are nearly right: one change or a few of something that a program or a person wrote. */
import { mutate, type Mutation } from '../onnx/mutations.ts';
import type { Random } from '../onnx/random-models.ts';

const pick = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;

const edges = [0, 1, 0x7f, 0x80, 0xff];
// Changes that keep all lengths true get deepest.
const kinds: readonly Mutation['kind'][] = ['flip', 'flip', 'flip', 'set', 'set', 'set', 'insert', 'remove', 'repeat', 'truncate'];

const randomMutations = (random: Random): Mutation[] =>
  Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
    kind: pick(random, kinds), at: random(), byte: random() < 0.5 ? pick(random, edges) : Math.floor(random() * 256), length: 1 + Math.floor(random() * 40),
  }));

export const mutateBytes = (bytes: Uint8Array, random: Random): Uint8Array => mutate(bytes, randomMutations(random));

const oddTexts: readonly string[] = [
  '', '\0', '\uFEFF', '\n', '\r\n', '"', '\\', ',', ';', '\t', '{', '}', '[', ']', 'null', 'NaN', '-1', '1e999', '-0', '0.1', '9007199254740993', '18446744073709551616', '__proto__', 'constructor', '../x', 'é', '😀', '\uD800',
  '['.repeat(3000), '{"a":'.repeat(3000), '9'.repeat(400), 'a'.repeat(5000),
];

/** A piece of a text left out, written twice, or exchanged for another piece or for something odd. */
export function mutateText(text: string, random: Random): string {
  const at = Math.floor(random() * (text.length + 1));
  const piece = text.slice(at, at + 1 + Math.floor(random() * 20));
  const elsewhere = Math.floor(random() * (text.length + 1));
  const instead = pick(random, ['', piece + piece, text.slice(elsewhere, elsewhere + piece.length), pick(random, oddTexts)]);
  return text.slice(0, at) + instead + text.slice(at + piece.length);
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const oddValues: readonly Json[] = [
  null, true, false, 0, -1, 1, 0.5, -0, 255, 2 ** 31, 2 ** 53, 1e308, -1e308, '', 'a', '__proto__', '../../etc', '/', '\0', '😀', '(', '(a+)+$', 'a'.repeat(3000), [], {}, [[]], [null], { a: {} }, [1, 2, 3], ['a', 'a'],
];

/** A value of a JSON tree exchanged, left out, doubled or renamed; what is changed is a copy. */
export function mutateJson(value: Json, random: Random): Json {
  const inner = typeof value === 'object' && value !== null && Object.keys(value).length > 0 && random() < 0.85;
  if (!inner) return typeof value === 'string' && random() < 0.5 ? mutateText(value, random) : typeof value === 'number' && random() < 0.4 ? value + pick(random, [1, -1, 0.5, 1e6]) : structuredClone(pick(random, oddValues));
  const copy: Json[] | { [key: string]: Json } = Array.isArray(value) ? [...value] : { ...value };
  const key = pick(random, Object.keys(copy));
  const held = copy as Record<string, Json>;
  const how = random();
  if (how < 0.7) held[key] = mutateJson(held[key]!, random);
  else if (how < 0.8) {
    if (Array.isArray(copy)) copy.splice(Number(key), 1);
    else delete copy[key];
  } else if (how < 0.9 && Array.isArray(copy)) copy.splice(Number(key), 0, copy[Number(key)]!);
  else if (Array.isArray(copy)) held[key] = structuredClone(pick(random, copy));
  else Object.defineProperty(copy, random() < 0.3 ? pick(random, ['__proto__', '', 'toString']) : mutateText(key, random), { value: held[pick(random, Object.keys(held))]!, enumerable: true, configurable: true, writable: true });
  return copy;
}

/** A JSON text with a few of its values changed, or some of its letters. */
export function mutateJsonText(text: string, random: Random): string {
  if (random() < 0.15) return mutateText(text, random);
  let value = JSON.parse(text) as Json;
  for (let i = Math.floor(random() * 3); i >= 0; i--) value = mutateJson(value, random);
  return JSON.stringify(value);
}
