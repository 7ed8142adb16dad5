/** `mdl upgrade` of models that give the vectors themselves: what becomes of who keeps them in an index. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createFolder, mdl } from '../cli/harness.ts';
import { jsonl, world } from './made-world.ts';

const folders: { remove: () => void }[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

const parts = `import { last, linear, softmax } from "std/nn"
import { truncate } from "std/text"

labels Kind = ["a", "b", "c", "d"]
space right @ 1.0.0
space left @ 1.0.0
contract Both = f32[batch, 32]
contract RightVec = f32[batch, 16] where space right
contract LeftVec = f32[batch, 16] where space left

adapter Right(z: Both) -> RightVec weights "./right.safetensors" { z |> truncate(to: 16) |> linear(out: 16) }
adapter Left(z: Both) -> LeftVec weights "./left.safetensors" { z |> last(n: 16) |> linear(out: 16) }
head Tell @ 1.0.0 (e: LeftVec) -> f32[batch, Kind] where range [0, 1], sum(-1) == 1 weights "./tell.safetensors" = learned { e |> linear(out: Kind) |> softmax }
fit Tell { data d = "./heads.jsonl" loss cross_entropy(Tell(Left(d.z)), d.label) method prototypes }
`;
const searched = `import { Both, Left, LeftVec, Tell } from "./parts.mdl"

/// Answers, and what an index holds.
model Search {
  input z: Both
  let e = Left(z)
  output kind = Tell(e)
  output vector: LeftVec = e
}
`;
const stored = `import { Both, Left } from "./parts.mdl"

/// What an index holds.
model Store {
  input z: Both
  let e = z |> Left
  output vector = e
}
`;

/** The identity, as weights of a `linear`. */
function identity(): Uint8Array {
  const header = JSON.stringify({ 'linear.w': { dtype: 'F32', shape: [16, 16], data_offsets: [0, 1024] }, 'linear.b': { dtype: 'F32', shape: [16], data_offsets: [1024, 1088] } });
  const numbers = Float32Array.from({ length: 272 }, (_, i) => (i < 256 && i % 17 === 0 ? 1 : 0));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  return Uint8Array.from([...length, ...new TextEncoder().encode(header), ...new Uint8Array(numbers.buffer)]);
}

async function project(): Promise<string> {
  const made = createFolder({ 'package.json': '{ "name": "upgrades" }', 'parts.mdl': parts, 'search.mdl': searched, 'store.mdl': stored, 'left.safetensors': identity(), 'right.safetensors': identity(), 'heads.jsonl': jsonl(world(400, 1)), 'pairs.jsonl': jsonl(world(400, 2)), 'held.jsonl': jsonl(world(900, 3)) });
  folders.push(made);
  expect(await mdl(made.path, ['fit', 'parts.mdl'])).toMatchObject({ code: 0 });
  return made.path;
}
const call = (file: string, ...more: string[]): string[] => ['upgrade', file, 'Left', 'Right', '--margin', '5%', ...more];
const data = ['--data', 'pairs.jsonl', '--test', 'held.jsonl'];

interface Ran {
  readonly rows: readonly { readonly outputs: { readonly vector: { readonly data: readonly number[] }; readonly kind?: { readonly top: readonly { readonly label: string }[] } } }[];
}

/** What the file's model answers on the first examples that were held out. */
async function answersOf(folder: string, file: string): Promise<Ran['rows']> {
  writeFileSync(path.join(folder, 'z.json'), JSON.stringify(Array.from({ length: 20 }, (_, row) => numbersOf(row))));
  const { stdout, stderr } = await mdl(folder, ['run', file, '--input', 'z=z.json', '--json']);
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as Ran).rows;
}
const held = world(900, 3);
/** The numbers of an example: those of the new encoder, and behind them those of the old one. */
const numbersOf = (row: number): number[] => [held.x, held.y].flatMap(({ data: numbers }) => [...numbers.subarray(16 * row, 16 * row + 16)]);

