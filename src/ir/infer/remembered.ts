/**
 * What was found of tensors is kept with the header of their file, by what was supposed of its inputs: whoever asks again after
 * an edit of the source reads no constants. A file that has changed has another header. As text it outlives the process.
 */
import type { ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import type { ForeignModel } from '../graph.ts';
import { storedTensors } from '../stored-tensors.ts';
import { givenAndAlone, type FactOptions, type FactsOf, type FoundFacts, type Questions } from './facts.ts';
import type { InferredGraph } from './index.ts';
import { printAnswers, readAnswers, type Answers } from './kept-answers.ts';

/** More suppositions than an edited declaration comes by in a while. */
const mostSuppositions = 64;

/** What is known of one file. */
interface Memory {
  readonly answers: Answers;
  /** Whether something was found that was not recalled. */
  isNew: boolean;
}

const known = new WeakMap<ForeignModel, Memory>();
const texts = new WeakMap<ForeignModel, () => string | undefined>();

/** Lets what `recollected` gave for the same file in another process be read, as soon as somebody asks about it. */
export function recallLater(model: ForeignModel, text: () => string | undefined): void {
  texts.set(model, text);
}

/** All that was found, as text; undefined where nothing is new. */
export function recollected(model: ForeignModel): string | undefined {
  const memory = known.get(model);
  if (memory?.isNew !== true) return undefined;
  memory.isNew = false;
  return printAnswers(memory.answers);
}

function memoryOf(model: ForeignModel): Memory {
  const found = known.get(model);
  if (found !== undefined) return found;
  const text = texts.get(model)?.();
  const memory: Memory = { answers: text === undefined ? new Map() : readAnswers(text, model), isNew: false };
  known.set(model, memory);
  return memory;
}

/** As `givenAndAlone`. Constants are read only for what was not asked before. */
export function rememberedFacts(model: ForeignModel, inferred: InferredGraph, options: FactOptions): Questions {
  if (!isWhole(model)) return givenAndAlone(model, inferred, options);
  let asked: Questions | undefined;
  const questions = (): Questions => (asked ??= givenAndAlone(model, inferred, options));
  const supposing = (given: FactOptions['given']): FactsOf => {
    const memory = memoryOf(model);
    const answers = answersOf(memory.answers, keyOf(given));
    let factsOf: FactsOf | undefined;
    return (tensor) => {
      const before = answers.get(tensor);
      if (before !== undefined) return before;
      const found = (factsOf ??= questions().supposing(given))(tensor);
      answers.set(tensor, found);
      memory.isNew = true;
      return found;
    };
  };
  return { factsOf: supposing(options.given), alone: supposing(options.assured), supposing };
}

/** Whether all constants lie in the file itself: others change without it. */
const isWhole = ({ uri, graph, functions }: ForeignModel): boolean =>
  [graph, ...functions.map((one) => one.graph)].every((each) => [...storedTensors(each)].every(({ bytes }) => bytes === undefined || bytes instanceof Uint8Array || bytes.uri === uri));

function answersOf(all: Answers, key: string): Map<string, FoundFacts> {
  if (all.size >= mostSuppositions && !all.has(key)) all.clear();
  const answers = all.get(key) ?? new Map<string, FoundFacts>();
  all.set(key, answers);
  return answers;
}

/** Infinite bounds are no numbers of JSON, and lists of numbers are none of its lists. */
const keyOf = (given: ReadonlyMap<string, ValueFacts> | undefined): string =>
  JSON.stringify([...(given ?? [])], (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value instanceof Float64Array ? [...value] : value));
