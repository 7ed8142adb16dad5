/** Conversions of pictures: the parts of `std/vision`, which keep what is known of colours. */
import { rangeOf } from '../../ops/range.ts';
import { constantOf } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import type { AttributeStatement, Fact } from '../../types/fact.ts';
import type { TensorType } from '../../types/type.ts';
import { isDeclaredRange, labelsOf, only, stepOf, through, withFacts, type MakeSteps, type Step } from './bridge-steps.ts';

/** The library's attribute of that name. */
const colorsOf = ({ facts }: TensorType): readonly Fact[] => facts.filter((fact) => fact.kind === 'attribute' && fact.attribute.id === 'std#color');
const colorOf = (type: TensorType): AttributeStatement | undefined => colorsOf(type).flatMap((fact) => (fact.kind === 'attribute' ? [fact] : []))[0];

/** The library's own parts for images keep what is known of their colours. */
const imageLayouts: Readonly<Record<string, string>> = { 'N H W C > N C H W': 'nhwc_to_nchw', 'N C H W > N H W C': 'nchw_to_nhwc' };

export const transpose: MakeSteps = (found, wanted) => {
  const [from, to] = [labelsOf(found.shape.axes), labelsOf(wanted.shape.axes)];
  if (from === undefined || to === undefined || found.shape.rest || wanted.shape.rest || from.length !== to.length || String(from) === String(to)) return [];
  const perm = to.map((label) => from.indexOf(label));
  if (perm.includes(-1)) return [];
  const type = through('Transpose', found, { perm });
  const own = imageLayouts[`${from.join(' ')} > ${to.join(' ')}`];
  if (type === undefined || own === undefined) return stepOf('put its axes in that order', `onnx.Transpose(perm: [${perm.join(', ')}])`, type);
  return [{ title: 'put its axes in that order', text: own, imports: { module: 'vision', names: [own] }, type: withFacts(type, [...type.facts, ...colorsOf(found)]) }];
};

/** Red, green and blue in the other order, where the library's part takes the image. */
export const swapColors: MakeSteps = (found, wanted) => {
  const [from, to] = [colorOf(found), colorOf(wanted)];
  const isImage = labelsOf(found.shape.axes)?.join(' ') === 'N H W C' && constantOf(found.shape.axes[3]!.size) === 3;
  if (from === undefined || to === undefined || !isImage || !['rgb bgr', 'bgr rgb'].includes(`${from.value} ${to.value}`)) return [];
  const name = `to_${to.value}`;
  const facts = [...only(found, 'mask', 'integer', 'finite'), ...only(found, 'range').filter((fact) => fact.kind === 'range' && fact.rows === undefined)];
  return [{ title: `call \`${name}\``, text: name, imports: { module: 'vision', names: [name] }, type: withFacts(found, [...facts, { ...to, evidence: 'declared' }]) }];
};

const rangeFact = (low: number, high: number): Fact => ({ kind: 'range', low, high, evidence: 'proved' });
const demandedRange = ({ facts }: TensorType): { readonly low: number; readonly high: number } | undefined => facts.flatMap((fact) => (fact.kind === 'range' && fact.rows === undefined ? [fact] : []))[0];
const isFrom = ({ low, high }: { readonly low: number; readonly high: number }, from: number, to: number): boolean => low === from && high === to;
const step = (title: string, names: readonly string[], type: TensorType): Step => ({ title, text: names.join(' |> '), imports: { module: 'vision', names }, type });

const centring = 'bring [0, 1] to [-1, 1]';

/** The library's part that makes numbers from 0 to 1 of bytes, or of those of a picture that were cast before, and the element type of what comes out. */
function unitPart(found: TensorType): { readonly name: string; readonly dtype: TensorType['dtype'] } | undefined {
  if (found.dtype === 'u8') return { name: 'to_unit', dtype: 'f32' };
  return isFloat(found) && isPicture(found) && isFrom(rangeOf(found), 0, 255) ? { name: 'to_unit_float', dtype: found.dtype } : undefined;
}

