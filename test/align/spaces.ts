/** Made-up encoders of the same examples. */
import type { Features, Matrix } from '../../src/align/matrix.ts';
import { createRandom } from '../../src/data/random.ts';
import { multiply, randomMatrix } from './kernel-session.ts';

export const single = ({ rows, columns, data }: Matrix): Features => ({ rows, columns, data: Float32Array.from(data) });

export interface Space {
  readonly features: Features;
  readonly labels: Uint8Array;
}

export interface TwoSpaces {
  readonly x: Features;
  readonly y: Features;
  readonly labels: Uint8Array;
}

export interface WorldOptions {
  readonly rows: number;
  readonly seed: number;
  readonly classes?: number;
  /** What both encoders see of an example beside its class. */
  readonly shared?: number;
  readonly columnsX?: number;
  readonly columnsY?: number;
  /** Standard deviation of what each encoder adds of its own. */
  readonly noise?: number;
}

/** Two linear views, each with noise of its own, of examples that have a class and `shared` other qualities. */
export function twoSpaces(options: WorldOptions): TwoSpaces {
  const { rows, seed, classes = 4, shared = 12, columnsX = 16, columnsY = 16, noise = 0.3 } = options;
  // The world is the same for every seed; the examples are not.
  const centres = randomMatrix(classes, shared, 900);
  const [viewX, viewY] = [randomMatrix(shared, columnsX, 901), randomMatrix(shared, columnsY, 902)];
  const random = createRandom(seed);
  const labels = Uint8Array.from({ length: rows }, () => random.integer(classes));
  const hidden: Matrix = {
    rows,
    columns: shared,
    data: Float64Array.from({ length: rows * shared }, (_, at) => {
      const centre = centres.data[labels[Math.floor(at / shared)]! * shared + (at % shared)]!;
      return 1.5 * centre + random.normal();
    }),
  };
  const see = (view: Matrix, offset: number): Features => {
    const seen = multiply(hidden, view);
    return single({ ...seen, data: seen.data.map((value) => value + offset + noise * random.normal()) });
  };
  return { x: see(viewX, 2), y: see(viewY, -1), labels };
}
