/** A bundle as bare sessions of ONNX Runtime run it: the file, and behind it each head. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../../src/bundle/manifest.ts';
import { runFile, type Answers, type Optimised } from './foreign.ts';

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export const readManifest = (bundle: string): Manifest => JSON.parse(readFileSync(path.join(bundle, 'manifest.json'), 'utf8')) as Manifest;

/** Several runs in a row, each with the states that the one before left. */
export async function runBundle(bundle: string, steps: readonly Answers[], first: Answers, level: Optimised): Promise<readonly Answers[] | string> {
  const { states = [] } = readManifest(bundle);
  const all: Answers[] = [];
  let carried = new Map(states.map(({ name, tensor }) => [tensor.onnx, first.get(name)!]));
  for (const feeds of steps) {
    const found = await runOnce(bundle, new Map([...feeds, ...carried]), level);
    if (typeof found === 'string') return found;
    all.push(found);
    carried = new Map(states.map(({ tensor, next }) => [tensor.onnx, found.get(next)!]));
  }
  return all;
}

async function runOnce(bundle: string, feeds: Answers, level: Optimised): Promise<Answers | string> {
  const { onnx, heads = [] } = readManifest(bundle);
  const known = new Map(feeds);
  for (const { path: name } of [onnx, ...heads]) {
    const answers = await runFile(path.join(bundle, name), known, level);
    if (typeof answers === 'string') return answers;
    for (const [key, value] of answers) known.set(key, value);
  }
  return known;
}
