/**
 * What is known of a tensor's values, asked backwards from it: through the nodes that make it as far as their rules ask,
 * which is to the last operator that bounds its result whatever comes in, and into subgraphs and functions.
 */
import { inRange, type ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
import type { Interval } from '../../ops/foreign/ranges/interval.ts';
import type { ForeignModel } from '../graph.ts';
import { startReading, type ReadTensor, type Stored } from './constants.ts';
import type { FactEntry, FactFrame, FoundFacts } from './fact-entry.ts';
import { leaf, openFrame, startAsking, withDType } from './fact-frame.ts';
import type { InferredGraph } from './index.ts';

export type { Interval } from '../../ops/foreign/ranges/interval.ts';
export type { ValueFacts } from '../../ops/foreign/facts/value-facts.ts';
export type { FactFrame, FoundFacts } from './fact-entry.ts';

export type FactsOf = (tensor: string) => FoundFacts;

export interface FactOptions {
  /** What is known of inputs, as the caller vouches for it. */
  readonly given?: ReadonlyMap<string, ValueFacts>;
  /** What is known of some tensors whatever the inputs are. */
  readonly assured?: ReadonlyMap<string, ValueFacts>;
  /** How constants are read that do not lie in the skeleton; without it those bound nothing. */
  readonly read?: ReadTensor;
}

export const tensorFacts = (model: ForeignModel, inferred: InferredGraph, options: FactOptions = {}): FactsOf => graphFacts(model, inferred, options).ask;

/** The same, and of the graphs inside it. */
export const graphFacts = (model: ForeignModel, inferred: InferredGraph, { given, read }: FactOptions = {}): FactFrame => analyse(model, inferred, startReading(read ?? nothingRead), given);

export interface Questions {
  /** With the word of who vouches for the inputs. */
  readonly factsOf: FactsOf;
  /** With nobody's. */
  readonly alone: FactsOf;
  /** With another one. */
  readonly supposing: (given: FactOptions['given']) => FactsOf;
}

/** The same under several suppositions; constants are read once for all. */
export function givenAndAlone(model: ForeignModel, inferred: InferredGraph, { given, assured, read }: FactOptions): Questions {
  const stored = startReading(read ?? nothingRead);
  const supposing: Questions['supposing'] = (said) => analyse(model, inferred, stored, said).ask;
  return { factsOf: supposing(given), alone: supposing(assured), supposing };
}

const nothingRead: ReadTensor = () => undefined;

function analyse({ graph }: ForeignModel, { tensors, scope }: InferredGraph, stored: Stored, given: FactOptions['given'] = new Map()): FactFrame {
  const bound = new Map([...given].map(([name, facts]): [string, FactEntry] => [name, { ...leaf(withDType(facts, tensors.get(name)?.dtype), 'said of it'), isGiven: true }]));
  return openFrame(graph, scope, { bound }, startAsking(stored));
}

/** Of facts that were said of inputs by their bounds. */
export const givenRanges = (ranges: ReadonlyMap<string, Interval>): ReadonlyMap<string, ValueFacts> => new Map([...ranges].map(([name, range]) => [name, inRange(range)]));
