/** A run of training that was stopped, on disk: what it was when it stopped, for the next one to go on from. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { EpochLoss, TrainingPlan, TrainingProblem, TrainingState } from '../../align/index.ts';
import { isRecord, parseJson } from '../../data/json.ts';
import { absentOr, integer, list, number, object, type Shape } from '../../data/shape.ts';
import { readSafetensors } from '../../data/safetensors.ts';
import { writeSafetensors } from '../../data/safetensors-write.ts';
import { canonicalJson } from '../../data/splits.ts';
import { makeFolders } from '../../host/make-folders.ts';
import { pieceRows } from '../data/feature-rows.ts';
import { describeAttribute, describeBytes, type DigestOf } from '../data/fingerprint.ts';

export interface Checkpoint {
  /** Undefined where there is none that can be read. */
  load(): TrainingState | undefined;
  /** Whether it is kept: without a folder, and in one that cannot be written, it is not. */
  save(state: TrainingState): boolean;
  remove(): void;
}

/** What a run learns from and how: another problem, another plan, or other weights of what is frozen behind it, is another run. */
export function runKey({ rows, columns, parameters, losses, program }: TrainingProblem, plan: TrainingPlan, split: readonly Uint32Array[], version: string, digestOf: DigestOf): string {
  const hash = createHash('sha256');
  const add = (value: unknown): void => void hash.update(canonicalJson(value)).update('\n');
  add({ ...plan, version });
  for (const { name, weight, options, operands } of losses) add([name, weight, [...options], operands]);
  for (const step of program.steps) if (step.kind === 'operation') add([step.op, step.inputs, step.outputs, [...step.attributes].map(([name, attribute]) => [name, describeAttribute(attribute)])]);
  for (const { name, dtype, dims, bytes } of program.initializers) add([name, dtype, dims, describeBytes(bytes, digestOf)]);
  for (const side of split) hash.update(side);
  add(parameters.map(({ frozen = false }) => frozen));
  for (const given of [...columns, ...parameters]) {
    add([given.value, given.dims]);
    if ('data' in given) hash.update(given.data);
    else for (let from = 0; from < rows; from += pieceRows) hash.update(given.pick(Uint32Array.from({ length: Math.min(pieceRows, rows - from) }, (_, i) => from + i)));
  }
  return hash.digest('hex');
}

/** Without a folder nothing is kept. */
export function openCheckpoint(folder: string | undefined, key: string): Checkpoint {
  if (folder === undefined) return { load: () => undefined, save: () => false, remove: () => {} };
  const file = path.join(folder, 'checkpoints', `${key}.safetensors`);
  return {
    load: () => load(file),
    save(state) {
      try {
        makeFolders(path.dirname(file));
        writeFileSync(`${file}.tmp`, bytesOf(state));
        renameSync(`${file}.tmp`, file);
        return true;
      } catch {
        // Learning goes on without: what is lost is what a killed run had come to.
        return false;
      }
    },
    remove() {
      if (existsSync(file)) rmSync(file, { force: true });
    },
  };
}

const numbersKey = 'mdl.checkpoint';

function bytesOf({ tensors, best, ...numbers }: TrainingState): Uint8Array {
  const named = [...tensors.map((data, i) => [`now.${i}`, data] as const), ...(best?.parameters ?? []).map((data, i) => [`best.${i}`, data] as const)];
  const written = { ...numbers, tensors: tensors.length, ...(best === undefined ? {} : { best: { epoch: best.epoch, loss: best.loss, parameters: best.parameters.length } }) };
  return writeSafetensors(
    named.map(([name, data]) => ({ name, dtype: 'f32', dims: [data.length], bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) })),
    { [numbersKey]: JSON.stringify(written) },
  );
}

function load(file: string): TrainingState | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const read = readSafetensors({ uri: 'memory:///checkpoint', size: bytes.length, read: (from, length) => bytes.subarray(from, from + length), close: () => {} });
  const parsed = read.ok ? parseJson(read.value.metadata[numbersKey] ?? '') : undefined;
  if (!read.ok || !parsed?.ok || !isRecord(parsed.value)) return undefined;
  if (writtenShape(parsed.value, '') !== undefined) return undefined;
  const { tensors, best, ...numbers } = parsed.value as unknown as Written;
  const floats = read.value.tensors.filter(({ dtype }) => dtype === 'f32');
  const byName = new Map(floats.map(({ name, offset, length }) => [name, new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + length)).buffer)]));
  const isWhole = (name: string, count: number): boolean => Array.from({ length: count }).every((_, i) => byName.has(`${name}.${i}`));
  if (!isWhole('now', tensors) || !isWhole('best', best?.parameters ?? 0)) return undefined;
  const take = (name: string, count: number): Float32Array[] => Array.from({ length: count }, (_, i) => byName.get(`${name}.${i}`)!);
  return { ...numbers, tensors: take('now', tensors), best: best && { ...best, parameters: take('best', best.parameters) } };
}

/** As `bytesOf` writes it: the file's name says that it is ours, and its key that it is of this run. */
interface Written extends Omit<TrainingState, 'tensors' | 'best'> {
  readonly tensors: number;
  readonly best?: { readonly epoch: number; readonly loss: number; readonly parameters: number };
}

const count = integer(0, 2 ** 20);
/** A disk that was full, or another program, may have left anything in its place. */
const writtenShape: Shape = object<Written>({
  epoch: count,
  step: integer(0, Number.MAX_SAFE_INTEGER),
  tensors: count,
  best: absentOr(object<NonNullable<Written['best']>>({ epoch: count, loss: number, parameters: count })),
  sum: number,
  history: list(object<EpochLoss>({ training: number, held: absentOr(number) })),
});
