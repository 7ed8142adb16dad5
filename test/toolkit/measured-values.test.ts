/** What the checker lets into a loss or a metric is carried out: nothing ends as a bug of ours, or as a type that nobody knows. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { measuredParts } from '../check/measured-parts.ts';
import { createFolder, mdl } from '../cli/harness.ts';
import { world } from './made-world.ts';

const parts = `${measuredParts}
part Half(e: f32[batch, 16]) -> f16[batch, 4] where range [0, 1] { onnx.Cast(e |> truncate(to: 4) |> softmax, to: f16) }
head H(e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 weights "./h.safetensors" = learned { e |> linear(out: Kind) |> softmax }
model M { input z: Both  let e = Old(z)  output shares = Shares(e)  output pair = Pair(e)  output vector = e }
`;

const { x, y, labels } = world(240, 3);
const rowOf = (i: number): object => {
  const [a, b] = [x, y].map(({ data }) => [...data.subarray(16 * i, 16 * i + 16)]) as [number[], number[]];
  return { z: [...a, ...b], zeros: Array.from({ length: 32 }, () => 0), v: b, four: b.slice(0, 4), share: [0.1, 0.2, 0.3, 0.4], multi: [i % 2, 1, 0, 0], one: i % 2, n: labels[i], label: 'abcd'[labels[i]!] };
};
const made = createFolder({ 'package.json': '{ "name": "measured" }', 'd.jsonl': Array.from({ length: x.rows }, (_, i) => `${JSON.stringify(rowOf(i))}\n`).join('') });
afterAll(() => made.remove());

const run = (tool: string, command: string): ReturnType<typeof mdl> => {
  writeFileSync(path.join(made.path, 'a.mdl'), `${parts}${tool}\n`);
  return mdl(made.path, [command, 'a.mdl']);
};

describe('metrics', () => {
  const ofClasses = ['accuracy', 'balanced_accuracy', 'f1', 'precision', 'recall', 'auc', 'nll', 'brier', 'ece'];
  const ofNumbers = ['mse', 'mae', 'r2', 'cosine', 'retrieval'];
  const lower = ['nll', 'brier', 'ece', 'mse', 'mae'];
  /** A bound that hardly anything fails: one that nothing can fail is refused. */
  const bounds: Readonly<Record<string, string>> = { r2: '>= -9', cosine: '> -1', ece: '< 100%', brier: '< 2' };
  const require = (metric: string, args: string): string => `require ${metric}(${args}) ${bounds[metric] ?? (lower.includes(metric) ? '<= 1000' : '> 0%')}`;

  test('all of them, of every kind of answer that is let through', async () => {
    const requirements = [
      ...ofClasses.flatMap((metric) => ['y.shares, d.label', 'y.pair.shares, d.label', 'Double(Old(d.z)), d.n', 'Half(Old(d.z)), d.n', 'One(Old(d.z)), d.one'].map((args) => require(metric, args))),
      ...ofNumbers.flatMap((metric) => ['y.vector, d.v', 'd.v, y.vector', 'y.pair.scores, d.four', 'Double(Old(d.z)), d.share', 'One(Old(d.z)), d.one', 'y.shares, y.pair.scores', 'y.pair.scores, Double(first(d.z))'].map((args) => require(metric, args))),
    ];
    const { code, stdout, stderr } = await run(`verify V { swap Old with New in M  data d = "./d.jsonl"  let y = M(d.z)\n${requirements.join('\n')}\n}`, 'verify');
    expect(stderr).not.toContain('error');
    // Another space without a bridge: the verdict is FAIL, and every requirement has a number.
    expect(code).toBe(1);
    for (const requirement of requirements) expect(stdout).toContain(`${requirement.slice('require '.length)}:`);
    expect(stdout).not.toContain('NaN');
  });

  test('a column that is not as wide as what it is held to is refused by its row', async () => {
    const { code, stdout, stderr } = await run('verify V { swap Old with New in M  data d = "./d.jsonl"  let y = M(d.z)  require cosine(y.vector, d.four) >= 0.5 }', 'verify');
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toContain('error[data-value]: row 1 of `d.jsonl`: `four` has to be 16 numbers, as many as `cosine` compares it with, found 4');
  });
});

