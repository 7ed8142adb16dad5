import { defineCodes } from '../define.ts';

interface FileReason {
  /** The end of the file's path, as the user knows it: `use-lite/model.onnx`. */
  readonly file: string;
  /** A clause that goes on after a colon: what was expected and what was found. */
  readonly reason: string;
}

interface AtByte extends FileReason {
  /** Bytes from the file's start. */
  readonly offset: number;
}

interface NamedThing {
  readonly file: string;
  /** `tensor`, `node`, … */
  readonly kind: string;
  readonly name: string;
}

/** What reading foreign ONNX files and writing the composed one can find. */
export const onnxCodes = defineCodes({
  'onnx-unreadable': {
    severity: 'error',
    title: 'An ONNX file stopped being readable',
    message: (a: FileReason) => `\`${a.file}\` could not be read: ${a.reason}.`,
  },
  'onnx-not-a-model': {
    severity: 'error',
    title: 'Not an ONNX file',
    message: (a: FileReason) => `\`${a.file}\` is not an ONNX model: ${a.reason}.`,
  },
  'onnx-truncated': {
    severity: 'error',
    title: 'An ONNX file ends too early',
    message: (a: AtByte) => `\`${a.file}\` is cut off: at byte ${a.offset}, ${a.reason}.`,
  },
  'onnx-malformed': {
    severity: 'error',
    title: 'The bytes of an ONNX file contradict its format',
    message: (a: AtByte) => `\`${a.file}\` is damaged: at byte ${a.offset}, ${a.reason}.`,
  },
  'onnx-too-complex': {
    severity: 'error',
    title: 'An ONNX file goes beyond the limits of this reader',
    message: (a: AtByte) => `\`${a.file}\` is more than can be read: at byte ${a.offset}, ${a.reason}.`,
  },
  'onnx-inconsistent': {
    severity: 'error',
    title: 'An ONNX file contradicts itself',
    message: (a: FileReason) => `\`${a.file}\` contradicts itself: ${a.reason}.`,
  },
  'onnx-duplicate-name': {
    severity: 'error',
    title: 'Two things of an ONNX graph have one name',
    message: (a: NamedThing) => `\`${a.file}\` has two ${a.kind}s named \`${a.name}\`.`,
  },
  'onnx-unknown-name': {
    severity: 'error',
    title: 'An ONNX graph uses a tensor that nothing makes',
    message: (a: { readonly file: string; readonly name: string; readonly user: string }) =>
      `In \`${a.file}\`, ${a.user} uses the tensor \`${a.name}\`, which nothing makes.`,
  },
  'onnx-cycle': {
    severity: 'error',
    title: 'An ONNX graph runs in a circle',
    message: (a: { readonly file: string; readonly nodes: readonly string[] }) =>
      `In \`${a.file}\`, nodes wait for each other's results: ${a.nodes.join(' -> ')}.`,
  },
  'onnx-tensor-size': {
    severity: 'error',
    title: "A stored tensor's size disagrees with its data",
    message: (a: FileReason & { readonly tensor: string }) =>
      `The tensor \`${a.tensor}\` of \`${a.file}\` does not add up: ${a.reason}.`,
  },
  'onnx-unknown-dtype': {
    severity: 'error',
    title: 'A stored tensor has an unknown element type',
    message: (a: { readonly file: string; readonly tensor: string; readonly number: number }) =>
      `The tensor \`${a.tensor}\` of \`${a.file}\` has the element type ${a.number}, which is unknown to this version of MDL.`,
  },
  'onnx-external-data': {
    severity: 'error',
    title: 'External data cannot be used',
    message: (a: FileReason & { readonly tensor: string }) =>
      `The external data of the tensor \`${a.tensor}\` of \`${a.file}\` cannot be used: ${a.reason}.`,
  },
  'opset-mismatch': {
    severity: 'error',
    title: 'Two parts of a model import one operator set in different versions',
    message: (a: {
      readonly domain: string;
      readonly first: string;
      readonly firstVersion: number;
      readonly second: string;
      readonly secondVersion: number;
    }) =>
      `${a.first} imports version ${a.firstVersion} of the operator set \`${a.domain}\`, and ${a.second} imports version ${a.secondVersion}; one ONNX file can import only one.`,
  },
  'opset-conversion': {
    severity: 'error',
    title: 'A node that cannot be converted to a newer operator set',
    message: (a: FileReason & { readonly what: string; readonly from: number; readonly to: number }) =>
      `In \`${a.file}\`, ${a.what} cannot be converted from opset ${a.from} to ${a.to}: ${a.reason}.`,
  },
  'onnx-too-large': {
    severity: 'error',
    title: 'The composed model is larger than an ONNX file can be',
    message: (a: { readonly model: string; readonly bytes: number }) =>
      `The composed model \`${a.model}\` would take ${a.bytes} bytes; one ONNX file holds at most 2147483647.`,
  },
  'weights-overflow': {
    severity: 'error',
    title: 'A weight is too large for float16',
    message: (a: { readonly weight: string; readonly file: string; readonly index: readonly number[]; readonly value: number }) =>
      `The weight \`${a.weight}\` cannot be stored as float16: its element [${a.index.join(', ')}], from \`${a.file}\`, is ${Number(a.value.toPrecision(6))}, and float16 ends at 65504.`,
  },
  'onnx-link': {
    severity: 'error',
    title: 'A foreign graph cannot be connected as asked',
    message: (a: FileReason & { readonly link: string }) =>
      `\`${a.link}\` cannot be connected to \`${a.file}\`: ${a.reason}.`,
  },
  'onnx-program': {
    severity: 'error',
    title: 'A program cannot be written as ONNX',
    message: (a: { readonly model: string; readonly reason: string }) =>
      `The model \`${a.model}\` cannot be written as ONNX: ${a.reason}.`,
  },
});
