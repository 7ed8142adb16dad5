/** Reads ValueInfoProto and the types in it. */
import type { TensorInfo } from '../../ir/graph.ts';
import { intDim, symbolDim, type Dim } from '../../types/dim.ts';
import { dtypeOfOnnx } from '../../types/dtype.ts';
import { compact, type Reading } from './reading.ts';
import { dimensionField, shapeField, tensorTypeField, typeField, valueInfoField } from '../schema.ts';
import { fieldsIn, int64Of, numberOf, spend, textOf, type Field } from './wire.ts';

export interface ValueInfo {
  readonly name: string;
  readonly info: TensorInfo;
}

const unknownInfo: TensorInfo = { dtype: undefined, dims: undefined };

/** A ValueInfoProto; what is no tensor (a sequence, a map) has unknown dtype and dims. */
export function readValueInfo(reading: Reading, field: Field): ValueInfo {
  const { wire } = reading;
  let name = '';
  let info = unknownInfo;
  for (const part of fieldsIn(wire, field)) {
    if (part.number === valueInfoField.name) name = textOf(wire, part);
    else if (part.number === valueInfoField.type) info = readType(reading, part);
  }
  spend(wire, field.start, 100);
  return { name, info };
}

function readType(reading: Reading, field: Field): TensorInfo {
  for (const part of fieldsIn(reading.wire, field))
    if (part.number === typeField.tensorType) {
      spend(reading.wire, part.start, 150);
      return readTensorType(reading, part);
    }
  return unknownInfo;
}

function readTensorType(reading: Reading, field: Field): TensorInfo {
  const { wire } = reading;
  let dtype: TensorInfo['dtype'];
  let dims: readonly Dim[] | undefined;
  for (const part of fieldsIn(wire, field)) {
    if (part.number === tensorTypeField.elemType) dtype = dtypeOfOnnx(numberOf(wire, part));
    else if (part.number === tensorTypeField.shape) dims = readShape(reading, part);
  }
  return { dtype, dims };
}

function readShape(reading: Reading, field: Field): readonly Dim[] {
  const dims: Dim[] = [];
  for (const part of fieldsIn(reading.wire, field))
    if (part.number === shapeField.dim) dims.push(readDim(reading, part));
  return compact(dims);
}

/** A number, a named size, or, where the file says neither or a negative number, a size of its own. */
function readDim(reading: Reading, field: Field): Dim {
  const { wire } = reading;
  const { uri } = wire.source;
  let dim: Dim | undefined;
  for (const part of fieldsIn(wire, field)) {
    if (part.number === dimensionField.dimValue) {
      const value = Number(int64Of(wire, part));
      dim = Number.isSafeInteger(value) && value >= 0 ? intDim(value) : undefined;
    } else if (part.number === dimensionField.dimParam) {
      const name = textOf(wire, part);
      if (name !== '') reading.dims.add(name);
      dim = name === '' ? undefined : symbolDim({ key: `${uri}:${name}`, name, kind: 'foreign' });
    }
  }
  spend(wire, field.start, 330);
  // Two unnamed sizes are never known to be equal: each has the key of its own place.
  return dim ?? symbolDim({ key: `${uri}:?${field.start}`, name: '?', kind: 'foreign' });
}
