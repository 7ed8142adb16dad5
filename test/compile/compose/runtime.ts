/** The runtime's answers, held to the same. */
import { load } from '../../../src/runtime/index.ts';
import { compare } from './compare.ts';
import { fromOrt, toOrt, type Answers } from './foreign.ts';

export async function runtimeFaults(bundle: string, feeds: Answers, expected: Answers): Promise<readonly string[]> {
  await using model = await load(bundle, { device: 'cpu' });
  const inputs = Object.fromEntries([...feeds].map(([name, tensor]) => [name, { data: toOrt(tensor).data, dims: tensor.dims }]));
  try {
    const answers = (await model.run(inputs as never)) as Readonly<Record<string, { readonly data: ArrayLike<number | bigint>; readonly dims: readonly number[] }>>;
    const found = new Map(Object.entries(answers).map(([name, { data, dims }]) => [name, fromOrt({ type: expected.get(name)?.dtype, data, dims } as never)]));
    return compare(expected, found).map((text) => `the runtime: ${text}`);
  } catch (error) {
    return [`the runtime: ${String(error)}`];
  }
}
