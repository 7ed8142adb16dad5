/** Steps of an MLP adapter by Adam, against PyTorch where Python has it: forward, loss, backward and update. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** `x |> linear(hidden) |> relu |> linear(out)`, by the mean squared difference. */
export function problemOf({ from, hidden, to, rows }) {
  const sizes = { w1: [from, hidden], b1: [hidden], w2: [hidden, to], b2: [to] };
  let state = 7;
  const uniform = () => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32) - 0.5;
  const random = (count, scale) => Float32Array.from({ length: count }, () => scale * uniform());
  const origin = { uri: 'memory:///bench', span: { start: 0, end: 0 } };
  const node = (op, inputs, output) => ({ kind: 'operation', name: output, op, domain: '', inputs, outputs: [output], attributes: new Map(), origin });
  const steps = [node('MatMul', ['x', 'w1'], 'a'), node('Add', ['a', 'b1'], 'b'), node('Relu', ['b'], 'c'), node('MatMul', ['c', 'w2'], 'd'), node('Add', ['d', 'b2'], 'e')];
  const unknown = { dtype: undefined, dims: undefined };
  return {
    program: { name: 'mlp', inputs: [], outputs: [], steps, initializers: [], types: new Map(steps.map(({ outputs: [value] }) => [value, unknown])), opsets: new Map([['', 17]]) },
    rows,
    columns: [
      { value: 'x', dims: [from], data: random(rows * from, 2) },
      { value: 'y', dims: [to], data: random(rows * to, 2) },
    ],
    parameters: Object.entries(sizes).map(([value, dims]) => ({ value, dims, data: random(dims.reduce((a, b) => a * b), dims.length === 1 ? 0 : 2 / Math.sqrt(dims[0])) })),
    losses: [{ name: 'mse', weight: 1, options: new Map(), operands: [{ value: 'e', rank: 2 }, { value: 'y', rank: 2 }], location: origin }],
  };
}

/** Reads a count a line, makes so many steps, and writes their seconds, by the clock and of the processor, and the last loss. */
const script = `
import sys, time, numpy as np, torch
folder, size, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.set_num_threads(threads)
load = lambda name: torch.from_numpy(np.load(folder + "/" + name + ".npy"))
x, y = load("x"), load("y")
p = [torch.nn.Parameter(load(n)) for n in ("w1", "b1", "w2", "b2")]
p[1].data, p[3].data = p[1].data.ravel(), p[3].data.ravel()
adam = torch.optim.Adam(p, lr=1e-3)
at = 0
for line in sys.stdin:
    start, busy = time.perf_counter(), time.process_time()
    for _ in range(int(line)):
        a, b = x[at:at + size], y[at:at + size]
        at = (at + size) % len(x)
        loss = torch.nn.functional.mse_loss(torch.relu(a @ p[0] + p[1]) @ p[2] + p[3], b)
        adam.zero_grad(set_to_none=True); loss.backward(); adam.step()
    print(time.perf_counter() - start, time.process_time() - busy, loss.item(), flush=True)
`;

/** PyTorch as a process that is asked by lines. */
export function startTorch(python, folder, batch, threads) {
  const child = spawn(python, ['-c', script, folder, String(batch), String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async steps(count) {
      child.stdin.write(`${count}\n`);
      const { value } = await lines.next();
      const [seconds, busy, loss] = value.split(' ').map(Number);
      return { seconds, busy, loss };
    },
    stop: () => child.stdin.end(),
  };
}

/** Our steps, `turns` of them in one graph. */
export async function startOurs(align, sessions, problem, batch, turns) {
  const settings = { momentum: 0, weightDecay: 0 };
  const { adam } = align.optimisers;
  const made = align.stepProgram(problem, batch, turns, adam, settings);
  if (!made.ok) throw new Error(made.finding.message);
  const session = await sessions(align.programModel(made.program));
  const kept = problem.parameters.flatMap(({ dims, data }, i) => [0, 1].map((k) => [`p${i}.${k}`, { dtype: 'f32', dims, data: new Float32Array(data.length) }]));
  let carried = new Map([...problem.parameters.map(({ dims, data }, i) => [`p${i}`, { dtype: 'f32', dims, data }]), ...kept]);
  const outputs = [...[...carried.keys()].map((name) => `${name}'`), ...Array.from({ length: turns }, (_, turn) => `loss@${turn}`)];
  let [t, at, loss] = [0, 0, 0];
  return {
    async steps(count) {
      const [started, before] = [performance.now(), process.cpuUsage()];
      for (let done = 0; done < count; done += turns) {
        const feeds = new Map(carried);
        for (let turn = 0; turn < turns; turn++) {
          t++;
          problem.columns.forEach(({ dims: [width], data }, i) => feeds.set(`x${i}@${turn}`, { dtype: 'f32', dims: [batch, width], data: data.slice(at * width, (at + batch) * width) }));
          at = (at + batch) % problem.rows;
          for (const [name, value] of Object.entries(adam.scalars(t, 1e-3, settings))) feeds.set(`${name}@${turn}`, { dtype: 'f32', dims: [], data: Float32Array.of(value) });
        }
        const results = await session.run(feeds, outputs);
        carried = new Map([...carried].map(([name, { dims }]) => [name, { dtype: 'f32', dims, data: results.get(`${name}'`).data }]));
        loss = results.get(`loss@${turns - 1}`).data[0];
      }
      const { user, system } = process.cpuUsage(before);
      return { seconds: (performance.now() - started) / 1000, busy: (user + system) / 1e6, loss };
    },
    stop: () => session.release(),
  };
}