describe('losses', () => {
  test('all of them, of every kind of value that is let through', async () => {
    const terms = [
      'cross_entropy(H(d.v), d.label)', 'cross_entropy(H(d.v), d.n)', 'cross_entropy(H(d.v), Shares(d.v))', 'binary_cross_entropy(H(d.v), d.multi)', 'binary_cross_entropy(H(d.v), Shares(d.v))',
      ...['mse', 'mae', 'huber', 'cosine', 'info_nce', 'clusters'].flatMap((loss) => [`${loss}(H(d.v), d.four)`, `${loss}(H(d.v), Pair(d.v).scores)`]),
      'mse(d.four, H(d.v))', 'kl(H(d.v), d.share)', 'kl(H(d.v), Pair(d.v).shares)', 'orthogonality()', 'mse(One(d.v), d.one)',
    ];
    const { code, stdout, stderr } = await run(`fit H { data d = "./d.jsonl" loss ${terms.join(' + ')} method adam(epochs: 1) }`, 'fit');
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(stdout).toContain('h.safetensors written, by adam from 240 rows');
  });

  test('numbers for a single one are refused by their row, and are no broadcast', async () => {
    const { code, stdout, stderr } = await run('fit H { data d = "./d.jsonl" loss mse(One(d.v), d.four) + cross_entropy(H(d.v), d.label) method adam(epochs: 1) }', 'fit');
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toContain('error[data-value]: row 1 of `d.jsonl`: `four` has to be a number, as many as `mse` compares it with, found 4');
  });
});

test('of two swaps in two models each requirement is judged on the one that changes what it looks at', async () => {
  const tool = `model Other { input z: Both  output shares = Shares(Third(z)) }
adapter Third(z: Both) -> f32[batch, 16] { z |> last(n: 16) }
adapter Same(z: Both) -> f32[batch, 16] { Third(z) }
verify V { swap Third with Same in Other  swap Old with New in M  data d = "./d.jsonl"  let y = M(d.z)  let o = Other(d.zeros)  require f1(y.shares, d.label) >= baseline - 2%  require f1(o.shares, d.label) >= baseline - 2% }`;
  const { stdout } = await run(tool, 'verify');
  expect(stdout).toMatch(/FAIL +f1\(y\.shares, d\.label\) >= baseline - 2%, Old by New in M: 0\.\d+ before, 0\.\d+ after/);
  // Both models call their input `z`, and each reads its own column: of zeros the first of four classes, about equally many, is found.
  expect(Number(/f1\(o[^:]*: (0\.\d+) before/.exec(stdout)![1])).toBeLessThan(0.15);
  expect(Number(/f1\(y[^:]*: (0\.\d+) before/.exec(stdout)![1])).toBeGreaterThan(0.3);
  expect(stdout).toMatch(/PASS +f1\(o\.shares, d\.label\) >= baseline - 2%/);
});

test('a swap in one model leaves the same part in another one as it was', async () => {
  const tool = `model Other { input z: Both  output kinds = Shares(Old(z)) }
adapter Same(z: Both) -> f32[batch, 16] { Old(z) }
verify V { swap Old with New in M  swap Old with Same in Other  data d = "./d.jsonl"  let y = M(d.z)  let o = Other(d.z)  require f1(y.shares, d.label) >= baseline - 2%  require f1(o.kinds, d.label) >= baseline - 2% }`;
  const { stdout } = await run(tool, 'verify');
  expect(stdout).toMatch(/FAIL +f1\(y\.shares, d\.label\) >= baseline - 2%, Old by New in M: 0\.\d+ before, 0\.\d+ after/);
  const [, before, after] = /PASS +f1\(o\.kinds, d\.label\) >= baseline - 2%, Old by Same in Other: (0\.\d+) before, (0\.\d+) after/.exec(stdout)!;
  expect(after).toBe(before);
});

test('answers of two models are compared with the swap in the one that it is in', async () => {
  const tool = `model Other { input z: Both  output kinds = Shares(Old(z)) }
verify V { swap Old with New in M  data d = "./d.jsonl"  let y = M(d.z)  let o = Other(d.z)  require f1(y.shares, d.label) >= baseline - 2%  require mse(y.shares, o.kinds) <= 0.001  require f1(o.kinds, d.label) >= baseline - 2% }`;
  const { stdout } = await run(tool, 'verify');
  // Both are one network before the swap.
  expect(stdout).toMatch(/FAIL +mse\(y\.shares, o\.kinds\) <= 0\.001: 0 before, 0\.[0-9]*[1-9][0-9]* after/);
});
