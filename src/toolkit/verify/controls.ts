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
  const sides = { fit: selectRows(x, split.fit), test: selectRows(x, split.test) };
  const retrained = sets === undefined
    ? await retrainedHead(bench, sides, Uint32Array.from(split.fit, (row) => labels[row]!), classes)
    : await retrainedLabels(bench, sides, selectRows(sets.truth, split.fit));
  return {
    ...(padded === undefined ? {} : { 'padded identity': right(padded) }),
    ...(retrained === undefined ? {} : { [`head retrained on ${split.fit.length} labels`]: right(retrained) }),
  };
}

interface Sides {
  readonly fit: Features;
  readonly test: Features;
}

/** What a linear head says of the test rows; undefined where nothing can be learned. */
async function retrainedHead({ kernels }: Workbench, { fit, test }: Sides, labels: Uint32Array, classes: number): Promise<Features | undefined> {
  const learned = await fitLogistic(kernels, fit, labels, { classes, maxIterations: 100 });
  return learned.ok ? learned.value.head.predict(kernels, test) : undefined;
}

/** Of several labels at once a linear reader for each; of one that all rows have, or none, what they all have. */
async function retrainedLabels(bench: Workbench, sides: Sides, truth: Features): Promise<Features | undefined> {
  const data = new Float32Array(sides.test.rows * truth.columns);
  for (let label = 0; label < truth.columns; label++) {
    const known = Uint32Array.from({ length: truth.rows }, (_, row) => truth.data[row * truth.columns + label]!);
    const isVaried = known.some((value) => value !== known[0]);
    const found = isVaried ? await retrainedHead(bench, sides, known, 2) : undefined;
    if (isVaried && found === undefined) return undefined;
    for (let row = 0; row < sides.test.rows; row++) data[row * truth.columns + label] = found === undefined ? known[0]! : Number(found.data[2 * row + 1]! > found.data[2 * row]!);
  }
  return { rows: sides.test.rows, columns: truth.columns, data };
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
