/**
 * Draws a case of each operator at each opset, runs it on ONNX Runtime at three sizes, compares every tensor with what is inferred,
 * and writes which opsets each is taken at into docs/opsets.md:
 *
 *     node scripts/infer-operators.mjs [seed]
 *
 * A kernel that ends the process is found by halves, and named.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const seed = Number(process.argv[2] ?? 1);
const opsets = Array.from({ length: 20 }, (_, i) => i + 7);
const failures = [];
const crashed = [];
/** What was seen of each kind, by opset. */
const table = new Map();

function run(opset, kinds) {
  const env = { ...process.env, MDL_OPSETS: String(opset), MDL_SEED: String(seed), NO_COLOR: '1', ...(kinds && { MDL_KINDS: kinds.join(';') }) };
  const { stdout, stderr } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/ir/infer/operators.test.ts'], { encoding: 'utf8', maxBuffer: 2 ** 28, env });
  const line = /^operators (\{.*\})$/m.exec(stdout);
  if (line !== null) {
    failures.push(...`${stdout}${stderr}`.split('\n').filter((text) => /at opset \d+, seed \d+:/.test(text)));
    for (const [kind, counts] of Object.entries(JSON.parse(line[1]).seen)) table.set(kind, (table.get(kind) ?? new Map()).set(opset, counts));
    return;
  }
  if (kinds?.length === 1) return void crashed.push(`${kinds[0]} at opset ${opset}`);
  const all = kinds ?? everyKind();
  const half = all.length >> 1;
  run(opset, all.slice(0, half));
  run(opset, all.slice(half));
}

/** The kinds of draws, as the test's table has them. */
function everyKind() {
  const { stdout } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/ir/infer/operators.test.ts'], { encoding: 'utf8', env: { ...process.env, MDL_OPSETS: '7', MDL_KINDS: '?', NO_COLOR: '1' } });
  return /^kinds (.*)$/m.exec(stdout)[1].split(';');
}

/** `7-12, 18-26` */
function ranges(numbers) {
  const parts = [];
  for (const n of numbers.toSorted((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last !== undefined && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([a, b]) => (a === b ? `${a}` : `${a}-${b}`)).join(', ');
}

for (const opset of opsets) {
  run(opset);
  process.stdout.write(`\ropset ${opset}: ${failures.length} wrong`);
}
const rows = [...table].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([kind, at]) => {
  const counts = [...at.values()];
  const sum = (key) => counts.reduce((all, one) => all + one[key], 0);
  return `| ${kind} | ${ranges([...at].flatMap(([opset, { runs }]) => (runs > 0 ? [opset] : [])))} | ${sum('runs')} | ${sum('tensors')} | ${sum('exact')} |`;
});
const totals = [...table.values()].flatMap((at) => [...at.values()]).reduce((all, one) => ({ runs: all.runs + one.runs, tensors: all.tensors + one.tensors, exact: all.exact + one.exact }), { runs: 0, tensors: 0, exact: 0 });
const today = new Date().toISOString().slice(0, 10);
const page = `# Operators, opset by opset

\`node scripts/infer-operators.mjs ${seed}\` drew a case of each row at each of ONNX's opsets 7 to 26, ran it on ONNX Runtime at three sizes, and compared
the shape, the bounds and the other facts of every tensor with what is inferred. The opsets are those at which ONNX Runtime took the draw: where a
number is missing, the operator is not of that opset, has no kernel there, or was not drawn in a form that runs. Rows in small letters are idioms of several operators.

On ${today}, ONNX Runtime 1.30: ${table.size} rows, ${totals.runs} runs, ${totals.tensors} tensors, ${totals.exact} wholly inferred, ${failures.length} wrong.${crashed.length > 0 ? ` ONNX Runtime ended the process at ${crashed.join(', ')}.` : ''}

| Operator | Opsets | Runs | Tensors | Wholly inferred |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
if (table.size > 0) writeFileSync('docs/opsets.md', page);
console.log(`\r${table.size} rows, ${totals.runs} runs, ${totals.tensors} tensors, ${totals.exact} wholly inferred, ${failures.length} wrong`);
for (const failure of new Set(failures)) console.log(failure.trim());
if (crashed.length > 0) console.log(`ONNX Runtime ended the process at ${crashed.join(', ')}`);
process.exitCode = failures.length > 0 ? 1 : 0;
