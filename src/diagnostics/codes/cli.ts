import { defineCodes } from '../define.ts';

const listed = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ');

/** What is wrong with a call of `mdl`. */
export const cliCodes = defineCodes({
  'cli-no-file': {
    severity: 'error',
    title: 'A file of the command line that is not there',
    message: (a: { path: string }) => `there is no file or folder ${a.path}`,
  },
  'cli-no-sources': {
    severity: 'error',
    title: 'Nothing to work on',
    message: (a: { where: string }) => `there is no .mdl file in ${a.where}`,
  },
  'cli-not-source': {
    severity: 'error',
    title: 'A file that is no MDL source',
    message: (a: { path: string }) => `${a.path} is not an .mdl file`,
  },
  'audit-no-record': {
    severity: 'error',
    title: 'A file that says nothing of its making',
    message: (a: { file: string; reason: string }) => `${a.file} cannot be audited: ${a.reason}`,
  },
  'audit-altered': {
    severity: 'error',
    title: 'A file that was altered after it was built',
    message: (a: { file: string; what: string }) => `${a.file} was altered after it was built: ${a.what}`,
  },
  'audit-contradiction': {
    severity: 'error',
    title: 'A file whose graph is not what its contracts say',
    message: (a: { file: string; tensor: string; said: string; found: string }) =>
      `\`${a.tensor}\` of ${a.file} should be ${a.said}, and is ${a.found}`,
  },
  'audit-manifest': {
    severity: 'error',
    title: 'A manifest that is not that of its files',
    message: (a: { file: string; path: string; said: string; recorded: string }) =>
      `manifest.json says at \`${a.path}\`: ${a.said}; the record of ${a.file} says: ${a.recorded}`,
  },
  'weights-fact': {
    severity: 'error',
    title: 'A contract that float16 weights break',
    message: (a: { output: string; why: string }) => `with float16 weights \`${a.output}\` is no longer as its contract says: ${a.why}`,
  },
  'cli-no-model': {
    severity: 'error',
    title: 'A model that is not declared',
    message: (a: { name: string; known: readonly string[] }) =>
      a.known.length === 0
        ? `there is no model ${a.name}: the sources declare none`
        : `there is no model ${a.name}: the sources declare ${listed(a.known)}`,
  },
  'cli-choose-model': {
    severity: 'error',
    title: 'Not exactly one model',
    message: (a: { path: string; known: readonly string[] }) =>
      a.known.length === 0 ? `${a.path} declares no model` : `${a.path} declares several models: ${listed(a.known)}`,
  },
  'cli-same-model': {
    severity: 'error',
    title: 'Two models for one folder',
    message: (a: { name: string; paths: readonly string[]; folder: string }) => `${a.paths.join(' and ')} declare a model \`${a.name}\` each, and would be written to one folder, ${a.folder}`,
  },
  'cli-no-bundle': {
    severity: 'error',
    title: 'Neither a bundle nor a source',
    message: (a: { path: string }) => `${a.path} is neither a bundle's folder nor an .mdl file`,
  },
  'cli-option-value': {
    severity: 'error',
    title: 'An option with an unusable value',
    message: (a: { option: string; expected: string; found: string }) =>
      `${a.option} takes ${a.expected}, found ${JSON.stringify(a.found)}`,
  },
  'cli-no-input': {
    severity: 'error',
    title: 'Nothing to run the model on',
    message: (a: { model: string; inputs: readonly string[] }) => `${a.model} was given no input; it has ${listed(a.inputs)}`,
  },
  'cli-input-file': {
    severity: 'error',
    title: 'A file of inputs that cannot be used',
    message: (a: { path: string; reason: string }) => `${a.path} cannot be used as input: ${a.reason}`,
  },
  'cli-not-text': {
    severity: 'error',
    title: 'Texts for a model that takes none',
    message: (a: { model: string; inputs: readonly string[] }) =>
      a.inputs.length === 0
        ? `${a.model} takes no text: none of its inputs has a tokenizer`
        : `${a.model} takes texts at ${listed(a.inputs)}: which are meant?`,
  },
  'cli-not-picture': {
    severity: 'error',
    title: 'Pictures for a model that takes none',
    message: (a: { model: string; inputs: readonly string[] }) =>
      a.inputs.length === 0
        ? `${a.model} takes no picture: none of its inputs is bytes with axes for height and width`
        : `${a.model} takes pictures at ${listed(a.inputs)}: which are meant?`,
  },
  'cli-input-twice': {
    severity: 'error',
    title: 'An input that is given twice',
    message: (a: { model: string; inputs: readonly string[]; by: string }) =>
      `${listed(a.inputs)} of ${a.model} ${a.inputs.length === 1 ? 'is' : 'are'} given by --input already, and ${a.by} has no other input to go to`,
  },
  'cli-no-tool': {
    severity: 'error',
    title: 'A declaration that the source does not have',
    message: (a: { word: string; path: string; name: string | undefined; known: readonly string[] }) =>
      a.known.length === 0 ? `${a.path} declares no ${a.word}` : `${a.path} declares no ${a.word} ${a.name ?? ''}; it has ${listed(a.known)}`,
  },
  'cli-no-history': {
    severity: 'error',
    title: 'A history without runs',
    message: (a: { path: string; file: string | undefined }) => (a.file === undefined ? `${a.path} holds no runs` : `${a.path} holds no runs of ${a.file}`),
  },
  'cli-bad-call': {
    severity: 'error',
    title: 'A call that cannot be read',
    message: (a: { sentence: string }) => a.sentence,
  },
  'cli-unknown-code': {
    severity: 'error',
    title: 'A code that does not exist',
    message: (a: { code: string }) => `there is no diagnostic ${a.code}`,
  },
});
