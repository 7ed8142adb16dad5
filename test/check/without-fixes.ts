/**
 * The codes of the language for which no edit can be offered, each with the reason. Every other code has a fixture in which
 * one is: `cases.test.ts` holds both. A fix must be what somebody probably meant, and mend what is wrong.
 */
export const withoutFixes: Readonly<Record<string, string>> = {
  // Files that others wrote.
  'opset-conflict': 'A file has to be exported anew.',
  'opset-too-old': 'A file has to be exported anew.',
  'weight-unread': 'The file holds more than the source needs; leaving it there is no mistake of the source.',
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
  'declaration-cycle': 'Which of the declarations is not to be made of the next one is a matter of design.',
  'initializer-expected': 'Which initialiser is meant stands nowhere.',
  'invalid-size': 'Which size is meant stands nowhere.',
  'learned-form': 'A body has to be written.',
  'loss-form': 'Which loss is meant stands nowhere.',
  'measure-inputs': 'Another value has to be measured, or a head written otherwise.',
  'not-callable': 'What was to be called stands nowhere.',
  'padding-side': 'Whether the mask says too much, or another tokenizer is meant, stands nowhere.',
  'parameter-kind': 'What the contract was to depend on stands nowhere.',
  'probe-inputs': 'Other parts have to be named.',
  'slot-output': 'A head has to be written, or another output named.',
  'state-shape': 'Which numbers are meant stands nowhere.',
  'symbolic-parameter': 'The number that is to stand in the place of the name is known nowhere.',
  'tensor-needed': 'Which tensor is meant stands nowhere.',
  'unbound-input-size': 'Which input is to tell the size is a matter of design.',
  // What no edit makes true.
  'attributes-mixed': 'Which of the two is to be brought to the other is a matter of design.',
  'budget-unproved': 'The figure is not known; a bound that goes would be known no better.',
  'space-laundered': 'Vectors come into a space through a backbone or fitted weights, not by being said to lie there.',
  'spaces-mixed': 'An adapter has to be fitted first.',
  // Limits.
  'too-deep': 'What goes so deep has to be written otherwise.',
  'too-large': 'What is so large has to be written otherwise.',
  'too-many-fields': 'What has so many fields has to be written otherwise.',
};
