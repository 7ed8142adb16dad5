/** Matrix products on the kernels of ONNX Runtime. All else in this room is built on these and on plain loops. */
import { zeros, type Features, type Matrix } from '../matrix.ts';
import { kernelModel } from './graph.ts';
import { kernelGraphs, type KernelName } from './graphs.ts';
import type { CreateKernelSession, KernelResult, KernelSession, KernelTensor } from './session.ts';

/** In which precision products of features are taken; sums are always double. */
export type Precision = 'f32' | 'f64';

export interface Kernels {
  /** a b, in double precision. */
  product(a: Matrix, b: Matrix): Promise<Matrix>;
  /** a' b, in double precision. */
  productOfTransposed(a: Matrix, b: Matrix): Promise<Matrix>;
  /** a b', in double precision. */
  productWithTransposed(a: Matrix, b: Matrix): Promise<Matrix>;
  /** sum + (x - centreX)' (y - centreY): a new matrix; `sum` stays as it is. */
  accumulate(terms: CrossTerms, sum: Matrix, precision: Precision): Promise<Matrix>;
  /** x w + b, in single precision. */
  affine(x: Features, w: Features, b: Float32Array): Promise<Features>;
  /** x y', every row of x by every row of y, in single precision. */
  similarities(x: Features, y: Features): Promise<Features>;
  /** x y' in double precision. */
  gram(x: Features, y: Features): Promise<Matrix>;
  /** The sum over the rows of the cross-entropy of softmax(x w) against y, and its gradient by w. */
  softmaxLoss(x: Matrix, y: Matrix, w: Matrix): Promise<{ readonly loss: number; readonly gradient: Matrix }>;
  /** Frees the sessions; nothing can be computed afterwards. */
  close(): Promise<void>;
}

export interface CrossTerms {
  readonly x: Features;
  readonly centreX: Float32Array;
  readonly y: Features;
  readonly centreY: Float32Array;
}

/** The kernels over a runtime. A session is made when its kernel is first used. */
export function createKernels(createSession: CreateKernelSession): Kernels {
  const sessions = new Map<KernelName, Promise<KernelSession>>();
  const sessionOf = (name: KernelName): Promise<KernelSession> => {
    const known = sessions.get(name);
    if (known !== undefined) return known;
    const made = createSession(kernelModel(kernelGraphs[name]));
    sessions.set(name, made);
    return made;
  };

  /** The outputs in the order of the graph's. */
  async function run(name: KernelName, feeds: Readonly<Record<string, KernelTensor>>): Promise<readonly KernelResult[]> {
    const outputs = kernelGraphs[name].outputs.map((output) => output.name);
    const session = await sessionOf(name);
    const results = await session.run(new Map(Object.entries(feeds)), outputs);
    return outputs.map((output) => results.get(output)!);
  }

  async function double(name: KernelName, a: Matrix, b: Matrix, [rows, columns]: Size): Promise<Matrix> {
    if (a.data.length === 0 || b.data.length === 0) return zeros(rows, columns);
    const [result] = await run(name, { a: tensor(a), b: tensor(b) });
    return { rows, columns, data: result!.data as Float64Array };
  }

  async function rowsByRows(name: KernelName, x: Features, y: Features): Promise<unknown> {
    const [result] = await run(name, { x: tensor(x), y: tensor(y) });
    return result!.data;
  }

  return {
    product: (a, b) => double('a b', a, b, [a.rows, b.columns]),
    productOfTransposed: (a, b) => double("a' b", a, b, [a.columns, b.columns]),
    productWithTransposed: (a, b) => double("a b'", a, b, [a.rows, b.rows]),
    accumulate: async ({ x, centreX, y, centreY }, sum, precision) => {
      if (x.rows === 0) return sum;
      const [result] = await run(`accumulate ${precision}`, {
        x: tensor(x),
        centre_x: vector(centreX),
        y: tensor(y),
        centre_y: vector(centreY),
        sum: tensor(sum),
      });
      return { ...sum, data: result!.data as Float64Array };
    },
    affine: async (x, w, b) => {
      if (x.rows === 0) return { rows: 0, columns: w.columns, data: new Float32Array(0) };
      const [result] = await run('affine', { x: tensor(x), w: tensor(w), b: vector(b) });
      return { rows: x.rows, columns: w.columns, data: result!.data as Float32Array };
    },
    similarities: async (x, y) => ({
      rows: x.rows,
      columns: y.rows,
      data: (await rowsByRows("x y'", x, y)) as Float32Array,
    }),
    gram: async (x, y) => ({
      rows: x.rows,
      columns: y.rows,
      data: (await rowsByRows("x y' f64", x, y)) as Float64Array,
    }),
    softmaxLoss: async (x, y, w) => {
      const [loss, gradient] = await run('softmax loss', { x: tensor(x), y: tensor(y), w: tensor(w) });
      return { loss: (loss!.data as Float64Array)[0]!, gradient: { ...w, data: gradient!.data as Float64Array } };
    },
    close: async () => {
      const made = await Promise.all(sessions.values());
      await Promise.all(made.map((session) => session.release()));
    },
  };
}

type Size = readonly [rows: number, columns: number];

const tensor = ({ rows, columns, data }: Matrix | Features): KernelTensor => ({
  dtype: data instanceof Float64Array ? 'f64' : 'f32',
  data,
  dims: [rows, columns],
});

const vector = (data: Float32Array): KernelTensor => ({ dtype: 'f32', data, dims: [data.length] });
