import { defineCodes } from '../define.ts';

interface FileReason {
  /** As the user knows the file. */
  readonly file: string;
  /** A clause that goes on after a colon: what was expected and what was found. */
  readonly reason: string;
}

/** What readers of data files find: weights, tokenizers, examples. */
export const dataCodes = defineCodes({
  'data-unreadable': {
    severity: 'error',
    title: 'A data file stopped being readable',
    message: (a: FileReason) => `\`${a.file}\` could not be read: ${a.reason}.`,
  },
  'safetensors-header': {
    severity: 'error',
    title: 'Not a safetensors file',
    message: (a: FileReason) => `\`${a.file}\` is not a safetensors file: ${a.reason}.`,
  },
  'safetensors-tensor': {
    severity: 'error',
    title: 'A tensor of a safetensors file is wrong',
    message: (a: FileReason & { readonly tensor: string }) =>
      `The tensor \`${a.tensor}\` of \`${a.file}\` is wrong: ${a.reason}.`,
  },
  'tokenizer-invalid': {
    severity: 'error',
    title: 'Not a tokenizer.json',
    message: (a: FileReason) => `The tokenizer \`${a.file}\` cannot be read: ${a.reason}.`,
  },
  'tokenizer-unsupported': {
    severity: 'error',
    title: 'A tokenizer asks for what MDL does not do',
    message: (a: FileReason) => `The tokenizer \`${a.file}\` cannot be used: ${a.reason}.`,
  },
  'text-not-tokenized': {
    severity: 'error',
    title: 'A text could not be tokenized',
    message: (a: { readonly row: number; readonly reason: string }) =>
      `Text ${a.row} of the batch (counted from 0) could not be tokenized: ${a.reason}.`,
  },
  'jsonl-line': {
    severity: 'error',
    title: 'A line of a JSONL file is wrong',
    message: (a: FileReason & { readonly line: number }) => `Line ${a.line} of \`${a.file}\` is wrong: ${a.reason}.`,
  },
  'csv-row': {
    severity: 'error',
    title: 'A row of a CSV file is wrong',
    message: (a: FileReason & { readonly line: number }) =>
      `The row on line ${a.line} of \`${a.file}\` is wrong: ${a.reason}.`,
  },
  'data-format': {
    severity: 'error',
    title: 'A data file of an unknown format',
    message: (a: { readonly file: string; readonly known: readonly string[] }) =>
      `The examples of \`${a.file}\` cannot be read: its name should end in ${a.known.join(', ')}.`,
  },
  'npy-invalid': {
    severity: 'error',
    title: 'Not a .npy file',
    message: (a: FileReason) => `\`${a.file}\` is not a .npy file that can be read: ${a.reason}.`,
  },
  'npy-unsupported': {
    severity: 'error',
    title: 'A .npy file holds what MDL does not take',
    message: (a: FileReason) => `\`${a.file}\` cannot be used: ${a.reason}.`,
  },
  'images-library': {
    severity: 'error',
    title: 'Pictures without what decodes them',
    message: (a: { readonly reason: string }) => `Pictures are decoded by the package \`sharp\`, which does not load: ${a.reason}.`,
  },
  'image-invalid': {
    severity: 'error',
    title: 'A picture that cannot be decoded',
    message: (a: FileReason) => `The picture \`${a.file}\` cannot be decoded: ${a.reason}.`,
  },
});
