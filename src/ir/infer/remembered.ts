/**
 * What was found of tensors is kept with the header of their file, by what was supposed of its inputs: whoever asks again after
 * an edit of the source reads no constants. A file that has changed has another header.
 */
import type { ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import type { ForeignModel } from '../graph.ts';
import { givenAndAlone, type FactOptions, type FactsOf, type FoundFacts, type Questions } from './facts.ts';
import type { InferredGraph } from './index.ts';

/** More suppositions than an edited declaration comes by in a while. */
const mostSuppositions = 64;

type Answers = Map<string, FoundFacts>;
const known = new WeakMap<ForeignModel, Map<string, Answers>>();

/** As `givenAndAlone`. Constants are read only for what was not asked before. */
export function rememberedFacts(model: ForeignModel, inferred: InferredGraph, options: FactOptions): Questions {
  if (!isWhole(model)) return givenAndAlone(model, inferred, options);
  let asked: Questions | undefined;
  const questions = (): Questions => (asked ??= givenAndAlone(model, inferred, options));
  const supposing = (given: FactOptions['given']): FactsOf => {
    const answers = answersOf(model, keyOf(given));
    let factsOf: FactsOf | undefined;
    return (tensor) => {
      const found = answers.get(tensor) ?? (factsOf ??= questions().supposing(given))(tensor);
      answers.set(tensor, found);
      return found;
    };
  };
  return { factsOf: supposing(options.given), alone: supposing(options.assured), supposing };
}

/** Whether all constants lie in the file itself: others change without it. */
const isWhole = ({ uri, graph }: ForeignModel): boolean => [...graph.initializers.values()].every(({ bytes }) => bytes === undefined || bytes instanceof Uint8Array || bytes.uri === uri);

function answersOf(model: ForeignModel, key: string): Answers {
  const all = known.get(model) ?? new Map<string, Answers>();
  known.set(model, all);
  if (all.size >= mostSuppositions && !all.has(key)) all.clear();
  const answers = all.get(key) ?? new Map<string, FoundFacts>();
  all.set(key, answers);
  return answers;
}

/** Infinite bounds are no numbers of JSON, and lists of numbers are none of its lists. */
const keyOf = (given: ReadonlyMap<string, ValueFacts> | undefined): string =>
  JSON.stringify([...(given ?? [])], (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value instanceof Float64Array ? [...value] : value));
