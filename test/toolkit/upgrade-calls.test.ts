/** `mdl upgrade` on real files: encoders that are files alone, and calls that do not suit. */
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { readNpy, writeNpy } from '../../src/data/npy.ts';
import { createNodeHost } from '../../src/host/node.ts';
import type { Symbol } from '../../src/names/modules.ts';
import { createPipeline } from '../../src/pipeline.ts';
import type { BackboneDecl } from '../../src/syntax/ast.ts';
import { parse } from '../../src/syntax/index.ts';
import { declareBackbone } from '../../src/toolkit/upgrade/declare-backbone.ts';
import { vocabularyFor } from '../../src/toolkit/upgrade/vocabulary.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { dataTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

const examples = path.resolve(import.meta.dirname, '../../examples');

/** The first rows of an array. */
function fewOf(file: string, rows: number): Uint8Array {
  const array = readNpy(readFileSync(path.join(examples, file)), 'memory:///all.npy');
  if (!array.ok) throw new Error(array.finding.message);
  const { dtype, dims: [all = 1, ...dims], bytes } = array.value;
  const written = writeNpy({ dtype, dims: [rows, ...dims], bytes: bytes.subarray(0, (rows * bytes.length) / all) }, 'memory:///few.npy');
  if (!written.ok) throw new Error(written.finding.message);
  return written.value;
}

const source = `import { Mixer, Pictures, Prepare } from "./encoders.mdl"
import { MixerHead, MixerVector } from "./heads.mdl"

/// The old encoder, from the bytes of a picture on.
adapter Old(pictures: Pictures) -> MixerVector {
  let pixels = Prepare(pictures)
  Mixer(pixels).embedding
}

model Shop {
  input pictures: Pictures
  output clothes = MixerHead(Old(pictures))
}
`;
const fashion = createFolder({
  'package.json': '{ "name": "shop" }',
  'shop.mdl': source,
  'pairs.images.npy': fewOf('upgrade/data/pairs.images.npy', 60),
  'test.images.npy': fewOf('fashion/data/test.images.npy', 60),
  'test.labels.npy': fewOf('fashion/data/test.labels.npy', 60),
});
/** An encoder file of 784 by 4 weights that are -1: `end` makes of their products what it gives. */
const flat = (end: 'Sqrt' | 'Cast'): Uint8Array =>
  encodeModel({
    node: [node('Flatten', ['image'], ['f']), node('MatMul', ['f', 'w'], ['m']), node(end, ['m'], ['embedding'], end === 'Cast' ? { attribute: [{ name: 'to', type: 2, i: dataTypes.DOUBLE }] } : {})],
    initializer: [floats('w', [784, 4], Array.from({ length: 784 * 4 }, () => -1))],
    input: [valueInfo('image', ['batch', 1, 28, 28])],
    output: [valueInfo('embedding', ['batch', 4], end === 'Cast' ? dataTypes.DOUBLE : dataTypes.FLOAT)],
  });
writeFileSync(path.join(fashion.path, 'roots.onnx'), flat('Sqrt'));
writeFileSync(path.join(fashion.path, 'doubles.onnx'), flat('Cast'));
for (const name of ['encoders.mdl', 'heads.mdl', 'models', 'heads']) symlinkSync(path.join(examples, 'fashion', name), path.join(fashion.path, name));
afterAll(() => fashion.remove());

const data = ['--data', 'pairs.*.npy', '--test', 'test.*.npy'];

describe('a call that does not suit ends with 2, and quotes no source that nobody has', () => {
  test.each<[string, string[], string]>([
    ['a part that takes something else', ['Mixer', 'MixerHead', ...data], '`Old` takes `pictures: u8[N: batch, H: 28, W: 28]`, and `MixerHead` takes `e: f32[batch, 64]`: name an adapter that takes what `Old` takes'],
    ['a part that gives no vectors', ['Mixer', 'Prepare', ...data], '`Prepare` gives no vector of a known size'],
    ['a name that nobody has', ['Mixr', 'Cnn', ...data], 'no backbone or part is named `Mixr`\n  = Did you mean `Mixer`?'],
    ['no data', ['Mixer', 'models/encoder_a_cnn128.onnx'], 'no data say what the bridge is to be learned from: give --data FILE'],
    ['data that are not there', ['Mixer', 'Cnn', '--data', 'pairs.npy', '--test', 'test.*.npy'], 'there is no file or folder pairs.npy'],
    ['a pattern that nothing matches', ['Mixer', 'models/encoder_a_cnn128.onnx', '--data', 'nothing.*.npy', '--test', 'test.*.npy'], 'there is no file nothing.*.npy'],
    ['a file of which the column is no name', ['Mixer', 'models/encoder_a_cnn128.onnx', '--data', 'pairs.images.npy', '--test', 'test.*.npy'], "the column `pairs.images` of pairs.images.npy is no name in MDL: write 'pairs.*.npy', of which it is the column `images`"],
    ['a column that is not there', ['Mixer', 'models/encoder_a_cnn128.onnx', ...data, '--column', 'pictures=pixels'], '`pairs.*.npy` has no column `pixels`; it has `images`'],
    ['an input that is not there', ['Mixer', 'models/encoder_a_cnn128.onnx', ...data, '--column', 'pics=images'], 'no model of the file has an input `pics`'],
    ['no column with classes', ['Mixer', 'models/encoder_a_cnn128.onnx', ...data.slice(0, 2), '--test', 'pairs.*.npy'], 'has no column with the classes of an output that rests on `Old`'],
    ['a column for classes that is not there', ['Mixer', 'models/encoder_a_cnn128.onnx', ...data, '--label', 'lables'], 'has no column `lables` for its classes; it has `images`, `labels`. Did you mean `labels`?'],
    ['a tokenizer for pictures', ['Mixer', 'models/encoder_a_cnn128.onnx', ...data, '--tokenizer', 'package.json'], '`Mixer` takes no tokens, and --tokenizer names a tokenizer'],
    ['an encoder file that gives something else', ['Mixer', 'doubles.onnx', ...data], 'none of its outputs `embedding: f64[batch, 4]` is an f32 vector of a known size for each example'],
    ['an encoder file that is none', ['Mixer', 'nowhere.onnx', ...data], 'there is no file or folder nowhere.onnx'],
  ])('%s', async (_, args, expected) => {
    const { code, stdout, stderr } = await mdl(fashion.path, ['upgrade', 'shop.mdl', ...args]);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain(' --> ');
    expect([code, stdout]).toEqual([2, '']);
  });
});

