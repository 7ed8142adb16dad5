/** Field numbers of onnx.proto, as far as this room reads or writes them. */

export const modelField = {
  irVersion: 1,
  producerName: 2,
  graph: 7,
  opsetImport: 8,
  metadataProps: 14,
  trainingInfo: 20,
  functions: 25,
} as const;

/** Further fields of ModelProto that describe the one file they stand in: a composed model has its own. */
export const ownModelFields: ReadonlySet<number> = new Set([3, 4, 5, 6]);

export const graphField = {
  node: 1,
  name: 2,
  initializer: 5,
  docString: 10,
  input: 11,
  output: 12,
  valueInfo: 13,
  quantizationAnnotation: 14,
  sparseInitializer: 15,
  metadataProps: 16,
} as const;

export const nodeField = {
  input: 1,
  output: 2,
  name: 3,
  opType: 4,
  attribute: 5,
  domain: 7,
  overload: 8,
  deviceConfigurations: 10,
} as const;

export const attributeField = {
  name: 1,
  f: 2,
  i: 3,
  s: 4,
  t: 5,
  g: 6,
  floats: 7,
  ints: 8,
  strings: 9,
  tensors: 10,
  graphs: 11,
  tp: 14,
  docString: 13,
  typeProtos: 15,
  type: 20,
  refAttrName: 21,
  sparseTensor: 22,
  sparseTensors: 23,
} as const;

/** AttributeProto.AttributeType. */
export const attributeType = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

export const tensorField = {
  dims: 1,
  dataType: 2,
  floatData: 4,
  int32Data: 5,
  stringData: 6,
  int64Data: 7,
  name: 8,
  rawData: 9,
  doubleData: 10,
  uint64Data: 11,
  externalData: 13,
  dataLocation: 14,
} as const;

/** TensorProto.DataLocation. */
export const externalLocation = 1;

export const sparseTensorField = { values: 1, indices: 2, dims: 3 } as const;
export const valueInfoField = { name: 1, type: 2 } as const;
export const typeField = { tensorType: 1, sequenceType: 4, mapType: 5, sparseTensorType: 8, optionalType: 9 } as const;
export const tensorTypeField = { elemType: 1, shape: 2 } as const;
export const shapeField = { dim: 1 } as const;
export const dimensionField = { dimValue: 1, dimParam: 2 } as const;
export const entryField = { key: 1, value: 2 } as const;
export const annotationField = { tensorName: 1, parameterNames: 2 } as const;
export const opsetField = { domain: 1, version: 2 } as const;
export const functionField = { name: 1, input: 4, output: 5, node: 7, opsetImport: 9, domain: 10, attributeProto: 11, overload: 13 } as const;

/** The same domain has two names; ours is "". */
export const plainDomain = (domain: string): string => (domain === 'ai.onnx' ? '' : domain);