test('without --reindex nothing is written where the index does not serve, and it is said what to type', async () => {
  const folder = await project();
  const { code, stdout } = await mdl(folder, [...call('search.mdl'), ...data, '--write']);
  expect([code, stdout.split('\n', 1)[0]]).toEqual([1, 'Left by Right: re-index']);
  expect(stdout).toContain('With --reindex the outputs give the new vectors as they are, and the bridge is for the heads alone.\n');
  expect(stdout).toContain('\nNothing was written, for the index has to be computed anew: --reindex --write. It would be:\n');
  expect(readFileSync(path.join(folder, 'search.mdl'), 'utf8')).toBe(searched);
  expect(existsSync(path.join(folder, 'left-by-right.mdl'))).toBe(false);
}, 120_000);

test('with it, heads read bridged vectors, and the output gives those of the new encoder', async () => {
  const folder = await project();
  const before = await answersOf(folder, 'search.mdl');
  expect(before.map(({ outputs }) => outputs.vector.data)).toEqual(before.map((_, row) => numbersOf(row).slice(16)));
  const { code, stdout, stderr } = await mdl(folder, [...call('search.mdl'), ...data, '--reindex', '--write']);
  expect([code, stderr, stdout.split('\n', 1)[0]]).toEqual([0, '', 'Left by Right: re-index']);
  expect(stdout).toContain('  Compute the index anew: `vector` of `Search` gives the vectors of `Right` as they are.');
  expect(readFileSync(path.join(folder, 'search.mdl'), 'utf8')).toBe(searched.replace('{ Both, Left, LeftVec, Tell } from "./parts.mdl"', '{ Both, Tell } from "./parts.mdl"\nimport { LeftByRight } from "./left-by-right.mdl"\nimport { Right, RightVec } from "./parts.mdl"').replace('e = Left(z)', 'e = LeftByRight(z)').replace('vector: LeftVec = e', 'vector: RightVec = Right(z)'));
  const after = await answersOf(folder, 'search.mdl');
  expect(after.map(({ outputs }) => outputs.vector.data)).toEqual(after.map((_, row) => numbersOf(row).slice(0, 16)));
  const kinds = (rows: Ran['rows']): (string | undefined)[] => rows.map(({ outputs }) => outputs.kind?.top[0]!.label);
  expect(kinds(after).filter((kind, row) => kind === kinds(before)[row]).length).toBeGreaterThanOrEqual(19);
  expect(await mdl(folder, ['check', '--locked'])).toMatchObject({ code: 0, stdout: expect.not.stringMatching(/warning|error\[/) as string });
  expect(await mdl(folder, ['verify', 'left-by-right.verify.mdl'])).toMatchObject({ code: 0 });
}, 180_000);

test('of a model of vectors alone, no data are asked for and nothing is bridged', async () => {
  const folder = await project();
  const { code, stdout, stderr } = await mdl(folder, [...call('store.mdl'), '--reindex', '--write']);
  expect([code, stderr, stdout.split('\n', 2)]).toEqual([0, '', ['Left by Right: re-index', '  Compute the index anew: `vector` of `Store` gives the vectors of `Right` as they are. Beside the old ones, or asked of the old index, they say nothing.']]);
  expect(stdout).toContain('\nwritten: store.mdl\n');
  expect(readFileSync(path.join(folder, 'store.mdl'), 'utf8')).toBe(stored.replace('{ Both, Left } from "./parts.mdl"', '{ Both } from "./parts.mdl"\nimport { Right } from "./parts.mdl"').replace('z |> Left', 'Right(z)'));
  expect((await answersOf(folder, 'store.mdl')).map(({ outputs }) => outputs.vector.data)).toEqual(Array.from({ length: 20 }, (_, row) => numbersOf(row).slice(0, 16)));
});

test('where no output is the vectors there is no index', async () => {
  const folder = await project();
  writeFileSync(path.join(folder, 'store.mdl'), stored.replace('Left }', 'Left, Tell }').replace('vector = e', 'kind = Tell(e)'));
  expect(await mdl(folder, [...call('store.mdl'), '--reindex'], { columns: 300 })).toMatchObject({ code: 2, stderr: expect.stringContaining('no output of the models is the vectors themselves, so there is no index to be made anew: leave --reindex out') as string });
});
