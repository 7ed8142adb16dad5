/** The foreign models and weights that the programs name: of the shapes of the real ones, with arithmetic as simple as can be. */
import type { onnx } from 'onnx-proto';
import { safetensors, tokenizerJson, type WeightsEntry } from '../check/world.ts';
import { dataTypes, encodeModel, floats, node, valueInfo } from '../onnx/models.ts';

const { INT64 } = dataTypes;

const ones = (length: number): number[] => Array.from({ length }, () => 1);
const int64s = (name: string, values: readonly number[]): onnx.ITensorProto => ({
  name,
  dims: [values.length],
  dataType: INT64,
  rawData: new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer),
});
const attribute = (name: string, i: number): onnx.IAttributeProto => ({ name, type: 2, i });
const toFloat = { attribute: [attribute('to', 1)] };

/** The tensor in the middle of the encoder, by the name that an exporter gives it. */
export const middle = '/encoder/layer.4/output/LayerNorm/Add_1_output_0';

/** So many words that the heads' weights are few beside theirs, as budgets ask. */
const words = 1400;

/** Of BERT's inputs and outputs: hidden = tanh(middle), middle[b, s, :] = sin(id + type + mask) * row, and the word's vector, of zeros. */
const minilm = encodeModel({
  node: [
    node('Add', ['input_ids', 'token_type_ids'], ['typed']),
    node('Add', ['typed', 'attention_mask'], ['sum']),
    node('Cast', ['sum'], ['sum_f'], toFloat),
    node('Sin', ['sum_f'], ['wave']),
    node('Unsqueeze', ['wave', 'last'], ['column']),
    node('Mul', ['column', 'row'], ['place']),
    node('Gather', ['words', 'input_ids'], ['word']),
    node('Add', ['place', 'word'], [middle]),
    node('Tanh', [middle], ['last_hidden_state']),
  ],
  input: ['input_ids', 'attention_mask', 'token_type_ids'].map((name) => valueInfo(name, ['batch', 'seq'], INT64)),
  output: [valueInfo('last_hidden_state', ['batch', 'seq', 384])],
  valueInfo: [valueInfo(middle, ['batch', 'seq', 384])],
  initializer: [int64s('last', [2]), floats('row', [384], Array.from({ length: 384 }, (_, i) => Math.cos(i))), floats('words', [words, 384], Array.from({ length: words * 384 }, () => 0))],
});

/** speech = sigmoid(mean of x), stateN = state + 1. */
const silero = encodeModel({
  node: [
    node('ReduceMean', ['input'], ['mean'], { attribute: [{ name: 'axes', type: 7, ints: [1] }] }),
    node('Sigmoid', ['mean'], ['output']),
    node('Add', ['state', 'one'], ['stateN']),
  ],
  input: [valueInfo('input', ['batch', 576]), valueInfo('state', [2, 'batch', 128])],
  output: [valueInfo('output', ['batch', 1]), valueInfo('stateN', [2, 'batch', 128])],
  initializer: [floats('one', [1], [1])],
});

/** A detection for each element of the image above 0.5. */
const detect = encodeModel({
  node: [
    node('Reshape', ['pixel_values', 'flat'], ['pixels']),
    node('Greater', ['pixels', 'half'], ['bright']),
    node('Compress', ['pixels', 'bright'], ['scores']),
    node('Unsqueeze', ['scores', 'second'], ['column']),
    node('Mul', ['column', 'corners'], ['boxes']),
    node('Cast', ['scores'], ['labels'], { attribute: [attribute('to', 7)] }),
  ],
  input: [valueInfo('pixel_values', ['batch', 3, 64, 64])],
  output: [valueInfo('boxes', ['found', 4]), valueInfo('scores', ['found']), valueInfo('labels', ['found'], INT64)],
  initializer: [int64s('flat', [-1]), int64s('second', [1]), floats('half', [1], [0.5]), floats('corners', [4], ones(4))],
});

const matrix = (rows: number, columns: number): WeightsEntry => ({
  dims: [rows, columns],
  values: Array.from({ length: rows * columns }, (_, i) => Math.sin(i) / rows),
});
const vector = (length: number): WeightsEntry => ({ dims: [length], values: Array.from({ length }, (_, i) => i / length) });

/** By path. */
export const foreignFiles: Readonly<Record<string, Uint8Array | string>> = {
  'models/minilm.onnx': minilm,
  'models/silero.onnx': silero,
  'models/detect.onnx': detect,
  'models/tokenizer.json': tokenizerJson(100),
  'sentiment.safetensors': safetensors({ w: matrix(384, 2), b: vector(2) }),
  'toxic.safetensors': safetensors({
    'hidden.w': matrix(384, 64),
    'hidden.b': vector(64),
    'score.w': matrix(64, 6),
    'score.b': vector(6),
  }),
  'both.safetensors': safetensors({ w: matrix(640, 2), b: vector(2) }),
  'law.safetensors': safetensors({
    'houlsby.down.w': matrix(384, 48),
    'houlsby.down.b': vector(48),
    'houlsby.up.w': matrix(48, 384),
    'houlsby.up.b': vector(384),
  }),
};
