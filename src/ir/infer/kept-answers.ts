/** What was found of a file's tensors as text, and read again: numbers that JSON has none for, and nodes, which lie in the graph. */
import type { ForeignModel, Node } from '../graph.ts';
import type { FoundFacts } from './fact-entry.ts';

/** By what was supposed of the inputs, and by tensor. */
export type Answers = Map<string, Map<string, FoundFacts>>;

/** Longer ones are made again sooner than read. */
const largestText = 2 ** 21;

/** Undefined where it would be too long. */
export function printAnswers(answers: Answers): string | undefined {
  const text = JSON.stringify([...answers].filter(([, found]) => found.size > 0).map(([given, found]) => [given, [...found].map(([tensor, { node, ...rest }]) => [tensor, rest, node !== undefined])]), (_, value: unknown) =>
    value instanceof Float64Array ? { floats: Array.from(value, shown) } : typeof value === 'number' ? shown(value) : value);
  return text.length > largestText ? undefined : text;
}

/** The same answers about the same file; empty where the text is none of these. */
export function readAnswers(text: string, { graph }: ForeignModel): Answers {
  const makers = new Map(graph.nodes.flatMap((node): [string, Node][] => node.outputs.map((name) => [name, node])));
  try {
    const kept = JSON.parse(text, (_, value: unknown) => revived(value)) as [string, [string, Omit<FoundFacts, 'node'>, boolean][]][];
    return new Map(kept.map(([given, found]) => [given, new Map(found.map(([tensor, rest, isMade]) => [tensor, { ...rest, ...(isMade ? { node: makers.get(tensor)! } : {}) }]))]));
  } catch {
    return new Map();
  }
}

/** Infinities, and the zero below zero. */
const shown = (value: number): number | { readonly number: string } => (Number.isFinite(value) && !Object.is(value, -0) ? value : { number: Object.is(value, -0) ? '-0' : String(value) });

function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if ('number' in value) return Number(value.number);
  return 'floats' in value ? Float64Array.from(value.floats as number[]) : value;
}
