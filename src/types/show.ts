/** Types as the user would write them. */
import { showDim } from './dim.ts';
import { nestFields, type FieldTree } from './fields.ts';
import type { Ends, Nominal, RangeRows, Statement } from './fact.ts';
import type { Axis, ElementType, RecordType, Shape, TensorType, Type } from './type.ts';

export const showElementType = (dtype: ElementType): string => (typeof dtype === 'string' ? dtype : (dtype.parameter ?? dtype.family));

export function showAxis(axis: Axis): string {
  const size = axis.classes?.name ?? showDim(axis.size);
  return axis.label === undefined ? size : `${axis.label}: ${size}`;
}

export function showShape(shape: Shape): string {
  const axes = shape.axes.map(showAxis);
  if (shape.rest !== undefined) axes.splice(shape.rest.at, 0, '...');
  return `[${axes.join(', ')}]`;
}

/** `f32[batch, 512]`, without facts. */
export const showTensor = (type: TensorType): string => `${showElementType(type.dtype)}${showShape(type.shape)}`;

export function showRecord(type: RecordType): string {
  return showFields(nestFields(type.fields));
}

const showFields = (fields: FieldTree<TensorType>): string =>
  `{ ${[...fields].map(([name, field]) => `${name}: ${'leaf' in field ? showTensor(field.leaf) : showFields(field.fields)}`).join(', ')} }`;

export function showType(type: Type): string {
  if (type.kind === 'unknown') return 'unknown';
  return type.kind === 'tensor' ? showTensor(type) : showRecord(type);
}

/** An end of a range as the language writes it, with all its digits. */
export const showWholeEnd = (value: number): string => (value === Infinity ? 'inf' : value === -Infinity ? '-inf' : String(value));

/** Computed ends have more digits than anybody reads; those of 64-bit integers, such as times, are meant to the last one. */
const showEnd = (value: number): string => showWholeEnd(Number.isInteger(value) && Math.abs(value) <= 2 ** 64 ? value : Number(value.toPrecision(8)));

/** As many digits as somebody compares. */
export const showBound = (value: number): string => showWholeEnd(Number(value.toPrecision(6)));

const showEnds = ({ low, high }: Ends): string => `[${showEnd(low)}, ${showEnd(high)}]`;

/** The first rows stand for many. */
const shownRows = 4;

function showRows({ axis, label, ends }: RangeRows): string {
  const rows = ends.slice(0, shownRows).map(showEnds);
  return `range ${label ?? `(${axis})`} [${[...rows, ...(ends.length > shownRows ? ['…'] : [])].join(', ')}]`;
}

/** `use@^1 | ^2`; a parameter has the versions of what is given for it. */
export function showNominal(nominal: Nominal, versions: readonly string[] = []): string {
  const written = versions.join(' | ') || (nominal.parameter ? '' : nominal.version);
  return written === '' ? nominal.name : `${nominal.name}@${written}`;
}

/** `range [0, 1]`, `norm(-1) == 1 +- 0.001`, `space use@^1`. */
export function showStatement(fact: Statement): string {
  switch (fact.kind) {
    case 'range':
      return fact.rows ? showRows(fact.rows) : `range ${showEnds(fact)}`;
    case 'norm':
    case 'sum':
    case 'mean':
    case 'std':
      return `${fact.kind}(${fact.axis}) == ${fact.value}${fact.tolerance > 0 ? ` +- ${fact.tolerance}` : ''}`;
    case 'space':
    case 'tokenizer':
      return `${fact.kind} ${showNominal(fact.nominal, fact.versions)}`;
    case 'size':
      return `${showDim(fact.left)} ${fact.op} ${showDim(fact.right)}`;
    case 'attribute':
      return `${fact.attribute.name} == ${fact.value}`;
    default:
      return fact.kind;
  }
}
