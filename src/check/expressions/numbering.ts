/** Numbers that stand for something else, words of a vocabulary or places of an axis: the greater of two is not more, and a mean of them is nobody's. */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { axisFromEnd, fromEnd } from '../../ops/shapes.ts';
import { at, type Location, type Span } from '../../text/source.ts';
import type { Classes, Shape } from '../../types/type.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { tell } from './normalised-twice.ts';
import type { TensorValue } from './values.ts';

/** Ids of a tokenizer, or what ArgMax and ArgMin give: of an axis of classes the numbers of these. */
export type Numbering = { readonly of: 'words'; readonly tokenizer: string } | { readonly of: 'places'; readonly operator: string; readonly classes?: Pick<Classes, 'id' | 'name' | 'values'> };

/** What leaves each number what it is, or chooses among numbers of one kind. */
const handsOn: ReadonlySet<string> = new Set([
  'Cast', 'CastLike', 'Concat', 'Expand', 'Flatten', 'Gather', 'Identity', 'Pad', 'ReduceMax', 'ReduceMin', 'Reshape', 'Slice', 'Squeeze', 'Tile', 'Transpose', 'Unsqueeze', 'Where',
]);

/** What adds up what it is given, or measures how far apart it is. */
const measuring: ReadonlySet<string> = new Set([
  'AveragePool', 'Conv', 'Gemm', 'GlobalAveragePool', 'LayerNormalization', 'LogSoftmax', 'LpNormalization', 'MatMul', 'ReduceL1', 'ReduceL2', 'ReduceMean', 'ReduceSum', 'RMSNormalization', 'Softmax',
]);

const finding: ReadonlySet<string> = new Set(['ArgMax', 'ArgMin']);

function numberingOf({ type, numbering }: TensorValue): Numbering | undefined {
  const isWhole = type.dtype === 'i64' || type.dtype === 'i32';
  const [said] = isWhole ? type.facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [fact.nominal.name] : [])) : [];
  return said === undefined ? numbering : { of: 'words', tokenizer: said };
}

/** What an operator's result numbers, where its type does not say it. */
export function numberingAfter({ name }: Operator, operands: readonly TensorValue[], attributes: AttributeValues): Numbering | undefined {
  if (finding.has(name)) return { of: 'places', operator: name, ...classesAlong(operands[0]!.type.shape, attributes) };
  const chosen = name === 'Where' ? operands.slice(1) : name === 'Concat' ? operands : operands.slice(0, 1);
  return handsOn.has(name) ? chosen.map(numberingOf).find((numbering) => numbering !== undefined) : undefined;
}

function classesAlong(shape: Shape, attributes: AttributeValues): { readonly classes?: Pick<Classes, 'id' | 'name' | 'values'> } {
  const axis = fromEnd(numberAt(attributes, 'axis'), shape);
  const classes = axis === undefined ? undefined : axisFromEnd(shape, axis).classes;
  return classes === undefined ? {} : { classes: { id: classes.id, name: classes.name, values: classes.values } };
}

/** What makes one number of several, and what it does with them. */
const averaging: Readonly<Record<string, string>> = { Add: 'added', AveragePool: 'averaged', GlobalAveragePool: 'averaged', ReduceMean: 'averaged', ReduceSum: 'added' };

/** Classes of which the one is more than the other, by all that their names say; of two, 1 is how often the second is there. */
const areAmounts = (values: readonly string[]): boolean => values.length <= 2 || values.every((value) => /\d/.test(value));

/** Numbers of classes that are added up, or averaged: of two classes the mean is a third one. */
function warnOfClasses({ name }: Operator, operands: readonly TensorValue[], attributes: AttributeValues, location: Location, span: Span, env: Env): void {
  const isResized = name === 'Resize' && attributes.get('mode') !== undefined && attributes.get('mode') !== 'nearest';
  const done = isResized ? 'averaged with their neighbours' : Object.hasOwn(averaging, name) ? averaging[name] : undefined;
  const found = operands.map(numberingOf).map((numbering) => (numbering?.of === 'places' ? numbering.classes : undefined));
  const [classes] = found;
  if (done === undefined || classes === undefined || found.some((other) => other?.id !== classes.id) || areAmounts(classes.values)) return;
  const [first, middle, last] = classes.values;
  const mean = `The mean of "${first}" and "${last}", as numbers 0 and 2, is "${middle}".`;
  tell(
    jointCodes.report('classes-as-amounts', { classes: classes.name, done }, location, {
      label: 'these are numbers of classes',
      notes: isResized
        ? [`${mean} Resize the scores of each class, and take \`onnx.ArgMax\` then; or give each place the nearest one: \`mode: "nearest"\`, \`resize_nearest\` of "std/vision".`]
        : [
            `${mean} Average the probabilities of each class, and take the likeliest then: \`onnx.ArgMax((a + b) / 2, axis: -1)\`.`,
            'Where the classes stand in an order, and a mean is meant, weigh their numbers by the probabilities: `onnx.MatMul(probabilities, numbers)`.',
          ],
      fixes: isResized ? nearestFix(span, env) : [],
    }),
    span,
    env,
  );
}

