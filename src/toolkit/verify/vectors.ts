/** The vectors of a part that is swapped. A model that calls it on a question and on an answer has two for each example: those of all calls stand below one another. */
import type { Features, RowGroups } from '../../align/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { CheckedSwap, CheckedVerify } from '../../check/tools/index.ts';
import type { LoweredTerms, NamedValue, WatchedCall } from '../../check/tools/lower.ts';
import type { Symbol } from '../../names/modules.ts';
import { refuse } from '../errors.ts';

/** Call for call. */
export interface SwappedCalls {
  /** What the old part gives. */
  readonly y: readonly NamedValue[];
  /** What stands in its place. */
  readonly bridged: readonly NamedValue[];
  /** What goes into the last learned part, which makes that; `bridged` where nothing was learned. */
  readonly x: readonly NamedValue[];
}

export function swappedCalls(verify: CheckedVerify, swap: CheckedSwap, own: LoweredTerms, swapped: LoweredTerms, isLearned: (symbol: Symbol) => boolean): SwappedCalls {
  const y = resultsOf(own, swap.part, verify);
  const bridged = resultsOf(swapped, swap.replacement, verify);
  if (y.length !== bridged.length) {
    const why = `\`${swap.part.name}\` is called on ${count(y.length)}, and with the swap \`${swap.replacement.name}\` on ${count(bridged.length)}`;
    refuse(toolkitCodes.finding('tool-open', { tool: `\`verify ${verify.name}\``, why }, [`Which call stands in for which nobody can tell. Leave out what calls \`${swap.replacement.name}\` besides, or give it another name: \`adapter Again(x: …) -> … { ${swap.replacement.name}(x) }\`.`]), verify.location);
  }
  const learned = swapped.calls.filter(({ symbol }) => isLearned(symbol));
  return { y, bridged, x: bridged.map((_, i) => learnedInput(learned, bridged, i)) };
}

const count = (values: number): string => (values === 1 ? 'one value' : `${values} values`);

/** Of the calls on which something rests that is looked at. */
function resultsOf({ calls, model: { program } }: LoweredTerms, symbol: Symbol, verify: CheckedVerify): readonly NamedValue[] {
  const made = new Set([...program.inputs.map(({ value }) => value), ...program.initializers.map(({ name }) => name), ...program.steps.flatMap((step) => (step.kind === 'link' ? [...step.outputs.values()] : step.outputs))]);
  const found = calls.filter((call) => call.symbol === symbol && (call.result === undefined || made.has(call.result.value)));
  const why = found.length === 0 ? `what \`verify\` looks at does not depend on \`${symbol.name}\`` : `\`${symbol.name}\` gives a record`;
  return (found.length === 0 ? [undefined] : found).map((call) => {
    const result = call?.result;
    if (result === undefined) return refuse(toolkitCodes.finding('tool-open', { tool: `\`verify ${verify.name}\``, why }, ['Swap the adapter that gives the vectors.']), verify.location);
    const on = found.length === 1 ? '' : ` on ${call!.inputs.map(({ value }) => value).join(', ')}`;
    return { ...result, name: `${symbol.name}${on}` };
  });
}

function learnedInput(calls: readonly WatchedCall[], bridged: readonly NamedValue[], at: number): NamedValue {
  const single = calls.filter(({ inputs }) => inputs.length === 1);
  const call = single.find(({ result }) => result?.value === bridged[at]!.value) ?? (bridged.length === 1 || single.length === bridged.length ? single[at] : undefined);
  return call === undefined ? bridged[at]! : { ...call.inputs[0]!, name: `${call.symbol.name}.${call.inputs[0]!.name}` };
}

// ---------------------------------------------------------------- rows

/** Those of all calls, below one another. */
export function stacked(parts: readonly Features[]): Features {
  const [first] = parts;
  if (parts.length === 1) return first!;
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), columns: first!.columns, data };
}

export interface Stacked {
  /** Examples. */
  readonly rows: number;
  readonly calls: number;
}

/** The rows of the vectors that belong to some of the examples. */
export const vectorRows = ({ rows, calls }: Stacked, examples: readonly number[]): number[] => Array.from({ length: calls }, (_, call) => examples.map((row) => call * rows + row)).flat();

/** What is known of each example, of each of its vectors: different for each call, which see different things. */
export const ofVectors = ({ rows, calls }: Stacked, values: ArrayLike<number>): Uint32Array => Uint32Array.from({ length: rows * calls }, (_, at) => values[at % rows]! * calls + Math.floor(at / rows));

/** Vectors of one example belong together, as their examples do. */
export function vectorGroups({ rows, calls }: Stacked, together: RowGroups | undefined): RowGroups | undefined {
  if (calls === 1) return together;
  const of = Uint32Array.from({ length: rows * calls }, (_, at) => (together === undefined ? at % rows : together.of[at % rows]!));
  return { of, count: together?.count ?? rows, words: together?.words ?? 'examples' };
}
