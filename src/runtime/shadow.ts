/** A head that answers nobody: it is shown some of the requests, and compared with the answers that were given. */
import type { ManifestPort, ManifestTensor } from '../bundle/manifest.ts';
import type { Arm } from './arm.ts';
import { copyTensor, type Features } from './feature-cache.ts';
import type { RawTensor } from './session.ts';
import { tensorsOf, toOutput } from './outputs.ts';

/** Requests that may wait for a shadow; more are shed, for it must not hold up those who wait for an answer. */
const maxWaiting = 8;
/** Elements of an output that counts no classes differ from here on. */
const tolerance = 1e-3;

/** Shows requests to a shadow, behind the requests that are there already. */
export function createShadow(arm: Arm, ports: readonly ManifestPort[], sample: number): (given: Features, made: Features) => void {
  const specs = new Map(ports.flatMap(tensorsOf).map((spec) => [spec.onnx, spec]));
  let waiting = 0;

  async function show(given: Features, made: Features): Promise<void> {
    // What waits for an answer goes first.
    await new Promise((resolve) => setImmediate(resolve));
    arm.requests++;
    const found = await arm.head.session.run(given, [...made.keys()]);
    for (const [name, answer] of made) {
      const spec = specs.get(name);
      if (spec !== undefined) compare(arm, spec, answer, found.get(name)!);
    }
  }

  return (given, made) => {
    if (arm.out !== undefined || Math.random() >= sample) return;
    if (waiting >= maxWaiting) return void arm.shed++;
    waiting++;
    // The app may change what it was given.
    const [shown, answered] = [copyAll(given), copyAll(made)];
    arm.head.gate
      .pass(() => show(shown, answered))
      .catch(() => void arm.errors++)
      .finally(() => void waiting--);
  };
}

const copyAll = (tensors: Features): Features => new Map([...tensors].map(([name, tensor]) => [name, copyTensor(tensor)]));

function compare(arm: Arm, spec: ManifestTensor, answer: RawTensor, found: RawTensor): void {
  const [given, shadowed] = [numbersOf(spec, answer), numbersOf(spec, found)];
  const classes = spec.dims.at(-1)?.classes;
  const width = classes?.length ?? Math.max(1, answer.dims.slice(1).reduce((product, dim) => product * dim, 1));
  for (let start = 0; start < given.length; start += width) {
    const [a, b] = [given.slice(start, start + width), shadowed.slice(start, start + width)];
    const same = classes === undefined ? a.every((value, i) => Math.abs(value - b[i]!) <= tolerance) : a.indexOf(Math.max(...a)) === b.indexOf(Math.max(...b));
    arm.compared++;
    if (!same) arm.disagreed++;
  }
}

const numbersOf = (spec: ManifestTensor, tensor: RawTensor): number[] => Array.from(toOutput(spec, tensor).data as ArrayLike<unknown>, Number);
