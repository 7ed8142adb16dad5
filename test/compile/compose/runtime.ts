/** The runtime's answers, held to the same; and what it says of guards. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { load, MdlRuntimeError } from '../../../src/runtime/index.ts';
import { compare } from './compare.ts';
import { toOrt, type Answers } from './foreign.ts';
import { exactly } from './interval.ts';
import type { Expected } from './project.ts';

type Sizes = Readonly<Record<string, number>>;
type Given = Readonly<Record<string, { readonly data: unknown; readonly dims: readonly number[] }>>;
type Answered = Readonly<Record<string, { readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] }>>;

const inputsOf = (feeds: Answers): Given => Object.fromEntries([...feeds].map(([name, tensor]) => [name, { data: toOrt(tensor).data, dims: tensor.dims }]));

interface SizeDemand {
  readonly left: number | string;
  readonly op: string;
  readonly right: number | string;
}

/** A size as the manifest writes it, at these values of its names. */
function sizeAt(written: number | string, sizes: Sizes): number {
  const text = String(written).replace(/[A-Za-z_]\w*/g, (name) => (name in sizes ? String(sizes[name]) : name));
  const bare = /^(-?\d+)(?: ([-+*]) (\d+))?$/.exec(text.replaceAll('*', ' * ').replace(/ +/g, ' '));
  if (bare === null) return NaN;
  const [left, right] = [Number(bare[1]), Number(bare[3])];
  return bare[2] === undefined ? left : bare[2] === '+' ? left + right : bare[2] === '-' ? left - right : left * right;
}

/** Whether the manifest demands sizes that these are not: ONNX Runtime makes empty tensors where a window does not fit, and takes them. */
function breaksDemand(bundle: string, sizes: Sizes): boolean {
  const { sizes: demands } = JSON.parse(readFileSync(path.join(bundle, 'manifest.json'), 'utf8')) as { readonly sizes: readonly SizeDemand[] };
  return demands.some(({ left, op, right }) => {
    const [a, b] = [sizeAt(left, sizes), sizeAt(right, sizes)];
    return op === '>=' ? a < b : op === '<=' ? a > b : op === '==' && a !== b && !Number.isNaN(a - b);
  });
}

export async function runtimeFaults(bundle: string, steps: readonly Answers[], expected: readonly Expected[], sizes: Sizes): Promise<readonly string[]> {
  let told = 0;
  await using model = await load(bundle, { device: 'cpu', onViolation: () => void told++ });
  const stream = steps.length > 1 ? model.start() : model;
  const wrong: string[] = [];
  for (const [i, feeds] of steps.entries()) {
    told = 0;
    const { outputs, found } = expected[i]!;
    const ofMode = (mode: string): readonly string[] => found.filter((each) => each.mode === mode).map(({ broken }) => broken);
    try {
      const answers = (await stream.run(inputsOf(feeds) as never)) as Answered;
      const read = new Map(Object.entries(answers).map(([name, { data, dims }]) => [name, exactly(outputs.get(name)!.dtype, dims, Array.from(data, Number))]));
      wrong.push(...compare(outputs, read).map((text) => `the runtime, run ${i}: ${text}`));
      if (ofMode('reject').includes('yes')) wrong.push(`the runtime, run ${i}: nothing is rejected`);
      if (ofMode('report').includes('yes') && told === 0) wrong.push(`the runtime, run ${i}: nothing is reported`);
      if (ofMode('report').every((broken) => broken === 'no') && told > 0) wrong.push(`the runtime, run ${i}: what is not broken is reported`);
    } catch (error) {
      const isRejected = error instanceof MdlRuntimeError && error.code === 'guard-rejected';
      if (isRejected && ofMode('reject').some((broken) => broken !== 'no')) return wrong;
      if (error instanceof MdlRuntimeError && error.code === 'input-shape' && breaksDemand(bundle, sizes)) return wrong;
      return [...wrong, `the runtime, run ${i}: ${String(error)}`];
    }
  }
  return wrong;
}
