import { defineCodes } from '../define.ts';

/** Declarations, calls and bodies. */
export const partCodes = defineCodes({
  'unknown-dtype': {
    severity: 'error',
    title: 'An unknown element type',
    message: (a: { name: string }) => `\`${a.name}\` is no element type`,
  },
  'unknown-fact': {
    severity: 'error',
    title: 'An unknown fact',
    message: (a: { name: string }) => `\`${a.name}\` is no fact about a tensor`,
  },
  'fact-incomplete': {
    severity: 'error',
    title: 'A fact without what it says',
    message: (a: { name: string; spelling: string }) => `\`${a.name}\` alone says nothing of a tensor; a fact is written as in \`${a.spelling}\``,
  },
  'fact-misplaced': {
    severity: 'error',
    title: 'A fact that cannot hold of its type',
    message: (a: { fact: string; type: string; why: string }) => `${a.fact} cannot be said of ${a.type}: ${a.why}`,
  },
  'invalid-size': {
    severity: 'error',
    title: 'A size that no axis can have',
    message: (a: { size: string; fault: 'negative' | 'inexact' | 'too long' | 'divided' }) =>
      `${a.size} ${{ negative: 'is below zero', inexact: 'is too large to be counted exactly', 'too long': 'multiplies out to too many terms', divided: 'is divided by what is not above zero' }[a.fault]}, so it is no size`,
  },
  'unbound-size': {
    severity: 'error',
    title: 'A size that no input gives',
    message: (a: { name: string; part: string }) => `no input of \`${a.part}\` says how large \`${a.name}\` is`,
  },
  'unbound-input-size': {
    severity: 'error',
    title: 'An input with a size that no run can tell',
    message: (a: { input: string; size: string; name: string }) => `\`${a.input}\` has an axis of ${a.size}, but no input of the model says how large \`${a.name}\` is`,
  },
  'unmet-version': {
    severity: 'error',
    title: 'An output that claims another version of its space',
    message: (a: { output: string; claimed: string; declared: string }) => `\`${a.output}\` claims to lie in \`${a.claimed}\`, but the space is \`${a.declared}\``,
  },
  'dtype-not-carried': {
    severity: 'warning',
    title: 'An element type that JavaScript does not carry',
    message: (a: { what: 'input' | 'output' | 'state'; name: string; dtype: string }) => `the ${a.what} \`${a.name}\` is ${a.dtype}, which ONNX Runtime's JavaScript interface does not carry: neither \`mdl run\` nor an app can run this model`,
  },
  'unusable-name': {
    severity: 'error',
    title: 'An output that cannot be read at run time',
    message: (a: { name: string }) => `no output can be called \`${a.name}\``,
  },
  'parameter-kind': {
    severity: 'error',
    title: 'A parameter that a contract has no use for',
    message: (a: { contract: string; name: string; kind: string | undefined }) =>
      `\`${a.contract}\` cannot have the parameter \`${a.name}\`: a contract has no use for ${a.kind ? `${/^[aeiou]/.test(a.kind) ? 'an' : 'a'} \`${a.kind}\`` : 'a tensor'}`,
  },
  'missing-argument': {
    severity: 'error',
    title: 'A call that lacks an argument',
    message: (a: { part: string; parameter: string }) => `\`${a.part}\` needs \`${a.parameter}\`, which this call does not give`,
  },
  'too-many-arguments': {
    severity: 'error',
    title: 'A call with too many arguments',
    message: (a: { part: string; takes: number; given: number }) =>
      `\`${a.part}\` takes ${a.takes} tensor${a.takes === 1 ? '' : 's'} by position, but ${a.given} ${a.given === 1 ? 'is' : 'are'} given`,
  },
  'arguments-swapped': {
    severity: 'error',
    title: "Arguments in each other's place",
    message: (a: { part: string; first: string; second: string }) => `\`${a.part}\` takes \`${a.first}\` and \`${a.second}\` the other way round`,
  },
  'arguments-exchanged': {
    severity: 'warning',
    title: "Values where the parameter has another one's name",
    message: (a: { part: string; first: string; second: string }) => `\`${a.first}\` and \`${a.second}\` stand in each other's place among the arguments of \`${a.part}\``,
  },
  'fields-exchanged': {
    severity: 'warning',
    title: "Fields that are given each other's values",
    message: (a: { first: string; second: string }) => `the fields \`${a.first}\` and \`${a.second}\` are given each other's values, by their names`,
  },
  'unknown-argument': {
    severity: 'error',
    title: 'An argument that the part does not have',
    message: (a: { part: string; name: string }) => `\`${a.part}\` has no parameter \`${a.name}\``,
  },
  'duplicate-argument': {
    severity: 'error',
    title: 'An argument given twice',
    message: (a: { part: string; name: string }) => `\`${a.name}\` of \`${a.part}\` is given twice`,
  },
  'argument-kind': {
    severity: 'error',
    title: 'An argument of another kind',
    message: (a: { part: string; name: string; expected: string; found: string }) =>
      `\`${a.name}\` of \`${a.part}\` is ${a.expected}, but this is ${a.found}`,
  },
  'not-callable': {
    severity: 'error',
    title: 'A call of something that is no part',
    message: (a: { name: string; found: string }) => `\`${a.name}\` is ${a.found} and cannot be called`,
  },
  'not-a-value': {
    severity: 'error',
    title: 'A declaration where a value is needed',
    message: (a: { name: string; found: string }) => `\`${a.name}\` is ${a.found}, not a value`,
  },
  'tensor-needed': {
    severity: 'error',
    title: 'A constant where a tensor is needed',
    message: (a: { found: string; where: string; needs?: string }) => `${a.where} needs ${a.needs ?? 'a tensor'}, but this is ${a.found}`,
  },
  'commented-quotient': {
    severity: 'warning',
    title: 'A division that is a comment',
    message: (a: { value: string; divisor: string }) => `\`// ${a.divisor}\` is a comment, so this is \`${a.value}\`, divided by nothing`,
  },
  'wraps-around': {
    severity: 'warning',
    title: 'Whole numbers that wrap around',
    message: (a: { operator: string; dtype: string; found: string; bound: number; isBelow: boolean }) =>
      `onnx.${a.operator} of ${a.dtype} may come to ${a.found}, and ${a.dtype} holds nothing ${a.isBelow ? 'below' : 'above'} ${a.bound}`,
  },
  'beyond-half': {
    severity: 'warning',
    title: 'More than half precision holds',
    message: (a: { operator: string; found: string }) => `onnx.${a.operator} of f16 may come to ${a.found}, and f16 ends at 65504`,
  },
  'empty-input': {
    severity: 'error',
    title: 'An input without elements',
    message: (a: { input: string; type: string }) => `\`${a.input}\` is ${a.type}, which has no elements`,
  },
  'size-needed': {
    severity: 'error',
    title: 'A value that is no size',
    message: (a: { operator: 'div' | 'mod' | 'min' | 'max'; found: string }) => `\`${a.operator}\` is of sizes, but this is ${a.found}`,
  },
  'unknown-field': {
    severity: 'error',
    title: 'A field that the value does not have',
    message: (a: { field: string; of: string }) => `${a.of} has no field \`${a.field}\``,
  },
  'unknown-operator': {
    severity: 'error',
    title: 'An unknown ONNX operator',
    message: (a: { name: string }) => `there is no operator \`onnx.${a.name}\` here`,
  },
  'operator-type': {
    severity: 'error',
    title: 'Operands that do not fit an operator',
    message: (a: { operator: string; why: string }) => `${a.operator}: ${a.why}`,
  },
  'constant-misfit': {
    severity: 'error',
    title: 'A number that the dtype does not have',
    message: (a: { value: number; dtype: string; isWritten: boolean; family: string | undefined }) =>
      `the number ${Number.isFinite(a.value) ? a.value : `${a.value < 0 ? '-' : ''}inf`} ${a.isWritten ? `does not fit ${a.dtype}` : `cannot become ${a.dtype}`}${a.family === undefined ? '' : `, for which \`${a.family}\` also stands`}${a.isWritten ? '' : ': of that type no constants are written'}`,
  },
  'constant-vanishes': {
    severity: 'error',
    title: 'A number that becomes 0',
    message: (a: { value: number; dtype: string }) => `the number ${a.value} becomes 0 in ${a.dtype}`,
  },
  'initializer-expected': {
    severity: 'error',
    title: 'A parameter that begins with no initialiser',
    message: (a: { name: string; found: string }) => `\`${a.name}\` begins with ${a.found}, which is no initialiser`,
  },
  'initializer-misfit': {
    severity: 'error',
    title: 'An initialiser that does not fit its parameter',
    message: (a: { name: string; why: string }) => `\`${a.name}\` cannot begin this parameter: ${a.why}`,
  },
  'opset-too-old': {
    severity: 'error',
    title: 'An operator newer than the opset',
    message: (a: { operator: string; since: number; opset: number }) =>
      `\`onnx.${a.operator}\` exists since opset ${a.since}, but the model is emitted at opset ${a.opset}`,
  },
  'opset-conflict': {
    severity: 'error',
    title: 'Backbones of different opsets',
    message: (a: { model: string; older: string; newer: string }) =>
      `\`${a.model}\` joins files of different opsets, and ${a.older} cannot be converted to that of ${a.newer}`,
  },
  'too-deep': {
    severity: 'error',
    title: 'Declarations nested too deeply',
    message: (a: { what: string; limit: number }) => `${a.what} is nested more than ${a.limit} levels deep`,
  },
  'too-many-fields': {
    severity: 'error',
    title: 'A record of too many fields',
    message: (a: { name: string; limit: number }) => `\`${a.name}\` has more than ${a.limit} fields, counted through all records in it`,
  },
  'too-large': {
    severity: 'error',
    title: 'Something made of too many calls',
    message: (a: { name: string; limit: number }) => `\`${a.name}\` makes more than ${a.limit} calls, counted through all parts that it is made of`,
  },
  'open-type': {
    severity: 'error',
    title: 'A type that leaves something open',
    message: (a: { port: string; type: string; open: string }) => `\`${a.port}\` is ${a.type}, which leaves open ${a.open}`,
  },
  'no-output': {
    severity: 'error',
    title: 'A model without an output',
    message: (a: { model: string }) => `the model \`${a.model}\` has no output`,
  },
  'state-shape': {
    severity: 'error',
    title: 'A first value that does not fill its state',
    message: (a: { name: string; found: string; type: string }) => `\`${a.name}\` begins with numbers of the shape ${a.found}, which is no end of ${a.type}`,
  },
  'state-without-next': {
    severity: 'error',
    title: 'A state that never changes',
    message: (a: { name: string; model: string }) => `nothing says what the state \`${a.name}\` of \`${a.model}\` is in the next run`,
  },
  'states-exchanged': {
    severity: 'warning',
    title: "States that are given each other's next values",
    message: (a: { state: string; other: string } | { state: string; takenAs: string; madeAs: string }) =>
      'other' in a ? `the next values of \`${a.state}\` and \`${a.other}\` have each the name of the other` : `\`${a.state}\` goes into an LSTM as its ${a.takenAs}, and \`next ${a.state}\` is the ${a.madeAs}`,
  },
  'state-not-advanced': {
    severity: 'warning',
    title: 'A state that stays while its twin advances',
    message: (a: { state: string; takenAs: string; other: string; otherAs: string }) =>
      `\`${a.state}\` goes into an LSTM as its ${a.takenAs} and stays what it was, while \`${a.other}\`, the ${a.otherAs}, is carried on`,
  },
  'next-without-state': {
    severity: 'error',
    title: 'A next value of something that is no state',
    message: (a: { name: string; model: string }) => `\`${a.model}\` has no state \`${a.name}\` above this`,
  },
  'labels-repeated': {
    severity: 'error',
    title: 'A label listed twice',
    message: (a: { labels: string; value: string }) => `\`${a.labels}\` lists "${a.value}" twice`,
  },
  'attribute-empty': {
    severity: 'error',
    title: 'An attribute without a value',
    message: (a: { attribute: string }) => `\`${a.attribute}\` has no value`,
  },
  'labels-empty': {
    severity: 'error',
    title: 'Labels without a class',
    message: (a: { labels: string }) => `\`${a.labels}\` lists no class`,
  },
  unsupported: {
    severity: 'error',
    title: 'Something that the language does not have yet',
    message: (a: { what: string }) => `${a.what} cannot be used yet`,
  },
});