test('a file that stands in for a backbone gets what the adapter around that did', async () => {
  const { code, stdout, stderr } = await mdl(fashion.path, ['upgrade', 'shop.mdl', 'Mixer', 'models/encoder_a_cnn128.onnx', ...data]);
  expect(stderr).toBe('');
  expect([code, stdout.split('\n', 1)[0]]).toEqual([3, 'Old by EncoderACnn128: do not upgrade yet: the data do not decide']);
  expect(stdout).toContain('+adapter EncoderACnn128(pictures: Pictures) -> f32[batch, 128] where space encoder_acnn128 {\n+  let pixels = Prepare(pictures)\n+  EncoderACnn128Model(pixels).embedding\n+}');
  expect(stdout).toContain('Nothing is written, for the answer does not allow it. It would be:');
}, 60_000);

test('comments of what changes stay, those before the field of the old backbone, too', async () => {
  writeFileSync(path.join(fashion.path, 'told.mdl'), `import { Mixer } from "./encoders.mdl" // the old one
import { Pictures, Prepare } from "./encoders.mdl"
import { MixerHead } from "./heads.mdl"

model Told {
  input pictures: Pictures
  let p = Prepare(pictures)
  output clothes = MixerHead(
    // the vectors
    Mixer(p) // of the old one
      // or of a new one
      .embedding // and no other
  )
}
`);
  const { stdout } = await mdl(fashion.path, ['upgrade', 'told.mdl', 'Mixer', 'encoders.mdl#Cnn', ...data]);
  const patch = stdout.slice(stdout.indexOf('--- a/told.mdl'));
  for (const comment of ['the old one', 'the vectors', 'of the old one', 'or of a new one', 'and no other']) expect(patch).toMatch(new RegExp(`^[ +].*// ${comment}$`, 'm'));
}, 60_000);

test('vectors that hold NaN are said to be those of the new encoder', async () => {
  const { code, stderr } = await mdl(fashion.path, ['upgrade', 'shop.mdl', 'Mixer', 'roots.onnx', ...data]);
  expect(code).toBe(1);
  expect(stderr).toContain('error[features-not-finite]');
  expect(stderr).toContain('The source are the vectors of `roots.onnx`, the target those of `Mixer`.');
});

describe('a text encoder', () => {
  const host = createNodeHost({ cwd: examples });
  const uriOf = (name: string): string => pathToFileURL(path.join(examples, name)).href;
  const compiler = createPipeline(host, parse);
  const { scopes } = compiler.check([uriOf('glosses/encoder.mdl')]);
  const like = scopes.get(uriOf('glosses/encoder.mdl'))!.names.get('UseLite') as Symbol<BackboneDecl>;
  const file = uriOf('two-towers/models/gloss-word/model.onnx');
  const model = compiler.files.model(file);
  const declared = (tokenizer: string | undefined) => {
    const vocabulary = vocabularyFor(tokenizer, file, like, host);
    if (!model.ok || typeof vocabulary === 'string') throw new Error('the example is as it was');
    const written = declareBackbone({ uri: uriOf('glosses/gloss-word.mdl'), into: undefined, name: 'GlossWord', space: 'gloss_word', source: file, model: model.value, like, vocabulary, around: undefined, host });
    return typeof written === 'string' ? written : written.text();
  };

  test('brings the tokenizer that lies beside it, and the contract of its tokens', () => {
    expect(declared(undefined)).toEqual(`import { Tokens } from "std/text"

/// What \`GlossWord\` was trained with.
tokenizer gloss_word_tokenizer @ 1.0.0 from "../two-towers/models/gloss-word/tokenizer.json"

contract GlossWordTokens = Tokens(by: gloss_word_tokenizer)

/// The space of \`GlossWord\`.
space gloss_word @ 1.0.0

/// Takes the tokens of its own tokenizer, as \`UseLite\` takes those of its own.
backbone GlossWord @ 1.0.0 {
  source "../two-towers/models/gloss-word/model.onnx"
  input tokens: GlossWordTokens from { ids: "input_ids", mask: "attention_mask" }
  output embedding: f32[batch, 96] where space gloss_word from "embedding"
}
`);
  });

  test('takes the tokens of the old one where the call says that it has the same tokenizer', () => {
    expect(declared(uriOf('glosses/models/use-lite/tokenizer.json'))).toContain('input tokens: Sentences from { ids: "input_ids", mask: "attention_mask" }');
  });
});
