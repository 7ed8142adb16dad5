/** What a loss or a metric may be asked of: whatever is let through here, `mdl fit` and `mdl verify` carry out, or refuse because of the data. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Fix, Place } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { Expr } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import type { NominalStatement } from '../../types/fact.ts';
import { implying } from '../../types/implies.ts';
import { showElementType, showRecord, showTensor } from '../../types/show.ts';
import type { RecordType, TensorType } from '../../types/type.ts';
import type { Term } from './model.ts';
import type { ToolScope } from './scope.ts';
import type { InputSpec, MeasureRow } from './tables.ts';
import { isSameTerm } from './terms.ts';

/** An input as it is written, and what it stands for. */
export interface MeasuredInput {
  readonly spec: InputSpec;
  readonly expr: Expr;
  readonly term: Term;
}

/** The tools differ in what they run: a step of a fit computes in f32, a verification reads answers. */
type Tool = 'fit' | 'verify';

const floats: Readonly<Record<Tool, readonly string[]>> = { fit: ['f32'], verify: ['f16', 'f32', 'f64'] };

/** Losses and metrics whose rows are vectors, and nothing of more axes. */
const ofVectors: readonly string[] = ['info_nce', 'clusters'];

interface Fault extends Place {
  readonly why: string;
  readonly expr: Expr;
}

/** Whether a measure can be taken of these; what cannot is reported. */
export function checkMeasured(measure: string, row: MeasureRow, inputs: readonly MeasuredInput[], scope: ToolScope): boolean {
  const tool: Tool = scope.symbol.declaration.kind === 'FitDecl' ? 'fit' : 'verify';
  const fault = asWhole(measure, row, inputs, tool, scope) ?? inputs.map((input) => ofOne(measure, input, inputs, tool, scope)).find((found) => found !== undefined);
  if (fault === undefined) return true;
  const { why, expr, ...place } = fault;
  scope.report(toolCodes.report('measure-inputs', { measure, why }, at(scope.module, expr.span), place));
  return false;
}

// ---------------------------------------------------------------- all of them together

function asWhole(measure: string, { inputs: specs }: MeasureRow, inputs: readonly MeasuredInput[], tool: Tool, scope: ToolScope): Fault | undefined {
  const [first, second] = inputs;
  if (first === undefined || second === undefined) return undefined;
  const isColumn = ({ term }: MeasuredInput): boolean => term.kind === 'column';
  const classes = inputs.find(({ spec }) => spec.takes === 'labels');
  if (classes !== undefined && inputs.every((input) => isColumn(input) === (input !== classes)) && first.expr !== second.expr) {
    const whole = inputs.map(({ expr: { span } }) => scope.module.source.text.slice(span.start, span.end));
    const edits = inputs.map(({ expr }, i) => ({ location: at(scope.module, expr.span), text: whole[1 - i]! }));
    return { expr: first.expr, why: `\`${first.spec.name}\` is a column of the data here, and \`${second.spec.name}\` what is to be held to it`, label: 'a column', notes: [`It is \`${measure}(${specs.map(({ name }) => name).join(', ')})\`.`], fixes: [{ title: 'exchange the two', edits }] };
  }
  if (tool === 'verify' && !isColumn(first) && isSameTerm(first.term, second.term)) return { expr: second.expr, why: 'both sides are the same value, which is always as near to itself', label: 'the same value' };
  if (inputs.every(isColumn)) {
    const why = tool === 'fit' ? 'both are columns of the data, and nothing is learned from that' : 'both are columns of the data, which are the same before the swap and after it';
    return { expr: second.expr, why, label: 'a column, too', notes: ['One of the two is what a part or a model makes of the data: `let y = Model(d.text)`, and then `y.OUTPUT`.'] };
  }
  return undefined;
}

// ---------------------------------------------------------------- each by itself

function ofOne(measure: string, input: MeasuredInput, all: readonly MeasuredInput[], tool: Tool, scope: ToolScope): Fault | undefined {
  const { spec, expr, term } = input;
  if (term.type.kind === 'record') return ofRecord(measure, term.type, input, all, tool, scope);
  if (term.kind === 'column' || term.type.kind !== 'tensor') return undefined;
  const { type } = term;
  const shown = showTensor(type);
  if (spec.takes === 'labels' && tool === 'verify') return { expr, why: '`label` is to be a column of the data, and this is computed', label: `this is ${shown}`, notes: [labelNote] };
  if (!isOf(type, floats[tool])) {
    const wanted = tool === 'fit' ? 'a step of a fit computes in f32' : 'it is computed of floating-point numbers';
    const notes = spec.takes === 'labels' ? ['Classes stand in a column of the data, `d.label`; what is computed has the share of each class, in f32.'] : [`Write \`onnx.Cast(x, to: f32)\` in a part${/^(i|u)\d/.test(showElementType(type.dtype)) ? ', or measure the scores from which the whole numbers are chosen' : ''}.`];
    return { expr, why: `\`${spec.name}\` is ${shown}, and ${wanted}`, label: `this is ${shown}`, notes };
  }
  const rank = type.shape.rest === undefined ? type.shape.axes.length : undefined;
  if (rank === undefined) return undefined;
  const tells = all.some(({ spec: { takes } }) => takes === 'labels');
  const space = type.facts.find((fact) => fact.kind === 'space');
  if (tells && space?.kind === 'space' && spec.takes !== 'labels' && type.shape.axes.at(-1)?.classes === undefined) return ofFeatures(measure, space, input, all, tool, scope);
  const partner = all.find((other) => other !== input)?.term.kind;
  const isVector = tool === 'verify' || partner === 'column' || ofVectors.includes(measure);
  if (rank === 0 || (isVector && rank > 2) || (ofVectors.includes(measure) && rank !== 2)) {
    const why = `\`${spec.name}\` is ${shown}, and ${rank === 0 ? 'there is no axis of examples' : rank === 1 ? 'a vector for each example is needed' : 'a number or a vector for each example is needed'}`;
    return { expr, why, label: rank === 0 ? 'one number for all' : `${rank - 1} axes for each example`, notes: rank > 2 ? ['Let a part bring it to `[batch, n]` first: a mean over an axis, or one of its places.'] : [] };
  }
  if (tool === 'fit' && tells && spec.takes !== 'labels' && partner === 'column') return ofClasses(measure, input, type, rank);
  return undefined;
}

