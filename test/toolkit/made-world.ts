/** Examples that two made-up encoders of 16 numbers each see, as rows of data: `z` holds the vectors of both, one behind the other. */
import type { Features } from '../../src/align/matrix.ts';
import { permuteWithin } from '../../src/align/verify/information.ts';
import { createRandom } from '../../src/data/random.ts';
import { twoSpaces } from '../align/spaces.ts';

export interface World {
  readonly x: Features;
  readonly y: Features;
  readonly labels: ArrayLike<number>;
}

export const world = (rows: number, seed: number): World => twoSpaces({ rows, seed, classes: 4 });

/** As lines of JSON, the classes called a to d. */
export const jsonl = ({ x, y, labels }: World): string =>
  Array.from({ length: x.rows }, (_, i) => `${JSON.stringify({ z: [...x.data.subarray(16 * i, 16 * i + 16), ...y.data.subarray(16 * i, 16 * i + 16)], label: 'abcd'[labels[i]!] })}\n`).join('');

/** The pairs of each class in another order. */
export function shuffled(rows: number, seed: number): World {
  const { x, y, labels } = world(rows, seed);
  const order = permuteWithin(labels, createRandom(seed));
  return { x, labels, y: { ...y, data: y.data.map((_, at) => y.data[order[Math.floor(at / 16)]! * 16 + (at % 16)]!) } };
}

/** An old part, a new one with a bridge, a head, and the verification of the one for the other. */
export const swapSource = `import { last, linear, softmax } from "std/nn"
import { truncate } from "std/text"
labels Kind = ["a", "b", "c", "d"]
contract Both = f32[batch, 32]
part first(z: Both) -> f32[batch, 16] { z |> truncate(to: 16) }
part second(z: Both) -> f32[batch, 16] { z |> last(n: 16) }
adapter Back(x: f32[batch, 16]) -> f32[batch, 16] weights "./back.safetensors" = learned { x |> linear(out: 16) }
adapter Old(z: Both) -> f32[batch, 16] { second(z) }
adapter New(z: Both) -> f32[batch, 16] { Back(first(z)) }
adapter Padded(z: Both) -> f32[batch, 16] { first(z) }
head Tell(e: f32[batch, 16]) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 weights "./tell.safetensors" = learned {
  e |> linear(out: Kind) |> softmax
}
model Before {
  input z: Both
  output kind = Tell(Old(z))
}
fit Tell { data d = "./heads.jsonl" loss cross_entropy(Tell(Old(d.z)), d.label) method prototypes }
fit Back { data d = "./pairs.jsonl" loss mse(Back(first(d.z)), second(d.z)) method ridge(lambda: 1) }
verify Swap {
  swap Old with New in Before
  data d = "./test.jsonl"
  let y = Before(d.z)
  require accuracy(y.kind, d.label) >= baseline - 5%
  require flips.negative <= 10%
}
`;