/** Bytes as numbers from 0 to 1, where these are demanded, or stand on the way to others. */
export const toUnit: MakeSteps = (found, wanted) => {
  const demand = demandedRange(wanted);
  const part = unitPart(found);
  if (part === undefined || demand === undefined || !(isFrom(demand, 0, 1) || (isFrom(demand, -1, 1) && isPicture(found)))) return [];
  const { low, high } = rangeOf(found);
  // On the way to another range it is the library's word what it is brought from.
  const location = isFrom(demand, 0, 1) ? undefined : wanted.facts.find((fact) => fact.kind === 'range')?.location;
  const made: Fact = { ...rangeFact(0, 1), ...(location && { location }) };
  const toUnits = step(`bring [${low}, ${high}] to [0, 1]`, [part.name], withFacts({ ...found, dtype: part.dtype }, [made, ...colorsOf(found)]));
  return [isFrom(demand, 0, 1) ? toUnits : { ...toUnits, until: centring }];
};

/** Bytes of a picture, or its numbers from 0 to 1, as numbers from -1 to 1. */
export const toSigned: MakeSteps = (found, wanted) => {
  const demand = demandedRange(wanted);
  if (demand === undefined || !isFrom(demand, -1, 1) || !isPicture(found)) return [];
  const made = (dtype: TensorType['dtype']): TensorType => withFacts({ ...found, dtype }, [rangeFact(-1, 1), ...colorsOf(found)]);
  const range = rangeOf(found);
  const part = unitPart(found);
  if (part !== undefined) return isFrom(range, 0, 255) ? [step('bring [0, 255] to [-1, 1]', [part.name, 'centre'], made(part.dtype))] : [];
  return isFloat(found) && isFrom(range, 0, 1) && isDeclaredRange(found) ? [step(centring, ['centre'], made(found.dtype))] : [];
};

const isFloat = ({ dtype }: TensorType): boolean => typeof dtype === 'string' && dtypes[dtype].class === 'float';

/** What says an order of colours, or has the axes of a picture. */
export const isPicture = (type: TensorType): boolean => colorOf(type) !== undefined || ['N H W C', 'N C H W'].includes(labelsOf(type.shape.axes)?.join(' ') ?? '');

/** Height and width, where they are numbers. */
const sidesOf = ({ shape: { axes } }: TensorType): readonly (number | undefined)[] =>
  ['H', 'W'].map((side) => axes.flatMap(({ label, size }) => (label === side ? [constantOf(size)] : []))[0]);

/** Another height and width. Where proportions change, somebody may want to cut instead. */
export const resizedPicture: MakeSteps = (found, wanted) => {
  const [from, to] = [found, wanted].map(({ shape }) => labelsOf(shape.axes)?.join(' '));
  const [height, width] = sidesOf(wanted);
  const [h, w] = sidesOf(found);
  const { low, high } = rangeOf(found);
  const isLaidOut = from === 'N H W C' && (to === from || to === 'N C H W');
  if (!isLaidOut || !isFloat(found) || low < 0 || high > 1 || height === undefined || width === undefined || (h === height && w === width)) return [];
  // Where a picture shrinks to less than a half, straight lines between neighbours leave places out.
  const keepsAll = h !== undefined && w !== undefined && 2 * height >= h && 2 * width >= w;
  const name = keepsAll ? 'resize' : 'resize_antialias';
  const isEven = h !== undefined && w !== undefined && h * width === w * height;
  const said = found.facts.find((fact) => fact.kind === 'range')?.location;
  const shape = { ...found.shape, axes: found.shape.axes.map((axis) => (axis.label === 'H' || axis.label === 'W' ? { ...axis, size: wanted.shape.axes.find(({ label }) => label === axis.label)!.size } : axis)) };
  const type: TensorType = { ...found, shape, facts: [{ ...rangeFact(0, 1), ...(said && { location: said }) }, ...colorsOf(found)] };
  const title = `resize it to ${height} × ${width}${isEven ? '' : ', whatever its proportions are'}`;
  return [{ title, text: `${name}(height: ${height}, width: ${width})`, imports: { module: 'vision', names: [name] }, type, ...(isEven ? {} : { doubtful: true as const }) }];
};
