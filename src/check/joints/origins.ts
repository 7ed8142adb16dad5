/**
 * Of which spaces the vectors of a value are made where its type does not say: an operator's result says no space, but a
 * vector that was shifted, scaled or laid out anew is read feature by feature as the one that it was made of. What products
 * with matrices and sums over the features give are no such vectors any more.
 */
import { axesFromEnd } from '../../ops/axes.ts';
import { intsAt, numberAt, type AttributeValues, type Operator } from '../../ops/operator.ts';
import { fromEnd } from '../../ops/shapes.ts';
import type { Fact, NominalStatement } from '../../types/fact.ts';
import type { TensorValue } from '../expressions/values.ts';

export type SpaceFact = Fact & NominalStatement;

/** The spaces of a value's vectors: none, one, or several where rows of several were put one behind the other. */
export function spacesOf({ type, origins }: TensorValue): readonly SpaceFact[] {
  const said = type.facts.filter((fact): fact is SpaceFact => fact.kind === 'space');
  return said.length > 0 ? said : (origins ?? []);
}

/** How an operator's result comes by the spaces of its operands. */
type Rule = (operands: readonly TensorValue[], attributes: AttributeValues) => readonly SpaceFact[];

const ofFirst: Rule = ([first]) => (first === undefined ? [] : spacesOf(first));

/** Which rows are taken of those of several spaces is not looked at. */
const ofOnlyOne: Rule = (operands, attributes) => {
  const spaces = ofFirst(operands, attributes);
  return spaces.length === 1 ? spaces : [];
};

const ofAll: Rule = (operands) => {
  const known = new Map(operands.flatMap(spacesOf).map((space) => [`${space.nominal.id}@${space.nominal.version} ${space.versions.join(' | ')}`, space]));
  return [...known.values()];
};

/** One behind the other along the last axis they are features of a longer vector, along another one rows. */
const ofRows: Rule = (operands, attributes) => (operands[0] === undefined || fromEnd(numberAt(attributes, 'axis'), operands[0].type.shape) === -1 ? [] : ofAll(operands, attributes));

const ofReduced: Rule = ([first], attributes) => (first === undefined || reducesFeatures(first, attributes) ? [] : spacesOf(first));

function reducesFeatures({ type }: TensorValue, attributes: AttributeValues): boolean {
  return axesFromEnd(intsAt(attributes, 'axes'), type.shape)?.includes(-1) ?? true;
}

const rowsOf = (names: readonly string[], rule: Rule): readonly (readonly [string, Rule])[] => names.map((name) => [name, rule]);

const rules: ReadonlyMap<string, Rule> = new Map([
  ...rowsOf(['Transpose', 'Unsqueeze', 'Squeeze', 'Identity', 'LpNormalization', 'LayerNormalization', 'RMSNormalization'], ofFirst),
  ...rowsOf(['Reshape', 'Flatten', 'Expand', 'Tile', 'Slice', 'Gather'], ofOnlyOne),
  ...rowsOf(['Abs', 'Ceil', 'Clip', 'Exp', 'Floor', 'Log', 'Neg', 'Reciprocal', 'Relu', 'Round', 'Sigmoid', 'Sqrt', 'Tanh'], ofFirst),
  ...rowsOf(['Cast', 'CastLike'], ofFirst),
  ...rowsOf(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'Min', 'Max', 'Where'], ofAll),
  ...rowsOf(['Concat'], ofRows),
  ...rowsOf(['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin'], ofReduced),
]);

/** The spaces of which an operator's result is made; none where it is no vector of its operands' features. */
export const originsOf = (operator: Operator, operands: readonly TensorValue[], attributes: AttributeValues): readonly SpaceFact[] => rules.get(operator.name)?.(operands, attributes) ?? [];

/** Whether a reduction makes one row of several, so that rows of several spaces meet in it. */
export const meetsRows = (operator: Operator, operand: TensorValue, attributes: AttributeValues): boolean => rules.get(operator.name) === ofReduced && !reducesFeatures(operand, attributes);
