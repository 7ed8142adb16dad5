import { describe, expect, test } from 'vitest';
import { hover } from '../../src/ide/index.ts';
import { at, inExample, slice, type Cursor } from './program.ts';

const textAt = ({ view, uri, position }: Cursor): string => hover(view, uri, position)?.markdown ?? 'nothing';
const fence = (code: string): string => `\`\`\`mdl\n${code}\n\`\`\``;

describe('declarations', () => {
  test('a head: its signature, comment, promises with their evidence, and weights', () => {
    const text = textAt(inExample('glosses.mdl', 'TopicHead(e)', 2));
    expect(text).toContain(fence('head TopicHead @ 1.0.0 (e: Embedding) -> f32[batch, Topic] where range [0, 1], sum(-1) == 1'));
    expect(text).toContain('What a gloss is about.');
    expect(text).toContain('- `range [0, 1]`: proved\n- `sum(-1) == 1`: proved');
    expect(text).toContain('`w`: `f32[512, 10]`');
    expect(text).toContain('This call gives `f32[batch, Topic]`.');
  });

  test("a backbone: its file's size, opset, inputs and outputs", () => {
    const text = textAt(inExample('encoder.mdl', 'UseLite(', 1));
    expect(text).toContain('**models/use-lite/model.onnx**: 27.9 MB, opset 14, IR 7');
    expect(text).toContain('- `input_ids`: `i64[batch, sequence]`\n- `attention_mask`: `i64[batch, sequence]`');
    expect(text).toContain('- `embedding`: `f32[batch, 512]`');
  });

  test('a space and a tokenizer: version and file', () => {
    expect(textAt(inExample('encoder.mdl', 'use @', 1))).toBe(
      `${fence('space use @ 1.0.0')}\n\nThe representation space of the Universal Sentence Encoder Lite.\n\nThe version stands for \`models/use-lite/model.onnx\`.`,
    );
    expect(textAt(inExample('encoder.mdl', 'use_lite)', 1))).toContain('**models/use-lite/tokenizer.json**: 235.0 kB, 8,000 ids.');
  });

  test('a contract that uses another: the type that it comes to', () => {
    const type = '{\n  ids: i64[batch, seq] where tokenizer gloss_bytes@1.0.0\n  mask: i64[batch, seq] where mask\n}';
    expect(textAt(inExample('wrong.mdl', 'Bytes\n', 1))).toBe(`${fence('contract Bytes = Tokens(by: gloss_bytes)')}\n\nIt comes to:\n\n${fence(type)}`);
  });

  test('an imported name, an alias, and the path of the import', () => {
    const aliased = 'import { softmax as s<|>m } from "std/nn"\npart f(x: float[d]) -> float[d] { x |> sm }\n';
    expect(textAt(at(aliased))).toContain('part softmax(x: float[..., n])');
    expect(textAt(inExample('glosses.mdl', '"./heads', 3))).toBe('**heads.mdl** declares `Topic`, `Living`, `TopicHead`, `LivingHead`.');
    expect(textAt(inExample('heads.mdl', '"std/nn"', 3))).toMatch(/^\*\*std\/nn\*\* declares `linear`, /);
  });
});

