/** The table of commands, in the order of the help. */
import type { CommandRow, OptionRow } from './command.ts';

const json: OptionRow = { flags: '--json', summary: 'print one JSON document instead of text' };
const noHistory: OptionRow = { flags: '--no-history', summary: 'leave mdl.history.jsonl, which tells of all runs, as it is' };
const model: OptionRow = { flags: '--model <name>', summary: 'only this model of the sources' };
const locks: readonly OptionRow[] = [
  { flags: '--locked', summary: 'accept only what mdl.lock holds, and never write it (for CI)' },
  { flags: '--accept', summary: 'bind spaces and tokenizers anew to the files that are there' },
];
const layouts: readonly OptionRow[] = [
  { flags: '--link', summary: 'leave the weights of backbones in their files, and refer to them' },
  { flags: '--weights <dtype>', summary: 'store the weights of adapters and heads as this, and measure what that changes', choices: ['f16'] },
  { flags: '--sample <name=file>', summary: 'measure on the rows of this file, as `run --input` takes it (default: inputs drawn by a seed)', repeatable: true },
  { flags: '--split', summary: 'write the encoder and each head as a file of its own' },
];
const sources = { name: '[files...]', summary: '.mdl files or folders of them (default: the working directory)' };

export const commands: readonly CommandRow[] = [
  {
    name: 'check',
    summary: 'check sources: every diagnostic, and how each joint is known to fit',
    argument: sources,
    options: [
      { flags: '--explain <port>', summary: 'how it is known what a port is, step by step: Model.output, Part.result or Backbone.output' },
      json,
      ...locks,
      { flags: '--watch', summary: 'check again whenever a file changes' },
    ],
    examples: ['mdl check', 'mdl check reviews.mdl --locked', 'mdl check reviews.mdl --explain Reviews.topic'],
    load: () => import('./commands/check.ts'),
  },
  {
    name: 'build',
    summary: 'compile models into bundles: ONNX files and a manifest each',
    argument: sources,
    options: [{ flags: '--out <folder>', summary: 'where the bundles go', value: 'dist' }, model, ...layouts, { flags: '--no-share', summary: 'store equal weights as often as backbones and parts have them' }, { flags: '--no-golden', summary: 'do not run the golden rows of models before they are written' }, json, ...locks],
    examples: ['mdl build', 'mdl build reviews.mdl --out models --model Reviews'],
    load: () => import('./commands/build.ts'),
  },
  {
    name: 'run',
    summary: 'run a model on texts or tensors',
    argument: { name: '<model>', summary: "a bundle's folder, or an .mdl file to be built first" },
    options: [
      { flags: '--text <text>', summary: 'a text to run on', repeatable: true },
      { flags: '--input <name=file>', summary: 'a tensor from .json or .npy, or texts from .txt or .jsonl, for the input of this name', repeatable: true },
      { flags: '--jsonl <file>', summary: 'texts from a file of one JSON object a line' },
      { flags: '--field <name>', summary: 'the field of --jsonl that holds the text', value: 'text' },
      { ...model, summary: 'the model, where an .mdl file declares several' },
      { flags: '--device <name>', summary: 'auto, cpu, gpu, webgpu, cuda, …; webgpu,cpu states a fallback', value: 'auto' },
      { flags: '--strict', summary: 'refuse a model of which the device does not take every node' },
      { flags: '--placement', summary: 'show which device ran each node, by the profile of a run of the first batch' },
      { flags: '--top <k>', summary: 'how many classes to show', value: 1, count: true },
      { flags: '--batch <n>', summary: 'how many texts go through at once', value: 32, count: true },
      json,
    ],
    examples: [
      'mdl run dist/Glosses --text "a small tree with red berries"',
      'mdl run glosses.mdl --jsonl test.jsonl --top 3',
      'cat texts.txt | mdl run dist/Glosses --json',
    ],
    load: () => import('./commands/run-model.ts'),
  },
  {
    name: 'fit',
    summary: 'learn weights from data, as `fit` declarations say',
    argument: { name: '<file>', summary: 'an .mdl file' },
    more: { name: '[names...]', summary: 'only the fits of these parts' },
    options: [{ flags: '--check', summary: 'write nothing; say whether the files are what the fits would write' }, noHistory, json],
    examples: ['mdl fit pairs.mdl', 'mdl fit pairs.mdl Back --check'],
    load: () => import('./commands/fit.ts'),
  },
  {
    name: 'verify',
    summary: 'say whether a part may take another one\'s place, as `verify` declarations ask',
    argument: { name: '<file>', summary: 'an .mdl file' },
    more: { name: '[names...]', summary: 'only these declarations' },
    options: [
      { flags: '--ablate', summary: 'ask what each head needs: leading components, the adapter, the layers that are tapped' },
      { flags: '--bundle <folder>', summary: 'the bundle that is shipped, for G7 (default: the model with the swap, built as `mdl build` does)' },
      { flags: '--junit <file>', summary: 'write the gates as JUnit XML, too' },
      noHistory,
      json,
    ],
    examples: ['mdl verify upgrade.mdl', 'mdl verify upgrade.mdl Upgrade --junit verdict.xml'],
    load: () => import('./commands/verify.ts'),
  },
  {
    name: 'probe',
    summary: 'say how the spaces of parts lie to each other, and what a joint of them needs',
    argument: { name: '<file>', summary: 'an .mdl file' },
    more: { name: '[names...]', summary: 'only these declarations' },
    options: [
      { flags: '--record <file>', summary: 'write down the vectors, for a later --against' },
      { flags: '--against <file>', summary: 'say what moved since this record was written; ends with 1 where something did' },
      noHistory,
      json,
    ],
    examples: ['mdl probe upgrade.mdl', 'mdl probe upgrade.mdl --record reference.json', 'mdl probe upgrade.mdl --against reference.json'],
    load: () => import('./commands/probe.ts'),
  },
  {
    name: 'report',
    summary: 'write what `verify` and `probe` find out as one page, with charts',
    argument: { name: '[file]', summary: 'an .mdl file; with --history it may be left out' },
    more: { name: '[names...]', summary: 'only these declarations' },
    options: [
      { flags: '--history', summary: 'plot the runs that mdl.history.jsonl holds instead' },
      { flags: '--out <file>', summary: 'where the page goes, - for standard output (default: FILE.report.html here)' },
      { flags: '--format <format>', summary: 'html: one file that needs no other; md: Markdown', value: 'html', choices: ['html', 'md'] },
      json,
    ],
    examples: ['mdl report upgrade.mdl', 'mdl report upgrade.mdl Upgrade --format md --out -', 'mdl report --history'],
    load: () => import('./commands/report.ts'),
  },
  {
    name: 'upgrade',
    summary: 'exchange an encoder: probe both, fit the bridge, verify every head, and show the patch to the sources',
    argument: { name: '<file>', summary: 'the .mdl file whose models are to get the new encoder' },
    more: [
      { name: '<old>', summary: 'the backbone or part that gives the vectors today' },
      { name: '<new>', summary: 'the backbone or part that is to give them: a name, FILE.mdl#NAME, or an .onnx file' },
    ],
    options: [
      { flags: '--data <file>', summary: 'examples to learn the bridge from (default: the data of a fit or probe of the file)' },
      { flags: '--test <file>', summary: 'other examples with their classes, to verify on (default: the data of a verify of the file)' },
      { flags: '--label <column>', summary: 'the column with the classes (default: one whose values are those of the output)' },
      { flags: '--column <input=column>', summary: 'the column that an input of the model reads (default: that of its name, the only one beside classes and groups, or text)', repeatable: true },
      { flags: '--tokenizer <file>', summary: 'the tokenizer.json of a new .onnx file (default: the one beside it, else that of the old encoder)' },
      { flags: '--margin <percent>', summary: 'how much accuracy a head may lose', value: '2%' },
      { flags: '--write', summary: 'change the sources, where the answer allows it (default: only show how)' },
      json,
    ],
    examples: [
      "mdl upgrade fashion.mdl Mixer Cnn --data 'data/pairs.*.npy' --test 'data/test.*.npy'",
      'mdl upgrade reviews.mdl Encode models/encoder-v2.onnx --data pairs.jsonl --test test.jsonl --write',
    ],
    load: () => import('./commands/upgrade.ts'),
  },
  {
    name: 'inspect',
    summary: 'show what is in an .onnx, .safetensors or tokenizer.json file',
    argument: { name: '<file>', summary: 'the file' },
    options: [
      { flags: '--inner', summary: 'every node and tensor inside, too' },
      { flags: '--mdl', summary: 'a backbone declaration of an .onnx file, to begin a program with' },
      { flags: '--range <name=low,high>', summary: 'the bounds of an input of an .onnx file, from which those of its outputs follow', repeatable: true },
      { flags: '--size <name=number>', summary: 'a size of its inputs that the file only names, for types and costs in numbers', repeatable: true },
      json,
    ],
    examples: ['mdl inspect models/encoder.onnx', 'mdl inspect models/encoder.onnx --mdl > encoder.mdl', 'mdl inspect heads/topic.safetensors --json'],
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'audit',
    summary: 'check what was built against its own record, without its source',
    argument: { name: '<file>', summary: 'an .onnx file that mdl build wrote, or a bundle\'s folder' },
    options: [json],
    examples: ['mdl audit dist/Reviews', 'mdl audit model.onnx --json'],
    load: () => import('./commands/audit.ts'),
  },
  {
    name: 'graph',
    summary: 'print the composition of a model as a diagram',
    argument: { name: '<file>', summary: 'an .mdl file' },
    options: [
      { flags: '--format <format>', summary: 'the language of the diagram', value: 'mermaid', choices: ['mermaid', 'dot'] },
      model,
      json,
    ],
    examples: ['mdl graph glosses.mdl', 'mdl graph glosses.mdl --format dot | dot -Tsvg > glosses.svg'],
    load: () => import('./commands/graph.ts'),
  },
  {
    name: 'fmt',
    summary: 'format sources',
    argument: sources,
    options: [
      { flags: '--check', summary: 'change nothing; name the files that are not formatted' },
      { flags: '--stdin', summary: 'format standard input to standard output' },
      json,
    ],
    examples: ['mdl fmt', 'mdl fmt --check src', 'mdl fmt --stdin < reviews.mdl'],
    load: () => import('./commands/fmt.ts'),
  },
  {
    name: 'lsp',
    summary: 'start the language server for an editor',
    options: [{ flags: '--stdio', summary: 'speak over standard input and output (the only way there is)' }],
    examples: ['mdl lsp --stdio'],
    load: () => import('./commands/lsp.ts'),
  },
  {
    name: 'explain',
    summary: 'explain the code of a diagnostic',
    argument: { name: '[code]', summary: 'such as space-mismatch (default: list all)' },
    options: [json],
    examples: ['mdl explain space-mismatch'],
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'doctor',
    summary: 'check this installation, and say what to do where something is missing',
    options: [json],
    examples: ['mdl doctor'],
    load: () => import('./commands/doctor.ts'),
  },
];
