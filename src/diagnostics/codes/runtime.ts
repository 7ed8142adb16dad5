import { defineCodes } from '../define.ts';

interface Field {
  /** The input, or its field, as the app names it: `tokens`, `tokens.ids`. */
  readonly field: string;
  /** The contract that the field was declared with, if any. */
  readonly contract?: string | undefined;
}

interface Mismatch extends Field {
  readonly expected: string;
  readonly found: string;
}

const named = (a: Field): string => (a.contract === undefined ? `\`${a.field}\`` : `\`${a.field}\` (${a.contract})`);

/** What an app that embeds the runtime can do wrong, or meet. */
export const runtimeCodes = defineCodes({
  'runtime-missing': {
    severity: 'error',
    title: 'ONNX Runtime is not installed',
    message: (a: { readonly reason: string }) => `Models are run by the package \`onnxruntime-node\`, and ${a.reason}.`,
  },
  'runtime-failed': {
    severity: 'error',
    title: 'ONNX Runtime refused',
    message: (a: { readonly doing: string; readonly reason: string }) =>
      `ONNX Runtime failed while ${a.doing}: ${a.reason}`,
  },
  'runtime-options': {
    severity: 'error',
    title: 'An option of `load` or `run` is wrong',
    message: (a: { readonly option: string; readonly expected: string; readonly found: string }) =>
      `The option \`${a.option}\` should be ${a.expected}, found ${a.found}.`,
  },
  'device-unavailable': {
    severity: 'error',
    title: 'The device that was asked for is not there',
    message: (a: { readonly device: string; readonly reason: string }) =>
      `There is no device \`${a.device}\` here: ${a.reason}.`,
  },
  'bundle-unreadable': {
    severity: 'error',
    title: 'A bundle cannot be read',
    message: (a: { readonly file: string; readonly reason: string }) =>
      `\`${a.file}\` of the bundle cannot be read: ${a.reason}.`,
  },
  'manifest-invalid': {
    severity: 'error',
    title: 'Not a manifest',
    message: (a: { readonly path: string; readonly expected: string; readonly found: string }) =>
      `The manifest is wrong: \`${a.path}\` should be ${a.expected}, found ${a.found}.`,
  },
  'bundle-changed': {
    severity: 'error',
    title: 'A file of the bundle is not the one that was built',
    message: (a: { readonly file: string; readonly what: string; readonly expected: string; readonly found: string }) =>
      `\`${a.file}\` is not the file that was built: its ${a.what} should be ${a.expected}, found ${a.found}.`,
  },
  'bundle-mismatch': {
    severity: 'error',
    title: 'The ONNX file is not what the manifest says',
    message: (a: { readonly what: string; readonly expected: string; readonly found: string }) =>
      `The bundle's ONNX file is not the one of its manifest: ${a.what} should be ${a.expected}, found ${a.found}.`,
  },
  'input-unknown': {
    severity: 'error',
    title: 'An input that the model does not have',
    message: (a: { readonly field: string; readonly of: string; readonly known: readonly string[] }) =>
      `${a.of} has no \`${a.field}\`; it has ${a.known.map((k) => `\`${k}\``).join(', ') || 'nothing'}.`,
  },
  'input-missing': {
    severity: 'error',
    title: 'An input is missing',
    message: (a: Field & { readonly expected: string }) => `${named(a)} is missing: expected ${a.expected}.`,
  },
  'input-kind': {
    severity: 'error',
    title: 'An input is no tensor',
    message: (a: Mismatch) => `${named(a)} should be ${a.expected}, found ${a.found}.`,
  },
  'input-dtype': {
    severity: 'error',
    title: 'An input has another element type',
    message: (a: Field & { readonly expected: string; readonly found: string | undefined; readonly carrier?: string | undefined }) =>
      a.found === undefined
        ? `${named(a)} takes ${a.expected}, which ONNX Runtime's JavaScript interface does not carry: no app can give it.${a.carrier === undefined ? '' : ` A model that takes ${a.carrier} casts it: \`onnx.Cast(x, to: ${a.expected})\`.`}`
        : `${named(a)} takes ${a.expected}, found ${a.found}.`,
  },
  'output-dtype': {
    severity: 'error',
    title: 'An output or a state that JavaScript does not carry',
    message: (a: Field & { readonly found: string; readonly carrier: string | undefined }) =>
      `${named(a)} is ${a.found}, which ONNX Runtime's JavaScript interface does not carry: no app can read it.${a.carrier === undefined ? '' : ` A model that gives ${a.carrier} casts it, \`onnx.Cast(VALUE, to: ${a.carrier})\`; so does one that keeps a state.`}`,
  },
  'input-shape': {
    severity: 'error',
    title: 'An input has another shape',
    message: (a: Mismatch) => `${named(a)} takes the shape ${a.expected}, found ${a.found}.`,
  },
  'input-value': {
    severity: 'error',
    title: 'An input holds a value that its contract excludes',
    message: (a: Mismatch) => `${named(a)} promises ${a.expected}, found ${a.found}.`,
  },
  'input-text': {
    severity: 'error',
    title: 'A text cannot be made into this input',
    message: (a: Mismatch) => `${named(a)} cannot be made from text: it takes ${a.expected}, and ${a.found}.`,
  },
  'guard-rejected': {
    severity: 'error',
    title: 'A value that a contract rejects',
    message: (a: { readonly to: string; readonly contract: string | undefined; readonly what: string; readonly where: string }) =>
      `${named({ field: a.to, contract: a.contract })} demands ${a.what}, which does not hold${a.where}.`,
  },
  'output-unknown': {
    severity: 'error',
    title: 'An output that the model does not have',
    message: (a: { readonly output: string; readonly known: readonly string[] }) =>
      `The model has no output \`${a.output}\`; it has ${a.known.map((k) => `\`${k}\``).join(', ')}.`,
  },
  'output-not-classes': {
    severity: 'error',
    title: 'An output has no classes',
    message: (a: { readonly reason: string }) => `A class can only be named where an axis counts classes: ${a.reason}.`,
  },
  'head-refused': {
    severity: 'error',
    title: 'A head that cannot take the place of another',
    message: (a: { readonly head: string; readonly reason: string }) => `The head \`${a.head}\` cannot be exchanged: ${a.reason}.`,
  },
  'arm-unproven': {
    severity: 'error',
    title: 'An arm that has not shown that it may answer',
    message: (a: { readonly head: string; readonly arm: string; readonly reason: string }) => `The arm \`${a.arm}\` of \`${a.head}\` gets no traffic: ${a.reason}.`,
  },
  'rollout-unknown': {
    severity: 'error',
    title: 'A rollout that no bundle declares',
    message: (a: { readonly model: string; readonly reason: string }) => `The bundle of \`${a.model}\` has no rollout that could be launched: ${a.reason}.`,
  },
  'golden-failed': {
    severity: 'error',
    title: 'A head that does not answer its golden rows',
    message: (a: { readonly head: string; readonly batch: string; readonly why: string }) => `The new head \`${a.head}\` gets no traffic, by ${a.batch}: ${a.why}.`,
  },
  'model-busy': {
    severity: 'error',
    title: 'Too many runs wait for a worker',
    message: (a: { readonly waiting: number }) => `${a.waiting} ${a.waiting === 1 ? 'run waits' : 'runs wait'} for a worker already, and no more may.`,
  },
  'model-closed': {
    severity: 'error',
    title: 'The model was closed',
    message: (a: { readonly model: string }) => `The model ${a.model} was closed: it can no longer run.`,
  },
});