describe('values', () => {
  test('a let: type and facts, and whose word they are', () => {
    expect(textAt(inExample('glosses.mdl', 'e = Encode'))).toBe(
      [
        fence('let e: f32[batch, 512]'),
        'Contract `Embedding`.',
        '- `f32[batch, 512]`: proved\n- `norm(-1) == 1 +- 0.001`: proved\n- `space use@1.0.0`: declared (encoder.mdl:12)',
      ].join('\n\n'),
    );
  });

  test("a model's input: its record, enforced at run time", () => {
    const text = textAt(inExample('wrong.mdl', 'tokens))', 1));
    expect(text).toContain(fence('input tokens: {\n  ids: i64[batch, seq]\n  mask: i64[batch, seq]\n}'));
    expect(text).toContain('- `mask: mask`: enforced');
    expect(text).toContain('- `ids: tokenizer gloss_bytes@1.0.0`: declared (std/text:4)');
  });

  test('a parameter, a weight, a field, an output', () => {
    expect(textAt(at('part f(x<|>: float[..., d]) -> float[..., d] { x }'))).toContain(fence('x: float[..., d]'));
    expect(textAt(at('part f(x: float[..., d]) -> float[..., d] { param b: float[d]\n x + b<|> }'))).toContain(fence('param b: float[d]'));
    expect(textAt(at('contract C {\n  /// The ids.\n  ids: i64[n]\n}\npart f(x: C) -> i64[n] { x.i<|>ds }'))).toBe(
      `${fence('ids: i64[n]')}\n\n- \`i64[n]\`: proved\n\nThe ids.`,
    );
    expect(textAt(inExample('encoder.mdl', '.embedding\n', 3))).toContain('- `norm(-1) == 1 +- 0.001`: proved');
  });

  test('an expression without a name', () => {
    const cursor = at('part f(x: float[..., d]) -> float[..., d] where range [0, 1] { onnx.Sigmoid(x) <|>+ 0 }');
    expect(textAt(cursor)).toContain(fence('float[..., d]'));
  });

  test('a size, a fact, an element type, an operator', () => {
    expect(textAt(at('part f(x: float[<|>d]) -> float[d] { x }'))).toContain(fence('d'));
    expect(textAt(inExample('encoder.mdl', 'norm(', 3))).toContain('Euclidean norm');
    expect(textAt(at('part f(x: f3<|>2[d]) -> f32[d] { x }'))).toBe(`${fence('f32')}\n\nONNX's FLOAT, 32 bits.`);
    expect(textAt(at('part f(x: float[..., d]) -> float[..., d] { onnx.Soft<|>max(x, axis: -1) }'))).toContain(fence('onnx.Softmax(x, axis: int = -1)'));
  });

  test("a name of the backbone's file", () => {
    expect(textAt(inExample('encoder.mdl', '"input_ids"', 1))).toBe('`i64[batch, sequence]`, an input of models/use-lite/model.onnx.');
  });
});

test('the range is that of the word', () => {
  const { view, uri, position, text } = inExample('glosses.mdl', 'TopicHead(e)', 2);
  expect(slice(text, hover(view, uri, position)!.range)).toBe('TopicHead');
});

test('nothing to say about blanks, comments, other files', () => {
  expect(textAt(at('<|>\n\npart f(x: float[d]) -> float[d] { x }'))).toBe('nothing');
  expect(textAt(at('// a <|>comment\n'))).toBe('nothing');
  const { view, position } = at('');
  expect(hover(view, 'memory:///none.mdl', position)).toBeUndefined();
});

describe('backbones in parts', () => {
  const text = `backbone Net @ 1.0.0 {
  source "./models/use-lite/model.onnx"
  input ids: i64[batch, seq] from "input_ids"
  input mask: i64[batch, seq] = 1 from "attention_mask"
  output embedding: f32[batch, 512]
  /// What the words are before they are mixed.
  tap table: f32[8000, 512] from "ei_table"
  card { license "Apache-2.0" trained_on "questions" }
}
backbone Twice @ 1.0.0 = Net {
  replace embedding = embedding * 2
}
model M {
  input ids: i64[batch, seq]
  /// All so far.
  state sum: f32[batch, 512] = 0
  output total = sum + Twice(ids).embedding
  next sum = sum + Twice(ids).embedding
}
`;
  const hoverAt = (word: string, shift = 1): string => textAt(inExample('glosses.mdl', word, shift, () => text));

  test('the card travels, also to what is made of it', () => {
    expect(hoverAt('Net @')).toContain('- license: Apache-2.0\n- trained on: questions');
    expect(hoverAt('Twice @')).toContain('license: Apache-2.0');
    expect(hoverAt('Twice @')).toContain('backbone Twice @ 1.0.0 = Net {\n  replace embedding = embedding * 2\n}');
  });

  test('a state and its next value', () => {
    expect(hoverAt('state sum', 7)).toContain('state sum: f32[batch, 512]');
    expect(hoverAt('next sum', 6)).toContain('All so far.');
  });

  test('what is replaced is what the base declares', () => expect(hoverAt('replace embedding', 9)).toContain('output embedding: f32[batch, 512]'));
});
