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
  /** c + a' b, in double precision. */
  addProductOfTransposed(c: Matrix, a: Matrix, b: Matrix): Promise<Matrix>;
  /** c + a b', in double precision. */
  addProductWithTransposed(c: Matrix, a: Matrix, b: Matrix): Promise<Matrix>;
  /** sum + a'b of the rows, less their centres: a new matrix. */
  accumulate(sum: Matrix, a: ShiftedRows, b: ShiftedRows, precision: Precision): Promise<Matrix>;
  /** x w + b, in single precision. */
  affine(x: Features, w: Features, b: Float32Array): Promise<Features>;
  /** x y', every row of x by every row of y, in single precision. */
  similarities(x: Features, y: Features): Promise<Features>;
  /** x y' in double precision. */
  gram(x: Features, y: Features): Promise<Matrix>;
  /** The sum over the rows of the cross-entropy of softmax(x w + b) against y, and its gradients; the sum is always double. */
  softmaxLoss(x: Features, y: Features, head: LinearHead, precision: Precision): Promise<{ readonly loss: number } & LinearHead>;
  /** Frees the sessions; nothing can be computed afterwards. */
  close(): Promise<void>;
}

export interface ShiftedRows {
  readonly rows: Features;
  /** What each row is shifted by. */
  readonly centre: Float32Array;
}

/** Weights and biases of a map, or a gradient by them. */
export interface LinearHead {
  /** Row-major, a row a column of the features. */
  readonly w: Float64Array;
  readonly b: Float64Array;
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

  async function added(name: "c + a' b" | "c + a b'", c: Matrix, a: Matrix, b: Matrix): Promise<Matrix> {
    if (a.data.length === 0 || b.data.length === 0) return c;
    const [result] = await run(name, { a: tensor(a), b: tensor(b), c: tensor(c) });
    return { ...c, data: result!.data as Float64Array };
  }

  async function rowsByRows(name: KernelName, x: Features, y: Features): Promise<unknown> {
    const [result] = await run(name, { x: tensor(x), y: tensor(y) });
    return result!.data;
  }

  return {
    product: (a, b) => double('a b', a, b, [a.rows, b.columns]),
    productOfTransposed: (a, b) => double("a' b", a, b, [a.columns, b.columns]),
    productWithTransposed: (a, b) => double("a b'", a, b, [a.rows, b.rows]),
    addProductOfTransposed: (c, a, b) => added("c + a' b", c, a, b),
    addProductWithTransposed: (c, a, b) => added("c + a b'", c, a, b),
    accumulate: async (sum, a, b, precision) => {
      const [result] = await run(`accumulate ${precision}`, { a: tensor(a.rows), centre_a: vector(a.centre), b: tensor(b.rows), centre_b: vector(b.centre), sum: tensor(sum) });
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
    softmaxLoss: async (x, y, head, precision) => {
      const kind = precision === 'f32' ? Float32Array : Float64Array;
      const [columns, classes] = [x.columns, y.columns];
      const feeds = {
        x: tensor(x),
        y: tensor(y),
        w: { dtype: precision, data: kind.from(head.w), dims: [columns, classes] },
        b: { dtype: precision, data: kind.from(head.b), dims: [classes] },
        ones: { dtype: precision, data: new kind(x.rows).fill(1), dims: [1, x.rows] },
      };
      const [loss, w, b] = await run(`softmax loss ${precision}`, feeds);
      return { loss: (loss!.data as Float64Array)[0]!, w: Float64Array.from(w!.data as Float32Array), b: Float64Array.from(b!.data as Float32Array) };
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
