/** Independent judges of composed files: ONNX Runtime, and ONNX's own checker where Python has it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { plainSession } from '../plain-session.ts';

const python = '/usr/bin/python3';

/** Why ONNX's checker cannot be asked here; undefined where it can. */
export function checkerMissing(): string | undefined {
  const probe = spawnSync(python, ['-c', 'import onnx'], { encoding: 'utf8' });
  if (probe.status === 0) return undefined;
  return `${python} has no package onnx (Debian: python3-onnx)`;
}

/** What ONNX's full checker says: "" where it is content. */
export function askChecker(bytes: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'mdl-checker-'));
  try {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, bytes);
    const script = 'import sys, onnx; onnx.checker.check_model(onnx.load(sys.argv[1]), full_check=True)';
    const answer = spawnSync(python, ['-c', script, path], { encoding: 'utf8' });
    return answer.status === 0 ? '' : answer.stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a model without any graph optimisation, so that what is computed is what is written. */
export async function runModel(
  bytes: Uint8Array,
  feeds: Record<string, ort.Tensor>,
): Promise<Record<string, ort.Tensor>> {
  const session = await ort.InferenceSession.create(bytes, plainSession);
  try {
    return (await session.run(feeds)) as Record<string, ort.Tensor>;
  } finally {
    await session.release();
  }
}

export const f32 = (dims: number[], values: number[]): ort.Tensor =>
  new ort.Tensor('float32', Float32Array.from(values), dims);
export const i64 = (dims: number[], values: (number | bigint)[]): ort.Tensor =>
  new ort.Tensor('int64', BigInt64Array.from(values.map(BigInt)), dims);

/** The bytes of a tensor's elements: equal exactly when the numbers are, to the last bit. */
export function bitsOf(tensor: ort.Tensor | undefined): string {
  const data = tensor!.data as Float32Array;
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex');
}

export const numbersOf = (tensor: ort.Tensor | undefined): number[] => Array.from(tensor!.data as Float32Array);
