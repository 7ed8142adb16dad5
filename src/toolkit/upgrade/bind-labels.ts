/** By which column each output of a model is judged: one that holds what the output says, the one of its name first. */
import type { CheckedModel } from '../../check/model.ts';
import { groupColumn } from '../data/units.ts';
import { labelNames } from '../data/default-column.ts';
import type { Column, Table } from '../data/table.ts';
import type { ModelDecl } from '../../syntax/ast.ts';
import { answerOfOutput, neededBy, type Answer } from './output-answers.ts';
import { holdingOf, type Holding } from './column-holdings.ts';

export interface LabelChoice {
  /** The column that the call names for all outputs that it suits; undefined where it names none. */
  readonly label: string | undefined;
  /** Those that it names for one output, by the output's name. */
  readonly labels: ReadonlyMap<string, string>;
}

/** One output, and the column that says what is right of it. */
export interface JudgedOutput {
  readonly output: string;
  readonly column: string;
  /** `accuracy`, or `r2` of numbers. */
  readonly metric: 'accuracy' | 'r2';
}

export interface BoundLabels {
  readonly judged: readonly JudgedOutput[];
  /** Clauses: of outputs without a column, what they need, and how to name it. */
  readonly open: readonly string[];
}

interface Candidate {
  readonly name: string;
  readonly holding: Holding;
}

export interface LabelRequest {
  readonly model: CheckedModel;
  readonly declaration: ModelDecl;
  /** Those that rest on the encoder, and are not the vectors themselves. */
  readonly outputs: readonly string[];
  readonly table: Table;
  /** What the inputs read: nothing that is to be found out. */
  readonly read: ReadonlySet<string>;
  readonly choice: LabelChoice;
}

/** The column of each output; a clause where nobody can say which one it is, or the call names one that does not suit. */
export function bindLabels(request: LabelRequest): BoundLabels | string {
  const { model, declaration, outputs, table } = request;
  const answers = outputs.flatMap((output) => answerOfOutput(model, declaration, output) ?? []);
  const chosen = new Map<Answer, Candidate>();
  for (const answer of answers) {
    const found = namedColumn(answer, answers, request);
    if (typeof found === 'string') return found;
    if (found !== undefined) chosen.set(answer, found);
  }
  const named = new Set(chosen.keys());
  const taken = new Set([...chosen.values()].map(({ name }) => name));
  const open: string[] = [];
  for (const answer of answers) {
    if (named.has(answer)) continue;
    const candidates = answer.kind === 'numbers' ? [] : free(answer, taken, request);
    const usual = candidates.filter(({ name }) => labelNames.includes(name));
    const [found, other] = usual.length > 0 ? usual : candidates;
    if (found === undefined) open.push(openClause(answer, taken, request));
    else if (other === undefined) chosen.set(answer, found);
    else return `${[found, other].map(({ name }) => `\`${name}\``).join(' and ')} of ${table.name} could each say what \`${answer.output}\` of \`${model.name}\` should be: give --label ${answer.output}=${found.name} or --label ${answer.output}=${other.name}`;
  }
  const twice = sharedByTwo(chosen, named, request);
  if (twice !== undefined) return twice;
  const judged = answers.flatMap((answer): JudgedOutput[] => {
    const found = chosen.get(answer);
    return found === undefined ? [] : [{ output: answer.output, column: found.name, metric: found.holding === 'numbers' ? 'r2' : 'accuracy' }];
  });
  return { judged, open };
}

