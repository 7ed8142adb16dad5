/**
 * How the numbers of a value are still to be read where its type does not say it: an operator's result says no attribute, but what
 * was cast, or given other axes, is the same numbers in the same order. What is put in another order may be read otherwise, and so may what is computed: but
 * numbers that stand for colours are those of the same colours once each of them was divided by 255.
 */
import { knownIndices } from '../../ops/moved-classes.ts';
import { intsAt, numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { fromEnd } from '../../ops/shapes.ts';
import { constantOf, equalDims } from '../../types/dim.ts';
import type { AttributeStatement } from '../../types/fact.ts';
import type { Shape, TensorType } from '../../types/type.ts';
import type { TensorValue } from '../expressions/values.ts';
import type { AttributeFact } from './mixtures.ts';

/** What an operator is called with, and what it gives. */
interface Operation {
  readonly operands: readonly TensorValue[];
  readonly attributes: AttributeValues;
  readonly from: Shape;
  readonly to: Shape;
}

/** Whether the result is still read as the operands are. */
type Rule = (operation: Operation, fact: AttributeFact) => boolean;

/** The order of colours lies along one axis, and is told by nothing else: what the other axes undergo leaves it as it is. */
const isColour = ({ attribute }: AttributeStatement): boolean => attribute.id === colourIdentity;

/** `color` of `std/vision`. */
export const colourIdentity = 'std#color';

/** The attributes of a value: what its type says, and of others what it still is. */
export function readingsOf({ type, readings = [] }: TensorValue): readonly AttributeFact[] {
  const said = type.facts.filter((fact): fact is AttributeFact => fact.kind === 'attribute');
  return [...said, ...readings.filter((reading) => !said.some((fact) => fact.attribute.id === reading.attribute.id))];
}

/** The attributes that an operator's result still has; of operands with several values of one, none. */
export function readingsAfter(operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues, to: TensorType): readonly AttributeFact[] {
  const rule = rules.get(operator.name);
  const [first] = operands;
  if (rule === undefined || first === undefined) return [];
  const operation: Operation = { operands, attributes, from: first.type.shape, to: to.shape };
  const known = (operator.name === 'Concat' ? operands : arithmetic.has(operator.name) ? operands.filter(isPicture) : [first]).flatMap(readingsOf);
  const agreed = known.filter((fact, i) => known.every((other, j) => other.attribute.id !== fact.attribute.id || (other.value === fact.value && i <= j)));
  return agreed.filter((fact) => rule(operation, fact));
}

const always: Rule = () => true;

/** An axis with a name says itself where it went; of others an attribute may be what tells their order. */
const turned: Rule = ({ attributes, from }, fact) => {
  const perm = intsAt(attributes, 'perm');
  const moved = perm.map((axis) => fromEnd(axis, from)).filter((axis, i) => axis !== i - perm.length);
  return isColour(fact) || moved.every((axis) => axis !== undefined && from.axes.at(axis)!.label !== undefined);
};

const isAsLarge = ({ from, to }: Operation): boolean =>
  from.rest?.key === to.rest?.key && from.axes.length === to.axes.length && from.axes.every(({ size }, i) => equalDims(size, to.axes[i]!.size));

/** What is as large as before was neither cut nor repeated; colours are not, where their axis was not. */
const resized: Rule = (operation, fact) => isAsLarge(operation) || (isColour(fact) && hasAllColours(operation));

function hasAllColours({ from, to }: Operation): boolean {
  const axis = colourAxis(from);
  const after = axis === undefined ? undefined : to.axes.at(axis);
  return after !== undefined && equalDims(from.axes.at(axis!)!.size, after.size);
}

/** Counted from the end: the one called C, or the only one of three elements; undefined where neither is there. */
export function colourAxis({ axes }: Shape): number | undefined {
  const named = axes.findIndex(({ label }) => label === 'C');
  const threes = axes.flatMap(({ size }, i) => (constantOf(size) === 3 ? [i] : []));
  const found = named >= 0 ? named : threes.length === 1 ? threes[0] : undefined;
  return found === undefined ? undefined : found - axes.length;
}

const along = ({ attributes, from }: Operation): number | undefined => fromEnd(numberAt(attributes, 'axis'), from);

/** Rows behind one another, or other rows: each is read as before. */
const besideColours: Rule = (operation, fact) => {
  const colours = colourAxis(operation.from);
  const axis = along(operation);
  return isColour(fact) && colours !== undefined && axis !== undefined && axis !== colours;
};

const gathered: Rule = (operation, fact) => takesAll(operation) || besideColours(operation, fact);

/** Whether indices that are written name each place of the axis once, in its order. */
function takesAll(operation: Operation): boolean {
  const axis = along(operation);
  const size = axis === undefined ? undefined : constantOf(operation.from.axes.at(axis)!.size);
  const indices = operation.operands[1]!.type;
  const places = indices.shape.axes.length === 1 ? knownIndices(indices) : undefined;
  return size !== undefined && places?.length === size && places.every((place, i) => (place < 0 ? place + size : place) === i);
}

/** Of each element, with numbers or with one for each colour. */
const arithmetic: ReadonlySet<string> = new Set(['Abs', 'Add', 'Ceil', 'Clip', 'Div', 'Floor', 'Max', 'Min', 'Mul', 'Neg', 'Pow', 'Relu', 'Round', 'Sqrt', 'Sub']);

/** More than one number, or one for each index of an axis. */
const isPicture = ({ type: { shape } }: TensorValue): boolean => shape.rest !== undefined || shape.axes.filter(({ size }) => constantOf(size) !== 1).length > 1;

/** Which colour an element is of does not change, where nothing is added to it from other pictures. */
const computed: Rule = ({ operands }, fact) => isColour(fact) && operands.filter(isPicture).length === 1;

const named = (names: readonly string[], rule: Rule): readonly (readonly [string, Rule])[] => names.map((name) => [name, rule]);

const rules: ReadonlyMap<string, Rule> = new Map([
  ...named(['Identity', 'Cast', 'CastLike', 'Unsqueeze', 'Squeeze', 'Reshape', 'Flatten'], always),
  ...named(['Transpose'], turned),
  ...named(['Slice', 'Tile', 'Expand', 'Pad', 'CenterCropPad'], resized),
  ...named(['Resize'], (operation, fact) => isColour(fact) && hasAllColours(operation)),
  ...named(['Gather'], gathered),
  ...named(['Concat'], besideColours),
  ...named([...arithmetic], computed),
]);