const comparing: ReadonlySet<string> = new Set(['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);

/** Numbers of two lists of classes: the same number is another class in each, but where the one list is the other, or its beginning. */
function warnOfLists({ name }: Operator, [a, b]: readonly TensorValue[], location: Location, span: Span, env: Env): void {
  if (!comparing.has(name) || a === undefined || b === undefined) return;
  const [first, second] = [a, b].map(numberingOf).map((numbering) => (numbering?.of === 'places' ? numbering.classes : undefined));
  if (first === undefined || second === undefined || first.id === second.id) return;
  const place = first.values.findIndex((value, i) => i < second.values.length && value !== second.values[i]);
  if (place < 0) return;
  const order = first.values.map((value) => second.values.indexOf(value));
  const isReordered = !order.includes(-1) && order.length === second.values.length;
  tell(
    jointCodes.report('class-numbers-compared', { first: first.name, second: second.name }, location, {
      label: 'numbers of two lists',
      notes: [
        `Number ${place} is "${first.values[place]}" of \`${first.name}\`, and "${second.values[place]}" of \`${second.name}\`.`,
        isReordered ? `Bring the scores of \`${second.name}\` into the order of \`${first.name}\` before the likeliest is taken: \`onnx.Gather(scores, [${order.join(', ')}], axis: -1)\`.` : 'Compare numbers of one list, which both heads are made for.',
      ],
    }),
    span,
    env,
  );
}

/** Where the mode is written in the call, and nothing that only another one takes. */
function nearestFix({ start, end }: Span, { scope: { module }, inferring }: Env): Fix[] {
  const text = module.source.text.slice(start, end);
  const written = [...text.matchAll(/\bmode:\s*("(?:linear|cubic)")/g)];
  if (inferring !== undefined || written.length !== 1 || /\b(?:antialias|exclude_outside|cubic_coeff_a):/.test(text)) return [];
  const [{ index, 0: whole, 1: value }] = written as [RegExpExecArray];
  const from = start + index + whole.length - value!.length;
  return [{ title: 'give each place the nearest one', edits: [replaceAt({ start: from, end: from + value!.length }, '"nearest"', module)] }];
}

/** Warns at the call of a body, or where a body that it follows computes so. */
export function warnOfNumbers(operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues, span: Span, env: Env): void {
  const { name } = operator;
  const location = env.inferring?.sites[0] ?? at(env.scope.module, span);
  warnOfClasses(operator, operands, attributes, location, span, env);
  warnOfLists(operator, operands, location, span, env);
  const found = measuring.has(name) ? operands.map(numberingOf).find((numbering) => numbering?.of === 'words') : finding.has(name) && operands[0] !== undefined ? numberingOf(operands[0]) : undefined;
  if (found === undefined) return;
  if (found.of === 'words') {
    if (!measuring.has(name)) return;
    const notes = ['Word 7 is not more than word 3, and a mean of both is word 5. What is computed with is the vector of each word, which a backbone or `onnx.Gather` looks up in a table.'];
    tell(jointCodes.report('ids-as-amounts', { operator: name, tokenizer: found.tokenizer }, location, { label: 'these are numbers of words', notes }), span, env);
    return;
  }
  const notes = [`What \`onnx.${found.operator}\` gives is at which place the number stood, and not the number: \`onnx.Reduce${found.operator.slice(3)}\` gives that.`];
  tell(jointCodes.report('places-compared', { operator: name, inner: found.operator }, location, { label: 'these are places', notes }), span, env);
}
