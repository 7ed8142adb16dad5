/**
 * The codes for which no edit can be offered, each with the reason. Every other code has a fixture in which one is, or a test:
 * `test/check/cases.test.ts` holds all of them. A fix must be what somebody probably meant, and mend what is wrong.
 */
const ofTheLanguage: Readonly<Record<string, string>> = {
  // Texts beyond what is read.
  'source-too-large': 'Which declarations belong together is a matter of design.',
  'too-many-errors': 'The errors before it have their fixes.',
  'nesting-too-deep': 'What goes so deep has to be written otherwise.',
  // Files that others wrote.
  'opset-conflict': 'A file has to be exported anew.',
  'opset-too-old': 'A file has to be exported anew.',
  'weight-unread': 'The file holds more than the source needs; leaving it there is no mistake of the source.',
  'weight-not-finite': 'Other weights have to be found.',
  'weight-unfitted': 'It is mended by `mdl fit`.',
  // Packages.
  'package-missing': 'It is mended by `npm install`.',
  'package-entry': 'Which module of the package is meant stands nowhere.',
  'package-outside': 'Which module of the package is meant stands nowhere.',
  'package-twice': 'It is mended in node_modules.',
  // What only the author knows.
  'arm-type': 'Another head has to be named, or this one written otherwise.',
  'attribute-empty': 'Only the author knows its values.',
  'labels-empty': 'Only the author knows its classes.',
  'scaled-twice': 'Which of the divisions is one too many only the author knows.',
  'classes-moved': 'Whether the order is a mistake or the names are, only the author knows.',
  'declaration-cycle': 'Which of the declarations is not to be made of the next one is a matter of design.',
  'initializer-expected': 'Which initialiser is meant stands nowhere.',
  'invalid-size': 'Which size is meant stands nowhere.',
  'learned-form': 'A body has to be written.',
  'loss-form': 'Which loss is meant stands nowhere.',
  'settled-result': 'Which bound is meant stands nowhere.',
  'rows-mixed': 'Another output has to be written.',
  'padding-side': 'Whether the mask says too much, or another tokenizer is meant, stands nowhere.',
  'vocabulary-too-large': 'Another tokenizer.json, or another network, has to be found.',
  'too-few-positions': 'tokenizer.json is no file of ours to edit, and where texts are to be cut is a matter of design.',
  'ids-as-amounts': 'Which table the words are to be looked up in stands nowhere.',
  'class-numbers-compared': 'The scores that are to stand in another order are made elsewhere.',
  'places-compared': 'What was to be compared stands nowhere.',
  'beyond-half': 'What is computed in f32 is f32, and what comes after it may have to be f16.',
  'tokens-mixed': 'How the tokens of two tokenizers are lined up is a matter of design.',
  'masks-mixed': 'Which of the two masks was meant, or whether the texts stand one behind the other, stands nowhere.',
  'over-batch': 'Which axis is meant stands nowhere.',
  'file-training': 'The file has to be exported anew.',
  'parameter-kind': 'What the contract was to depend on stands nowhere.',
  'probe-inputs': 'Other parts have to be named.',
  'slot-output': 'A head has to be written, or another output named.',
  'state-shape': 'Which numbers are meant stands nowhere.',
  'unused-param': 'Whether it is to be read, or to go out of the file as well, is a matter of design.',
  'symbolic-parameter': 'The number that is to stand in the place of the name is known nowhere.',
  'unbound-input-size': 'Which input is to tell the size is a matter of design.',
  // What no edit makes true.
  'budget-unproved': 'The figure is not known; a bound that goes would be known no better.',
  // Limits.
  'too-deep': 'What goes so deep has to be written otherwise.',
  'too-large': 'What is so large has to be written otherwise.',
  'too-many-fields': 'What has so many fields has to be written otherwise.',
};

const inAnotherFile = (what: string): string => `No source is at fault: ${what}.`;

