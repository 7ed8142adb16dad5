/** What a model gives that rests on the swapped part, and that no requirement looks at: the verdict does not speak of it. */
import type { CallTerm, CheckedSwap, CheckedVerify, ColumnTerm, Term } from '../../check/tools/index.ts';
import { unknownType } from '../../types/type.ts';
import { followed } from './followed.ts';
import { isHeadSwap, sidesOf } from './swap.ts';
import type { Workbench } from '../workbench.ts';

export interface NotJudged {
  /** Outputs of the model, fields of records by their paths: `bin`, `answer.logits`. */
  readonly outputs: readonly string[];
  /** A clause: why that cannot be found out of the others; undefined where it can. */
  readonly why?: string;
  /** What gates do not look at, though the verdict may seem to speak of it. */
  readonly gates?: readonly GateNotJudged[];
}

export interface GateNotJudged {
  /** `G6 robustness`, or several. */
  readonly gate: string;
  /** A whole sentence. */
  readonly why: string;
}

/**
 * Outputs are followed in the model as it was before the swap. What a head gives is an answer; of any other part the vectors themselves are
 * what G1 and G2 judge.
 */
export function notJudged(verify: CheckedVerify, swap: CheckedSwap, { lowerTerms }: Pick<Workbench, 'lowerTerms'>): NotJudged {
  const { part, model } = swap;
  const named = new Set(verify.requirements.flatMap(({ metric }) => [...metric.inputs.values()]).flatMap((term) => pathsOf(term, swap)));
  const { own } = sidesOf([swap]);
  const lowered = lowerTerms({ tool: verify, name: verify.name, outputs: new Map([[model.name, callOf(verify, swap)]]), watched: (symbol) => symbol === part, ...(own === undefined ? {} : { swaps: own }) });
  if (typeof lowered === 'string') return { outputs: [], why: lowered };
  const vectors = new Set(lowered.calls.flatMap(({ result }) => result?.value ?? []));
  const touched = followed(lowered.model.program, vectors);
  const isNamed = (path: string): boolean => [...named].some((name) => path === name || path.startsWith(`${name}.`));
  const rests = lowered.model.program.outputs.filter(({ name, value }) => name.startsWith(`${model.name}.`) && touched.has(value) && (isHeadSwap(swap) || !vectors.has(value)));
  return { outputs: rests.map(({ name }) => name.slice(model.name.length + 1)).filter((path) => !isNamed(path)) };
}

/** The model on columns that nobody reads: it is followed, and not run. */
function callOf(verify: CheckedVerify, { model }: CheckedSwap): CallTerm {
  const { location } = verify;
  const column = (name: string): ColumnTerm => ({ kind: 'column', data: verify.data[0]!, column: name, type: unknownType, location });
  const inputs = model.declaration.members.flatMap((member) => (member.kind === 'ModelInput' ? [[member.name.text, column(member.name.text)] as const] : []));
  return { kind: 'call', callee: model, inputs: new Map(inputs), statics: new Map(), type: unknownType, location };
}

/** The outputs of the model that a term looks at. */
function pathsOf(term: Term, swap: CheckedSwap): readonly string[] {
  if (term.kind === 'column') return [];
  if (term.kind === 'call') return [...term.inputs.values()].flatMap((input) => pathsOf(input, swap));
  const below = term.of;
  if (below.kind === 'call' && below.callee === swap.model) return [term.field];
  return pathsOf(below, swap).map((path) => (below.kind === 'field' ? `${path}.${term.field}` : path));
}

/** The path of the output of the model that a term is; undefined where it computes something else. */
export function pathIn(term: Term, swap: CheckedSwap): string | undefined {
  if (term.kind !== 'field') return undefined;
  if (term.of.kind === 'call' && term.of.callee === swap.model) return term.field;
  const above = pathIn(term.of, swap);
  return above === undefined ? undefined : `${above}.${term.field}`;
}

/** `bin, answer.logits`: those of all swaps, each once. Empty where all was judged. */
export const outputsNotJudged = (swaps: readonly { readonly notJudged: NotJudged }[]): readonly string[] => [...new Set(swaps.flatMap(({ notJudged: { outputs } }) => outputs))];

/** Whole sentences: `bin rests on what was swapped, and no requirement looks at it.` */
export const showNotJudged = ({ outputs, why, gates = [] }: NotJudged): readonly string[] => [...outputsOpen({ outputs, why }), ...gates.map((open) => `${open.gate}: ${open.why}`)];

function outputsOpen({ outputs, why }: Pick<NotJudged, 'outputs'> & { readonly why: string | undefined }): readonly string[] {
  if (why !== undefined) return [`Other outputs of the model may rest on what was swapped; they cannot be followed: ${why}.`];
  if (outputs.length === 0) return [];
  return [outputs.length === 1 ? `${outputs[0]!} rests on what was swapped, and no requirement looks at it.` : `${outputs.slice(0, -1).join(', ')} and ${outputs.at(-1)!} rest on what was swapped, and no requirement looks at them.`];
}