/** As notes: which output is judged by which column, and which ones by none. */
export const showJudged = (model: string, { judged, open }: BoundLabels, table: string): readonly string[] => [
  ...(judged.length === 0 ? [] : [`By columns of ${table}, \`${model}\` is judged: ${judged.map(({ output, column, metric }) => `\`${output}\` by \`${column}\`${metric === 'r2' ? ' (r2)' : ''}`).join(', ')}.`]),
  ...open,
];

/** What the call names for it, else a column that has its name; undefined where there is none, a clause where what the call names does not suit. */
function namedColumn(answer: Answer, answers: readonly Answer[], { model, table, read, choice }: LabelRequest): Candidate | string | undefined {
  const own = choice.labels.get(answer.output);
  if (own !== undefined) return given(own, answer, table) ?? `\`${own}\` of ${table.name}, which --label names for \`${answer.output}\` of \`${model.name}\`, does not hold ${neededBy(answer)}`;
  // What is said of all is meant for those that tell classes apart, where there are any.
  const isMeant = choice.label !== undefined && (answer.kind !== 'numbers' || answers.every(({ kind }) => kind === 'numbers'));
  const common = isMeant ? given(choice.label, answer, table) : undefined;
  if (common !== undefined && (common.holding !== 'class' || answer.kind !== 'labels' || answers.length === 1)) return common;
  const known = [...table.columns].filter(([name]) => !read.has(name));
  for (const called of answer.names)
    for (const isNamed of [isCalled, isLike]) {
      const found = known.flatMap(([name, column]) => (isNamed(name, called) ? (suiting(name, column, answer) ?? []) : []))[0];
      if (found !== undefined) return found;
    }
  return undefined;
}

/** A column that the call names: whoever does may mean that the likeliest label is the class, or that the largest number is. */
function given(name: string, answer: Answer, { columns }: Table): Candidate | undefined {
  const column = columns.get(name)!;
  return suiting(name, column, answer) ?? (answer.kind === 'labels' || (answer.kind === 'numbers' && answer.count > 1) ? suiting(name, column, { ...answer, kind: 'scores' }) : undefined);
}

function suiting(name: string, column: Column, answer: Answer): Candidate | undefined {
  const holding = holdingOf(column, answer);
  const wanted: readonly (Holding | undefined)[] = answer.kind === 'likelihoods' ? ['class', 'labels'] : [answer.kind === 'scores' ? 'class' : answer.kind];
  return holding !== undefined && wanted.includes(holding) ? { name, holding } : undefined;
}

const isCalled = (column: string, called: string): boolean => column === called;

/** `tag`, `Tags` and `tag_labels` are of `tags`: plurals and the manner of writing say nothing. */
function isLike(column: string, called: string): boolean {
  const [of, plain] = [called, column].map((text) => text.toLowerCase().replace(/[^a-z0-9]/g, '')) as [string, string];
  const stem = of.replace(/s$/, '');
  return stem !== '' && (plain.replace(/s$/, '') === stem || labelNames.some((word) => [of, stem].some((one) => plain === one + word || plain === word + one)));
}

/** Columns that hold what it says, and have the name of nobody. */
const free = (answer: Answer, taken: ReadonlySet<string>, { table, read }: LabelRequest): readonly Candidate[] =>
  [...table.columns].flatMap(([name, column]) => (read.has(name) || taken.has(name) || name === groupColumn ? [] : (suiting(name, column, answer) ?? [])));

function openClause(answer: Answer, taken: ReadonlySet<string>, { model, table }: LabelRequest): string {
  const { output, kind, names } = answer;
  const alike = [...table.columns.keys()].find((name) => !taken.has(name) && names.some((called) => isCalled(name, called) || isLike(name, called)));
  const found = alike === undefined ? '' : ` (\`${alike}\` holds something else)`;
  return `${table.name} has no ${taken.size > 0 ? 'other ' : ''}column${kind === 'numbers' ? ` that is called \`${output}\`,` : ''} with ${neededBy(answer)}${found}: what the upgrade does to \`${output}\` of \`${model.name}\` is not measured. --label ${output}=COLUMN names one.`;
}

/** One column that has the name of neither cannot hold the classes of two outputs that tell different things apart; names of classes say whose they are. */
function sharedByTwo(chosen: ReadonlyMap<Answer, Candidate>, named: ReadonlySet<Answer>, { model, table }: LabelRequest): string | undefined {
  const found = [...chosen].filter(([answer]) => !named.has(answer));
  for (const [answer, { name }] of found) {
    const other = found.find(([one, { name: of }]) => one !== answer && of === name && one.classes?.id !== answer.classes?.id);
    if (other !== undefined) return `\`${name}\` of ${table.name} could be the classes of \`${answer.output}\` or of \`${other[0].output}\` of \`${model.name}\`: give --label ${answer.output}=${name} or --label ${other[0].output}=${name}`;
  }
  return undefined;
}
