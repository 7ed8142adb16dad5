/** What a swap is compared with: the old head on vectors that nobody carried over, and a head trained anew. */
import { fitLogistic, selectRows, type Features } from '../../align/index.ts';
import { cutProgram } from '../../ir/passes/cut.ts';
import { classesFound } from './measure.ts';
import type { SwapData } from './swap.ts';
import type { Workbench } from '../workbench.ts';

/** By name, whether each test row is right. */
export async function controlsOf(requirement: number, data: SwapData, bench: Workbench): Promise<Readonly<Record<string, readonly boolean[]>>> {
  // Of several vectors for an example nobody says which is padded, or what a head would learn from.
  if (data.calls > 1) return {};
  const { split, x, y } = data;
  const { labels: given, sets, prediction: { columns: classes } } = data.measured[requirement]!.own;
  const labels = given!;
  const right = (prediction: Features): boolean[] => Array.from(classesFound(prediction, sets), (c, i) => c === labels[split.test[i]!]);
  const padded = await headOn(requirement, padTo(selectRows(x, split.test), y.columns), data, bench);
  // Several labels at once are no classes that a multinomial head could learn.
  const retrained = sets !== undefined ? undefined : await fitLogistic(bench.kernels, selectRows(x, split.fit), Uint32Array.from(split.fit, (row) => labels[row]!), { classes, maxIterations: 100 });
  return {
    ...(padded === undefined ? {} : { 'padded identity': right(padded) }),
    ...(retrained?.ok === true ? { [`head retrained on ${split.fit.length} labels`]: right(await retrained.value.head.predict(bench.kernels, selectRows(x, split.test))) } : {}),
  };
}

/** Vectors cut, or filled up with zeros. */
export function padTo({ rows, columns, data }: Features, width: number): Features {
  const result = new Float32Array(rows * width);
  for (let i = 0; i < rows; i++) result.set(data.subarray(i * columns, i * columns + Math.min(width, columns)), i * width);
  return { rows, columns: width, data: result };
}

/** What the model makes of other vectors in the place of the old part's; undefined where it also looks at something else. */
export async function headOn(requirement: number, vectors: Features, { own }: SwapData, bench: Workbench): Promise<Features | undefined> {
  const { program } = own.model;
  const from = own.calls[0]!.result!.value;
  const to = program.outputs.find((port) => port.name.startsWith(`${requirement} `));
  if (to === undefined) return undefined;
  const head = cutProgram(program, [{ name: 'vectors', value: from }], [{ name: 'answers', value: to.value }]);
  const known = new Set([from, ...head.initializers.map(({ name }) => name), ...head.steps.flatMap((step) => (step.kind === 'operation' ? step.outputs : []))]);
  if (head.steps.some((step) => step.kind === 'link' || step.inputs.some((value) => value !== '' && !known.has(value)))) return undefined;
  const session = await bench.openProgram(head);
  try {
    const answers = (await session.run(new Map([['vectors', { dtype: 'f32', data: vectors.data, dims: [vectors.rows, vectors.columns] }]]), ['answers'])).get('answers')!;
    return { rows: vectors.rows, columns: answers.data.length / vectors.rows, data: answers.data as Float32Array };
  } finally {
    await session.release();
  }
}
