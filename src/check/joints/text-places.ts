/**
 * Axes along which a value has something for each token of a text, and tokens of two tokenizers under one operator. Both texts are padded to one length, so it runs: but the fifth piece of the one is another piece of text than the
 * fifth of the other. An axis along which a value has something for each token is followed from the network that made it.
 */
import { jointCodes } from '../../diagnostics/codes/joints.ts';
import { axesFromEnd } from '../../ops/axes.ts';
import { flagAt, intsAt, numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { fromEnd } from '../../ops/shapes.ts';
import { at, type Span } from '../../text/source.ts';
import { constantOf, equalDims, type Dim } from '../../types/dim.ts';
import type { Nominal } from '../../types/fact.ts';
import type { Shape, TensorType, Type } from '../../types/type.ts';
import type { Bound } from '../expressions/arguments.ts';
import { tell } from '../expressions/normalised-twice.ts';
import type { TensorValue, Value } from '../expressions/values.ts';
import { tokenizerSource } from '../files/tokenizer-source.ts';
import type { Signature } from '../parts/signature.ts';
import type { Env } from '../env.ts';

/** An axis, counted from the end, that has a place for each token of a text. */
export interface TextAxis {
  readonly axis: number;
  readonly tokenizer: Nominal;
  /** Nothing that may be a mask has met it: what stands at padding is what a network makes of padding. */
  readonly unmasked?: true;
}

// ---------------------------------------------------------------- what a file gives

/** The value of a call of a file: an axis that has the size of the tokens of one of its inputs, and of no other, is of these. */
export function withTexts(value: Value, { result, tensors }: Signature, { tensors: given }: Bound): Value {
  if (result.kind === 'unknown' || (value.kind !== 'tensor' && value.kind !== 'record')) return value;
  const sources = tensors.flatMap((parameter) => sourcesOf(parameter.type, given.get(parameter)?.value));
  if (sources.length === 0) return value;
  if (value.kind === 'tensor') return result.kind === 'tensor' ? { ...value, ...textsAs(axesOf(result.shape, sources)) } : value;
  const fields = result.kind === 'record' ? [...result.fields] : [];
  const texts = new Map(fields.flatMap(([name, { shape }]) => {
    const found = axesOf(shape, sources);
    return found.length === 0 ? [] : [[name, found] as const];
  }));
  return texts.size === 0 ? value : { ...value, texts };
}

/** How large an axis is declared to be that has a place for each token. */
interface TextSize {
  readonly size: Dim;
  readonly tokenizer: Nominal;
  readonly unmasked?: true;
}

function sourcesOf(declared: Type, value: Value | undefined): readonly TextSize[] {
  if (declared.kind === 'tensor' && value?.kind === 'tensor') return sizesOf(declared, value.type, value.texts);
  if (declared.kind !== 'record' || value?.kind !== 'record') return [];
  return [...declared.fields].flatMap(([name, field]) => {
    const type = value.type.fields.get(name);
    return type === undefined ? [] : sizesOf(field, type, value.texts?.get(name));
  });
}

/** Ids lie along their last axis; of other values it is known, or not. */
function sizesOf({ shape }: TensorType, { facts }: TensorType, texts: readonly TextAxis[] = []): readonly TextSize[] {
  const ids = facts.flatMap((fact) => (fact.kind === 'tokenizer' ? [{ axis: -1, tokenizer: fact.nominal, unmasked: true as const }] : []));
  return [...texts, ...ids].flatMap(({ axis, ...text }) => {
    const size = shape.axes.at(axis)?.size;
    return size === undefined ? [] : [{ size, ...text }];
  });
}

function axesOf({ axes }: Shape, sources: readonly TextSize[]): readonly TextAxis[] {
  return axes.flatMap(({ size }, i) => {
    const [first, ...others] = sources.filter((source) => equalDims(source.size, size));
    // A number may be that of features as well.
    const isOnly = constantOf(size) === undefined || axes.filter((axis) => equalDims(axis.size, size)).length === 1;
    return first === undefined || !isOnly || others.some(({ tokenizer }) => tokenizer.id !== first.tokenizer.id) ? [] : [textAt(i - axes.length, first.tokenizer, [first, ...others].every(({ unmasked }) => unmasked))];
  });
}

const textAt = (axis: number, tokenizer: Nominal, unmasked: boolean): TextAxis => ({ axis, tokenizer, ...(unmasked && { unmasked }) });

/** As a property of a value. */
const textsAs = (texts: readonly TextAxis[]): Pick<TensorValue, 'texts'> => (texts.length === 0 ? {} : { texts });

// ---------------------------------------------------------------- what operators make of it

interface Operation {
  readonly operands: readonly TensorValue[];
  readonly attributes: AttributeValues;
  readonly to: TensorType;
}

type Rule = (operation: Operation) => readonly TextAxis[];

const textsOf = (value: TensorValue | undefined): readonly TextAxis[] => value?.texts ?? [];

/** What stands in one place of several operands; where they disagree, nobody's. */
const ofAll = (texts: readonly TextAxis[]): readonly TextAxis[] =>
  texts.filter(({ axis, tokenizer }, i) => texts.every((other, j) => other.axis !== axis || (other.tokenizer.id === tokenizer.id && i <= j)));

/** What may be a mask is as large along the axis, and no token's of a network itself. */
const mayMask = ({ type: { shape }, texts }: TensorValue, axis: number): boolean => {
  const size = shape.axes.at(axis)?.size;
  return shape.axes.length >= -axis && size !== undefined && constantOf(size) !== 1 && texts?.some((text) => text.axis === axis && text.unmasked) !== true;
};

/** Of several operands that lie side by side. */
const beside = (texts: readonly TextAxis[], operands: readonly TensorValue[]): readonly TextAxis[] =>
  ofAll(texts).map(({ axis, tokenizer, unmasked }) => textAt(axis, tokenizer, unmasked === true && !operands.some((operand) => mayMask(operand, axis))));

const kept: Rule = ({ operands: [first] }) => textsOf(first);

/** Places that were counted out, the first of each text, are no tokens beside one another any more. */
const cut: Rule = ({ operands: [first], to }) => textsOf(first).filter(({ axis }) => constantOf(to.shape.axes.at(axis)!.size) === undefined);
const aligned: Rule = ({ operands }) => beside(operands.flatMap(textsOf), operands);

/** Without some axes, counted from the end; those before them move up. */
const without = (texts: readonly TextAxis[], gone: readonly number[]): readonly TextAxis[] =>
  texts.flatMap(({ axis, ...text }) => (gone.includes(axis) ? [] : [{ axis: axis + gone.filter((other) => other > axis).length, ...text }]));

const axesAt = (attributes: AttributeValues, shape: Shape): readonly number[] => axesFromEnd(intsAt(attributes, 'axes'), shape) ?? [];

const reduced: Rule = ({ operands: [x], attributes }) => {
  const axes = axesAt(attributes, x!.type.shape);
  return flagAt(attributes, 'keepdims') ? textsOf(x).filter(({ axis }) => !axes.includes(axis)) : without(textsOf(x), axes);
};

const best: Rule = ({ operands: [x], attributes }) => {
  const axis = fromEnd(numberAt(attributes, 'axis'), x!.type.shape);
  const axes = axis === undefined ? [] : [axis];
  return flagAt(attributes, 'keepdims') ? textsOf(x).filter((text) => text.axis !== axis) : without(textsOf(x), axes);
};

const squeezed: Rule = ({ operands: [x], attributes }) => without(textsOf(x), axesAt(attributes, x!.type.shape));

const unsqueezed: Rule = ({ operands: [x], attributes, to: { shape } }) => {
  const added = axesAt(attributes, shape);
  const left = shape.axes.map((_, i) => i - shape.axes.length).filter((axis) => !added.includes(axis));
  return textsOf(x).flatMap(({ axis, ...text }) => {
    const moved = left.at(axis);
    return moved === undefined ? [] : [{ axis: moved, ...text }];
  });
};

const transposed: Rule = ({ operands: [x], attributes }) => {
  const perm = intsAt(attributes, 'perm').map((axis) => fromEnd(axis, x!.type.shape));
  return textsOf(x).map(({ axis, ...text }) => ({ axis: perm.includes(axis) ? perm.indexOf(axis) - perm.length : axis, ...text }));
};

const joined: Rule = ({ operands, attributes }) => {
  const axis = fromEnd(numberAt(attributes, 'axis'), operands[0]!.type.shape);
  return beside(operands.flatMap(textsOf).filter((text) => text.axis !== axis), operands);
};

const gathered: Rule = ({ operands: [x, indices], attributes }) => {
  const axis = fromEnd(numberAt(attributes, 'axis'), x!.type.shape);
  const { shape } = indices!.type;
  if (axis === undefined || shape.rest !== undefined || shape.axes.length > 1) return [];
  return shape.axes.length === 0 ? without(textsOf(x), [axis]) : textsOf(x).filter((text) => text.axis !== axis);
};

const isMatrix = ({ type: { shape } }: TensorValue): boolean => shape.rest !== undefined || shape.axes.length > 1;

/** Rows of the first, columns of the second, and what both have before. */
const multiplied: Rule = ({ operands: [a, b] }) => {
  if (!isMatrix(a!) || !isMatrix(b!)) return [];
  const before = beside([...textsOf(a), ...textsOf(b)].filter(({ axis }) => axis < -2), [a!, b!]);
  return [...before, ...textsOf(a).filter(({ axis }) => axis === -2), ...textsOf(b).filter(({ axis }) => axis === -1)];
};

const placewise: Readonly<Record<string, string>> = {
  Add: 'added', Div: 'divided', Equal: 'compared', Greater: 'compared', GreaterOrEqual: 'compared', Less: 'compared', LessOrEqual: 'compared',
  Max: 'compared', Min: 'compared', Mul: 'multiplied', Sub: 'subtracted', Where: 'mixed',
};

const named = (names: string, rule: Rule): readonly (readonly [string, Rule])[] => names.split(' ').map((name) => [name, rule]);

/** Operators that are not listed make something else of the tokens, or nobody knows what. */
const rules: ReadonlyMap<string, Rule> = new Map([
  ...named('Abs Cast CastLike Ceil Clip CumSum Elu Erf Exp Expand Floor Gelu HardSigmoid HardSwish Identity LayerNormalization LeakyRelu Log LogSoftmax LpNormalization Mish Neg Not RMSNormalization Reciprocal Relu Round Selu Sigmoid Sign Softmax Softplus Softsign Sqrt Swish Tanh', kept),
  ...named([...Object.keys(placewise), 'And', 'Mod', 'Or', 'Pow', 'Xor'].join(' '), aligned),
  ...named('ReduceL1 ReduceL2 ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare', reduced),
  ...named('ArgMax ArgMin', best),
  ...named('Slice', cut),
  ...named('Squeeze', squeezed),
  ...named('Unsqueeze', unsqueezed),
  ...named('Transpose', transposed),
  ...named('Concat', joined),
  ...named('Gather', gathered),
  ...named('MatMul', multiplied),
]);

/** Along which axes an operator's result still has a place for each token. */
export function textsAfter(operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues, to: TensorType): Pick<TensorValue, 'texts'> {
  if (operands.every(({ texts }) => texts === undefined) || [to, ...operands.map(({ type }) => type)].some(({ shape }) => shape.rest !== undefined)) return {};
  return textsAs(rules.get(operator.name)?.({ operands, attributes, to }) ?? []);
}

/** Warns of places of two tokenizers that meet, at the call of a body where that is followed. */
export function judgeTexts(operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues, span: Span, env: Env): void {
  if (operands.filter(({ texts }) => texts !== undefined).length < 2) return;
  const [one, other] = meeting(operator, operands, attributes).find(([a, b]) => areApart(a, b, env)) ?? [];
  if (one === undefined || other === undefined) return;
  const location = env.inferring?.sites[0] ?? at(env.scope.module, span);
  const done = operator.name === 'Concat' ? 'joined' : operator.name === 'MatMul' ? 'multiplied' : placewise[operator.name]!;
  tell(
    jointCodes.report('tokens-mixed', { one: one.name, other: other.name, done }, location, {
      label: 'place by place',
      related: [one, other].map((nominal) => ({ location: nominal.location, text: 'cuts texts in its own way' })),
      notes: [
        'Texts are padded to one length, so this runs: but the fifth token of the one is another piece of text than the fifth of the other.',
        'Vectors of whole texts may be joined: pool the tokens of each before, `mean_pool(…, mask: …)`. Tokens are lined up by what part of the text each is, outside of the model, as an input that weighs them, `onnx.MatMul(weights, …)`.',
      ],
    }),
    span,
    env,
  );
}

/** The pairs of tokenizers whose places an operator takes for one. */
function meeting({ name }: Operator, operands: readonly TensorValue[], attributes: AttributeValues): readonly (readonly [Nominal, Nominal])[] {
  if (name === 'MatMul') return textsOf(operands[0]).flatMap((a) => textsOf(operands[1]).flatMap((b) => ((a.axis === -1 && b.axis === -2) || (a.axis === b.axis && a.axis < -2) ? [[a.tokenizer, b.tokenizer] as const] : [])));
  if (name !== 'Concat' && !Object.hasOwn(placewise, name)) return [];
  const along = name === 'Concat' ? fromEnd(numberAt(attributes, 'axis'), operands[0]!.type.shape) : undefined;
  const texts = operands.flatMap(textsOf).filter(({ axis }) => axis !== along);
  return texts.flatMap((a, i) => texts.slice(i + 1).flatMap((b) => (a.axis === b.axis ? [[a.tokenizer, b.tokenizer] as const] : [])));
}

/** Two names for one file cut texts alike; what a parameter stands for is known to who gives it. */
function areApart(a: Nominal, b: Nominal, { checker }: Env): boolean {
  if (a.id === b.id || a.parameter === true || b.parameter === true) return false;
  const file = tokenizerSource(a, checker)?.uri;
  return file === undefined || file !== tokenizerSource(b, checker)?.uri;
}
