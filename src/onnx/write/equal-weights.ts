/** Weights with equal bytes, wherever they come from: two exports of one encoder, or two heads that were trained as one. */
import type { Tensor, TensorBytes } from '../../ir/graph.ts';
import { neededBy } from '../../ir/needs.ts';
import type { Link, Program } from '../../ir/program.ts';
import type { OnnxFile } from '../read/file.ts';

/** The bytes at [from, from + length) of a tensor's elements. */
export type ReadElements = (bytes: TensorBytes, from: number, length: number) => Uint8Array;

/** Smaller ones are not worth a comparison. */
const leastBytes = 1024;
/** Weights of one shape differ at once, as a rule: only those with equal beginnings are read whole. */
const sampleBytes = 1024;
const chunkBytes = 1024 * 1024;
/** With so many different weights of one beginning a weight is compared; a file made to be slow has more. */
const mostRivals = 8;

interface Weight<K> {
  readonly key: K;
  /** Weights of one home are not compared with each other. */
  readonly home: string;
  readonly tensor: Tensor;
}

/** For each weight that equals an earlier one of another home: that one's key. */
function findEqual<K>(weights: readonly Weight<K>[], read: ReadElements): ReadonlyMap<K, K> {
  const equal = new Map<K, K>();
  for (const alike of groupBy(weights, ({ tensor }) => `${tensor.dtype} ${tensor.dims.join(' ')}`)) {
    if (new Set(alike.map(({ home }) => home)).size < 2) continue;
    const beginning = ({ tensor: { bytes } }: Weight<K>): string =>
      String.fromCharCode(...read(bytes!, 0, Math.min(sampleBytes, bytes!.length)));
    for (const rivals of groupBy(alike, beginning)) settle(rivals, read, equal);
  }
  return equal;
}

function settle<K>(rivals: readonly Weight<K>[], read: ReadElements, equal: Map<K, K>): void {
  const distinct: Weight<K>[] = [];
  for (const weight of rivals) {
    const same = distinct.find((other) => other.home !== weight.home && areEqual(other.tensor.bytes!, weight.tensor.bytes!, read));
    if (same !== undefined) equal.set(weight.key, same.key);
    else if (distinct.length < mostRivals) distinct.push(weight);
  }
}

function areEqual(a: TensorBytes, b: TensorBytes, read: ReadElements): boolean {
  const isSameRange = !(a instanceof Uint8Array) && !(b instanceof Uint8Array) && a.uri === b.uri && a.offset === b.offset;
  if (isSameRange) return a.length === b.length;
  for (let at = 0; at < a.length; at += chunkBytes) {
    const length = Math.min(chunkBytes, a.length - at);
    if (!haveEqualBytes(read(a, at, length), read(b, at, length))) return false;
  }
  return true;
}

/** Four bytes at a time: these are the only loops over all bytes of a weight. */
function haveEqualBytes(a: Uint8Array, b: Uint8Array): boolean {
  // Copies begin at the start of their buffers, as words have to.
  const [left, right] = [a.slice(), b.slice()];
  const count = left.length >> 2;
  const [leftWords, rightWords] = [new Uint32Array(left.buffer, 0, count), new Uint32Array(right.buffer, 0, count)];
  for (let i = 0; i < count; i++) if (leftWords[i] !== rightWords[i]) return false;
  for (let i = count * 4; i < left.length; i++) if (left[i] !== right[i]) return false;
  return true;
}

function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): Iterable<readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups.values();
}

const isLarge = ({ dtype, bytes }: Tensor): boolean => dtype !== 'string' && bytes !== undefined && bytes.length >= leastBytes;

/** A constant of a file. */
export interface ConstantOf {
  readonly uri: string;
  readonly name: string;
}

/** The constant of an earlier file that one of a file equals; undefined where there is none. */
export type EqualConstant = (uri: string, name: string) => ConstantOf | undefined;

export function findEqualConstants(links: ReadonlyMap<Link, OnnxFile>, read: ReadElements): EqualConstant {
  const files = [...new Map([...links.values()].map((file) => [file.uri, file])).values()];
  const weights = files.flatMap(({ uri, graph }) =>
    [...graph.initializers].flatMap(([name, tensor]) => (isLarge(tensor) ? [{ key: `${uri}\n${name}`, home: uri, tensor }] : [])),
  );
  const equal = findEqual(weights, read);
  return (uri, name) => {
    const [home = '', other = ''] = equal.get(`${uri}\n${name}`)?.split('\n') ?? [];
    return home === '' ? undefined : { uri: home, name: other };
  };
}

/** The program with each of its own weights once. Those that subgraphs of its operators take from around them stay. */
export function shareInitializers(program: Program, read: ReadElements): Program {
  const captured = new Set(
    program.steps.flatMap((step) => (step.kind === 'link' ? [] : [...neededBy(step)].filter((name) => !step.inputs.includes(name)))),
  );
  const weights = program.initializers.flatMap((tensor) =>
    isLarge(tensor) && !captured.has(tensor.name) ? [{ key: tensor.name, home: tensor.name, tensor }] : [],
  );
  const equal = findEqual(weights, read);
  if (equal.size === 0) return program;
  const value = (name: string): string => equal.get(name) ?? name;
  return {
    ...program,
    outputs: program.outputs.map((port) => ({ ...port, value: value(port.value) })),
    steps: program.steps.map((step) =>
      step.kind === 'link'
        ? { ...step, inputs: new Map([...step.inputs].map(([input, from]) => [input, value(from)])) }
        : { ...step, inputs: step.inputs.map(value) },
    ),
    initializers: program.initializers.filter(({ name }) => !equal.has(name)),
  };
}