/** The columns of a vector are features: the largest of them is no class. */
function ofFeatures(measure: string, { nominal }: NominalStatement, { spec, expr, term }: MeasuredInput, all: readonly MeasuredInput[], tool: Tool, scope: ToolScope): Fault {
  const name = `\`${nominal.name}\``;
  const fields = term.kind === 'field' && term.of.type.kind === 'record' ? [...term.of.type.fields] : [];
  const meant = fields.filter(([path, field]) => path !== (term.kind === 'field' ? term.field : undefined) && field.shape.axes.at(-1)?.classes !== undefined && !field.facts.some(({ kind }) => kind === 'space') && fits(measure, field, spec, tool));
  const label = all.find(({ spec: { takes } }) => takes === 'labels')!;
  return {
    expr,
    why: `\`${spec.name}\` is to have a column for each class, and this is a vector of the space ${name}, whose columns are features`,
    label: `vectors of ${name}`,
    related: [{ location: at(scope.module, label.expr.span), text: 'held to these classes' }, { location: nominal.location, text: 'declared here' }],
    notes: ['The largest feature would be taken for the class that is found. Measure what a head makes of the vector; where two vectors are to be compared, take `cosine` or `retrieval`.'],
    fixes: expr.kind === 'FieldExpr' ? meant.slice(0, 6).map(([path]): Fix => ({ title: `measure \`${path}\``, edits: [{ location: at(scope.module, expr.field.span), text: path }] })) : [],
  };
}

const labelNote = 'The classes stand in the data: `d.label`.';

/** A head that is trained on classes has a column for each. */
function ofClasses(measure: string, { spec, expr }: MeasuredInput, type: TensorType, rank: number): Fault | undefined {
  const count = rank === 2 ? constantOf(type.shape.axes[1]!.size) : undefined;
  if (rank === 1) return { expr, why: `\`${spec.name}\` is ${showTensor(type)}, and a column for each class is needed`, label: 'one number for each example', notes: ['End the head with `linear(out: N)`: `f32[batch, N]`.'] };
  if (measure !== 'cross_entropy' || count !== 1) return undefined;
  return { expr, why: `\`${spec.name}\` is ${showTensor(type)}, and of one class there is nothing to choose from`, label: 'one column', notes: ['Give the head a column for each class; or take `binary_cross_entropy`, and a column of 0 and 1.'] };
}

const isOf = ({ dtype }: TensorType, kinds: readonly string[]): boolean => typeof dtype !== 'string' || kinds.includes(dtype);

/** One of its fields may be meant. */
function ofRecord(measure: string, type: RecordType, { spec, expr }: MeasuredInput, all: readonly MeasuredInput[], tool: Tool, scope: ToolScope): Fault {
  const paths = [...type.fields.keys()];
  const computed = all.filter(({ spec: { takes } }) => takes !== 'labels').length;
  const meant = [...type.fields].filter(([, field]) => fits(measure, field, spec, tool)).map(([path]) => path);
  const { start, end } = expr.span;
  const wrap = expr.kind === 'PipeExpr' || expr.kind === 'BinaryExpr';
  const fixes = (computed > 0 && (spec.takes !== 'labels' || tool === 'fit') ? meant : []).slice(0, 6).map((path): Fix => ({
    title: `measure \`${path}\``,
    edits: [...(wrap ? [{ location: at(scope.module, { start, end: start }), text: '(' }] : []), { location: at(scope.module, { start: end, end }), text: `${wrap ? ')' : ''}.${path}` }],
  }));
  const listed = paths.slice(0, 8).map((path) => `\`${path}\``).join(', ');
  return {
    expr,
    why: `\`${spec.name}\` is one tensor, and this is a record of ${paths.length === 1 ? 'one' : paths.length}`,
    label: `this is ${showRecord(type)}`,
    notes: [spec.takes === 'labels' && tool === 'verify' ? labelNote : `It has ${listed}${paths.length > 8 ? ` and ${paths.length - 8} more` : ''}: name the one that is meant.`],
    fixes,
  };
}

/** Whether a field would do in the place of its record. */
function fits(measure: string, field: TensorType, { takes }: InputSpec, tool: Tool): boolean {
  const { axes, rest } = field.shape;
  if (!isOf(field, floats[tool]) || rest !== undefined || axes.length === 0 || axes.length > 2) return false;
  if (ofVectors.includes(measure) && axes.length !== 2) return false;
  return takes !== 'probabilities' || implying(field, { kind: 'range', low: 0, high: 1 }) !== undefined;
}
