import { defineCodes } from '../define.ts';

/** A declaration against the foreign file that it describes: backbones and weights. */
export const foreignCodes = defineCodes({
  'file-missing': {
    severity: 'error',
    title: 'A foreign file that is not there',
    message: (a: { path: string }) => `there is no file "${a.path}"`,
  },
  'backbone-source': {
    severity: 'error',
    title: 'A backbone without a file',
    message: (a: { name: string; count: number }) =>
      a.count === 0 ? `the backbone \`${a.name}\` names no ONNX file` : `the backbone \`${a.name}\` names ${a.count} ONNX files`,
  },
  'backbone-output': {
    severity: 'error',
    title: 'A backbone without an output',
    message: (a: { name: string }) => `the backbone \`${a.name}\` declares no output`,
  },
  'file-port': {
    severity: 'error',
    title: 'A name that the ONNX file does not have',
    message: (a: { file: string; what: string; name: string }) => `${a.file} has no ${a.what} called "${a.name}"`,
  },
  'file-constant': {
    severity: 'error',
    title: 'An input that has its value in the file',
    message: (a: { file: string; name: string }) => `"${a.name}" has its value in ${a.file}, so it is no input to be fed`,
  },
  'file-names': {
    severity: 'error',
    title: 'One name for several tensors, or several for one',
    message: (a: { port: string; fields: readonly string[] }) =>
      a.fields.length === 0
        ? `\`${a.port}\` is one tensor, so it comes from one name of the file`
        : `\`${a.port}\` is a record, so each of its fields (${a.fields.join(', ')}) comes from a name of the file`,
  },
  'file-unfed': {
    severity: 'error',
    title: 'An input of the file that nobody feeds',
    message: (a: { file: string; name: string; type: string; owner: string }) =>
      `${a.file} also needs its input "${a.name}" (${a.type}), which \`${a.owner}\` does not declare`,
  },
  'file-fed-twice': {
    severity: 'error',
    title: 'An input of the file that is fed twice',
    message: (a: { file: string; name: string }) => `the input "${a.name}" of ${a.file} is declared twice`,
  },
  'file-port-swapped': {
    severity: 'warning',
    title: 'Two names of the ONNX file that look swapped',
    message: (a: { file: string; port: string; onnx: string; other: string; otherOnnx: string }) =>
      `\`${a.port}\` stands for "${a.onnx}" of ${a.file}, and \`${a.other}\` for "${a.otherOnnx}": the two look swapped`,
  },
  'file-type': {
    severity: 'error',
    title: 'A declaration that contradicts the file',
    message: (a: { port: string; declared: string; file: string; found: string; why: string }) =>
      `\`${a.port}\` is declared as ${a.declared}, but in ${a.file} it is ${a.found}: ${a.why}`,
  },
  'file-fact': {
    severity: 'error',
    title: 'A fact that the file refutes',
    message: (a: { port: string; fact: string; file: string; why: string }) => `\`${a.port}\` is said to have ${a.fact}, but what ${a.file} computes has not: ${a.why}`,
  },
  'derived-member': {
    severity: 'error',
    title: 'A file or an input of a backbone made of another one',
    message: (a: { name: string; base: string; what: string }) => `\`${a.name}\` is made of \`${a.base}\`, so it has ${a.what} of \`${a.base}\` and none of its own`,
  },
  'replace-unread': {
    severity: 'warning',
    title: 'A replacement that nothing reads',
    message: (a: { name: string; backbone: string }) => `nothing that \`${a.backbone}\` gives depends on \`${a.name}\`, which it replaces`,
  },
  'space-replaced': {
    severity: 'error',
    title: 'A space that a replacement has changed',
    message: (a: { output: string; tap: string; space: string }) =>
      `\`${a.output}\` depends on \`${a.tap}\`, which is replaced, so its vectors do not lie in the space \`${a.space}\` any more`,
  },
  'unowned-parameters': {
    severity: 'error',
    title: 'Parameters that no weights belong to',
    message: (a: { part: string; parameters: string; model: string }) =>
      `\`${a.part}\` has parameters (${a.parameters}), but nothing says which weights they have in \`${a.model}\``,
  },
  'repeated-parameter': {
    severity: 'error',
    title: 'Two parameters of one name',
    message: (a: { path: string; owner: string }) => `two parameters of \`${a.owner}\` would be called \`${a.path}\``,
  },
  'symbolic-parameter': {
    severity: 'error',
    title: 'A parameter whose type depends on the caller',
    message: (a: { path: string; type: string; names: string }) =>
      `the parameter \`${a.path}\` is ${a.type}, which depends on ${a.names} and so on the caller`,
  },
  'weight-missing': {
    severity: 'error',
    title: 'A parameter that the file does not hold',
    message: (a: { paths: readonly string[]; keys: readonly string[]; file: string }) =>
      `${a.file} does not hold ${a.keys.map((key) => `"${key}"`).join(', ')}, from which the parameter${a.paths.length === 1 ? '' : 's'} ${a.paths.map((path) => `\`${path}\``).join(', ')} ${a.paths.length === 1 ? 'is' : 'are'} to come`,
  },
  'weight-type': {
    severity: 'error',
    title: 'Weights of another type or shape',
    message: (a: { path: string; expected: string; key: string; found: string; turned: string | undefined; file: string }) =>
      `the parameter \`${a.path}\` is ${a.expected}, but "${a.key}" in ${a.file} is ${a.found}${a.turned === undefined ? '' : `, and \`transposed\` makes ${a.turned} of it`}`,
  },
  'weight-transposed': {
    severity: 'error',
    title: 'Weights transposed that are no matrix',
    message: (a: { path: string; type: string }) => `\`transposed\` turns a matrix, but the parameter \`${a.path}\` is ${a.type}`,
  },
  'weight-unknown': {
    severity: 'error',
    title: 'A mapping for a parameter that does not exist',
    message: (a: { path: string; owner: string }) => `\`${a.owner}\` has no parameter \`${a.path}\``,
  },
  'weight-unread': {
    severity: 'warning',
    title: 'Weights that nobody reads',
    message: (a: { keys: string; file: string; owners: string }) => `${a.file} also holds ${a.keys}, which nothing in ${a.owners} reads`,
  },
  'weight-not-finite': {
    severity: 'warning',
    title: 'Weights that are no numbers',
    message: (a: { key: string; file: string; index: readonly number[]; value: string; more: number }) =>
      `"${a.key}" in ${a.file} is ${a.value} at [${a.index.join(', ')}]${a.more === 0 ? '' : `, and ${a.more} more of its numbers ${a.more === 1 ? 'is' : 'are'} NaN or infinite`}`,
  },
  'file-training': {
    severity: 'warning',
    title: 'A network that computes as in training',
    message: (a: { file: string; node: string; operator: string; does: string; more: number }) =>
      `${a.operator} "${a.node}" of ${a.file} ${a.does}${a.more === 0 ? '' : `; ${a.more} more of its nodes ${a.more === 1 ? 'is' : 'are'} in training, too`}`,
  },
  'weight-unneeded': {
    severity: 'error',
    title: 'Weights for a part without parameters',
    message: (a: { owner: string }) => `\`${a.owner}\` has no parameters, so it needs no weights`,
  },
  'weights-shared': {
    severity: 'error',
    title: 'Two parts that learn into one file',
    message: (a: { file: string; owner: string; first: string }) => `\`${a.owner}\` and \`${a.first}\` would both learn into ${a.file}`,
  },
  'learned-form': {
    severity: 'error',
    title: 'A part without a body that is no affine map',
    message: (a: { name: string; why: string }) =>
      `\`${a.name}\` has no body, and what a fit makes in its place is an affine map of the last axis: ${a.why}`,
  },
  'weight-unfitted': {
    severity: 'error',
    title: 'Weights that no fit has written yet',
    message: (a: { file: string; owner: string; model: string }) =>
      `\`${a.model}\` cannot be built yet: the weights of \`${a.owner}\` are to be learned, and ${a.file} is not there`,
  },
  'weight-classes': {
    severity: 'error',
    title: 'Classes in another order than the weights were trained with',
    message: (a: { labels: string; file: string; index: number; declared: string; trained: string }) =>
      `class ${a.index} of \`${a.labels}\` is ${a.declared}, but ${a.file} was trained with ${a.trained} there`,
  },
});