/** What is found where no source is open: what mends it is a command, another file, or the app; the notes say which. */
const elsewhere: readonly (readonly [reason: string, codes: readonly string[]])[] = [
  [inAnotherFile('another path has to be given, or the file put there'), ['cli-no-file', 'cli-no-sources', 'cli-not-source', 'cli-no-bundle']],
  [inAnotherFile('the file, its permissions or the disk have to be mended'), ['file-unreadable', 'file-too-large', 'file-not-utf8', 'write-failed', 'write-occupied', 'write-source-changed', 'data-unreadable', 'onnx-unreadable']],
  [inAnotherFile('the call has to be written otherwise, and the message says how'), ['cli-no-model', 'cli-choose-model', 'cli-same-model', 'cli-option-value', 'cli-no-input', 'cli-input-file', 'cli-not-text', 'cli-not-picture', 'cli-input-twice', 'cli-no-tool', 'cli-no-history', 'cli-bad-call', 'cli-unknown-code']],
  [inAnotherFile('the bundle was altered, and has to be built anew'), ['audit-no-record', 'audit-altered', 'audit-contradiction', 'audit-manifest', 'bundle-unreadable', 'bundle-changed', 'bundle-mismatch', 'manifest-invalid']],
  [inAnotherFile('the lock file is written by `mdl check`'), ['lock-invalid', 'lock-version', 'lock-missing', 'lock-outdated', 'lock-mismatch', 'space-joined']],
  [inAnotherFile('a data file has to be mended'), ['safetensors-header', 'safetensors-tensor', 'tokenizer-invalid', 'tokenizer-unsupported', 'text-not-tokenized', 'jsonl-line', 'csv-row', 'data-format', 'npy-invalid', 'npy-unsupported', 'image-invalid', 'data-rows', 'data-value', 'image-size', 'record-invalid', 'record-other']],
  [inAnotherFile('a package has to be installed'), ['images-library', 'runtime-missing']],
  [inAnotherFile('the ONNX file has to be exported anew'), ['onnx-not-a-model', 'onnx-truncated', 'onnx-malformed', 'onnx-too-complex', 'onnx-inconsistent', 'onnx-duplicate-name', 'onnx-unknown-name', 'onnx-cycle', 'onnx-tensor-size', 'onnx-unknown-dtype', 'onnx-external-data', 'opset-mismatch', 'opset-conversion', 'onnx-link', 'onnx-program']],
  [inAnotherFile('the weights have to be stored otherwise, by an option of `mdl build`'), ['onnx-too-large', 'weights-overflow', 'weights-fact']],
  [inAnotherFile('the app has to give or ask for something else'), ['runtime-failed', 'runtime-options', 'device-unavailable', 'input-unknown', 'input-missing', 'input-kind', 'input-dtype', 'input-shape', 'input-value', 'input-text', 'image-input', 'guard-rejected', 'output-unknown', 'output-dtype', 'output-not-classes', 'model-busy', 'model-closed']],
  [inAnotherFile('another head has to be built, or verified'), ['head-refused', 'arm-unproven', 'rollout-unknown', 'golden-failed', 'golden-row']],
  [inAnotherFile('it has to be verified or measured anew, by the command that the note names'), ['verdict-stale', 'probe-stale']],
  ['Which data, method or part is meant instead is a matter of design; the notes name what would do.', ['tool-open', 'rollout-build', 'data-memory', 'fit-form', 'fit-gradient', 'fit-unsupported', 'fit-too-few-rows', 'fit-unfit-method', 'fit-diverged', 'fit-worse', 'fit-no-better', 'fit-beside-large', 'features-shape', 'features-not-finite', 'features-too-large', 'features-constant', 'measured-contradicts', 'upgrade-refused']],
];

export const withoutFixes: Readonly<Record<string, string>> = {
  ...ofTheLanguage,
  ...Object.fromEntries(elsewhere.flatMap(([reason, codes]) => codes.map((code) => [code, reason]))),
};
