/** Inner tensors of a real encoder, read and replaced, against the same edit of the file by hand. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inferGraph } from '../../src/ir/infer/index.ts';
import { bareSymbol, constantOf } from '../../src/types/dim.ts';
import { readUseLite, useLitePath } from '../onnx/helpers.ts';
import { decodeModel, encodeModel, floats, node } from '../onnx/models.ts';
import { bitsOf, i64, runModel } from '../onnx/oracles.ts';
import { buildText } from './build.ts';

const bytes = new Uint8Array(readFileSync(useLitePath));
const model = readUseLite();
const inferred = inferGraph(model);
const ids = i64([2, 4], [10, 20, 30, 7, 400, 8, 0, 0]);
const mask = i64([2, 4], [1, 1, 1, 1, 1, 1, 0, 0]);

/** What a declaration can say of a tensor: `batch` and `sequence` are the names of the file's own sizes. */
function typeOf(name: string): string | undefined {
  const { dtype, dims } = inferred.get(name) ?? {};
  const sizes = dims?.map((dim) => constantOf(dim) ?? bareSymbol(dim)?.name);
  const known = sizes?.every((size) => typeof size === 'number' || size === 'batch' || size === 'sequence');
  return dtype === 'f32' && known ? `f32[${sizes!.join(', ')}]` : undefined;
}

const typed = model.graph.nodes.filter((each) => each.op !== 'Constant').flatMap(({ outputs: [name] }) => (name !== undefined && typeOf(name) !== undefined && !model.graph.outputs.includes(name) ? [name] : []));
/** Spread over the whole network. */
const chosen = [0.1, 0.35, 0.6, 0.85].map((part) => typed[Math.floor(part * typed.length)]!);

const declaration = (tap: string): string => `
contract Tokens { ids: i64[batch, sequence] mask: i64[batch, sequence] where mask }
backbone UseLite @ 1.0.0 {
  source "./use-lite.onnx"
  input tokens: Tokens from { ids: "input_ids", mask: "attention_mask" }
  output embedding: f32[batch, 512]
  tap inner: ${typeOf(tap)} from "${tap}"
}
backbone Half @ 1.0.0 = UseLite {
  replace inner = inner * 0.5
  output embedding: f32[batch, 512]
}
`;

/** The file with what makes a tensor followed by a product with a half. */
function halved(tap: string): Uint8Array {
  const graph = decodeModel(bytes).graph!;
  const nodes = graph.node!.flatMap((each) => {
    const at = each.output!.indexOf(tap);
    if (at < 0) return [each];
    return [{ ...each, output: each.output!.with(at, 'the old one') }, node('Mul', ['the old one', 'a half'], [tap])];
  });
  return encodeModel({ ...graph, node: nodes, initializer: [...graph.initializer!, floats('a half', [], [0.5])] });
}

describe.each(chosen)('%s', (tap) => {
  const feeds = { 'tokens.ids': ids, 'tokens.mask': mask };

  test('read, and replaced beside the untouched network: bit for bit', async () => {
    const text = `${declaration(tap)}model M { input tokens: Tokens output plain = UseLite(tokens).embedding output half = Half(tokens).embedding output inner = UseLite(tokens).inner }`;
    const built = buildText(text, { 'use-lite.onnx': bytes });
    const found = await runModel(built.bytes, feeds);
    const alone = { input_ids: ids, attention_mask: mask };
    expect(bitsOf(found['plain'])).toBe(bitsOf((await runModel(bytes, alone))['embedding']));
    expect(bitsOf(found['half'])).toBe(bitsOf((await runModel(halved(tap), alone))['embedding']));
    const graph = decodeModel(bytes).graph!;
    const inner = await runModel(encodeModel({ ...graph, output: [{ name: tap }] }), alone);
    expect(bitsOf(found['inner'])).toBe(bitsOf(inner[tap]));
    // The weights are there once: what is added are the sizes and names of a graph.
    expect(built.bytes.length).toBeLessThan(bytes.length * 1.01);
  });
});
