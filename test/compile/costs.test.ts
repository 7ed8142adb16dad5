/** What a model costs, against the file that it becomes, and by its parts. */
import { describe, expect, test } from 'vitest';
import { costsOf } from '../../src/check/models/costs.ts';
import { describeCosts } from '../../src/ir/costs/describe.ts';
import { graphCosts } from '../../src/ir/costs/index.ts';
import { safetensors } from '../check/world.ts';
import { readBytes } from '../onnx/models.ts';
import { buildText } from './build.ts';
import { network, networkText } from './network.ts';

const files = { 'net.onnx': network(), 'head.safetensors': safetensors({ 'linear.w': { dims: [4, 3] }, 'linear.b': { dims: [3] } }) };

const source = `
import { linear, softmax } from "std/nn"
import { mean_pool } from "std/text"
${networkText()}
adapter Pool(tokens: Tokens) -> f32[batch, 4] {
  Net(tokens).hidden |> mean_pool(mask: tokens.mask)
}
head Kind(x: f32[batch, 4]) -> f32[batch, 3] weights "./head.safetensors" { x |> linear(out: 3) |> softmax }
`;
const whole = `${source}\nmodel M { input tokens: Tokens output kind = Kind(Pool(tokens)) output hidden = Net(tokens).hidden * 2 }`;

describe('costs of a model', () => {
  const { bytes, model, manifest } = buildText(whole, files);
  const costs = costsOf(model);

  test('are those of the file that it becomes', () => {
    const built = graphCosts(readBytes(bytes));
    expect(describeCosts(costs)).toEqual(describeCosts(built));
    expect(describeCosts(costs)).toMatchObject({ parameters: 80 + 8 + 2 * 20 + 15, macs: '12*batch + 32*batch*seq' });
  });

  test('are told by the parts that were written, the library under its callers', () => {
    const rows = costs.parts.map(({ name, kind, parameters, macs }) => [name, kind, parameters, describeCosts({ ...costs, macs }).macs]);
    expect(rows).toEqual([
      // It fills the input that is left out.
      ['Pool', 'part', 0, 0],
      ['Net', 'backbone', 128, '32*batch*seq'],
      ['Kind', 'part', 15, '12*batch'],
      ['M', 'part', 0, 0],
    ]);
    expect(costs.parts.reduce((sum, part) => sum + part.bytes, 0)).toBe(costs.bytes);
  });

  test('stand in the manifest', () => {
    const { parts, ...all } = manifest.costs!;
    expect(all).toEqual(describeCosts(costs));
    expect(parts.map((part) => part.name)).toEqual(['Pool', 'Net', 'Kind', 'M']);
  });

  test('count a backbone as far as it is needed, and what two links share once', () => {
    const taps = buildText(`${networkText()}\nmodel M { input tokens: Tokens output y = Net(tokens).first }`, files);
    expect(describeCosts(costsOf(taps.model))).toMatchObject({ parameters: 80 + 8 + 20, macs: '16*batch*seq' });
    const twice = buildText(`${networkText()}\nmodel M { input a: Tokens input b: Tokens(batch: others, seq: words) output y = Net(a).hidden output z = Net(b).hidden }`, files);
    expect(describeCosts(costsOf(twice.model))).toMatchObject({ parameters: 128, macs: '32*batch*seq + 32*others*words' });
    expect(describeCosts(costsOf(twice.model))).toEqual(describeCosts(graphCosts(readBytes(twice.bytes))));
  });

  test('count the layers once that a backbone and one made of it share', () => {
    const derived = `space bent @ 1.0.0\nbackbone Bent @ 1.0.0 = Net { replace first = first * 2 output hidden: f32[batch, seq, 4] where space bent }`;
    const net = networkText().replace('pooled: f32[batch, 4] where space net', 'pooled: f32[batch, 4]');
    const both = buildText(`${net}\n${derived}\nmodel M { input tokens: Tokens output y = Net(tokens).hidden output z = Bent(tokens).hidden }`, files);
    // The first layer once, the second of each.
    expect(describeCosts(costsOf(both.model))).toMatchObject({ macs: '48*batch*seq' });
    expect(describeCosts(costsOf(both.model)).peak).toEqual(describeCosts(graphCosts(readBytes(both.bytes))).peak);
    expect(costsOf(both.model).parts.map(({ name, macs }) => [name, describeCosts({ ...costsOf(both.model), macs }).macs])).toContainEqual(['Bent', '16*batch*seq']);
  });

  test('are numbers where the sizes are', () => {
    const fixed = buildText(`${source}\ncontract Two { ids: i64[2, 3] mask: i64[2, 3] where mask }\nmodel M { input tokens: Two output y = Net(tokens).hidden }`, files);
    expect(describeCosts(costsOf(fixed.model))).toMatchObject({ macs: 32 * 6, peak: expect.any(Number) });
  });
});
