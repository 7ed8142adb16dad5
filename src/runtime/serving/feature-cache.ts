/** What an encoder gave for an input, kept by the input's content, so that equal inputs pay for their heads only. */
import { createHash, type Hash } from 'node:crypto';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { describeInput } from '../inputs/describe.ts';
import { raise } from '../errors.ts';
import type { RawTensor } from '../session.ts';

export interface CacheStatistics {
  /** Runs of an encoder that were not needed, and those that were. */
  readonly hits: number;
  readonly misses: number;
  /** Hits of all that were asked for, from 0 to 1; 0 where nothing was. */
  readonly hitRate: number;
  /** Bytes that are kept, and how many at most. */
  readonly bytes: number;
  readonly limit: number;
  readonly entries: number;
}

/** Features of one or several models; models with the same encoder share theirs. */
export interface FeatureCache {
  readonly statistics: CacheStatistics;
  clear(): void;
}

export type Features = ReadonlyMap<string, RawTensor>;

interface Entry {
  readonly features: Features;
  readonly bytes: number;
}

interface Kept extends FeatureCache {
  /** The features of a key: kept ones, those of a run under way, or those of a run that begins now. */
  find(key: string, compute: () => Promise<Features>): Promise<Features>;
}

const kept = new WeakMap<FeatureCache, Kept>();

/** A cache of at most `limit` bytes of features. The least recently used go first. */
export function createFeatureCache(limit: number): FeatureCache {
  if (!(Number.isSafeInteger(limit) && limit > 0)) {
    raise(runtimeCodes.finding('runtime-options', { option: 'limit', expected: 'a number of bytes from 1', found: describeInput(limit) }));
  }
  // A Map keeps the order in which keys were set: the first is the least recently used.
  const entries = new Map<string, Entry>();
  const underWay = new Map<string, Promise<Features>>();
  const counts = { hits: 0, misses: 0, bytes: 0 };

  function keep(key: string, features: Features): void {
    const bytes = [...features.values()].reduce((sum, tensor) => sum + bytesOf(tensor), 0);
    if (bytes > limit) return;
    drop(key);
    entries.set(key, { features, bytes });
    counts.bytes += bytes;
    for (const oldest of entries.keys()) {
      if (counts.bytes <= limit) return;
      drop(oldest);
    }
  }

  function drop(key: string): void {
    counts.bytes -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  }

  async function computeOnce(key: string, compute: () => Promise<Features>): Promise<Features> {
    const running = compute();
    underWay.set(key, running);
    try {
      const features = await running;
      keep(key, features);
      return features;
    } finally {
      underWay.delete(key);
    }
  }

  const cache: Kept = {
    get statistics() {
      return { ...counts, hitRate: counts.hits / Math.max(1, counts.hits + counts.misses), limit, entries: entries.size };
    },
    clear() {
      entries.clear();
      counts.bytes = 0;
    },
    async find(key, compute) {
      const entry = entries.get(key);
      if (entry !== undefined) {
        entries.delete(key);
        entries.set(key, entry);
      }
      const found = entry?.features ?? underWay.get(key);
      counts[found === undefined ? 'misses' : 'hits']++;
      return found ?? computeOnce(key, compute);
    },
  };
  kept.set(cache, cache);
  return cache;
}

/** The cache behind what an app was given; undefined where it is none. */
export const keptBy = (cache: unknown): Kept | undefined =>
  typeof cache === 'object' && cache !== null ? kept.get(cache as FeatureCache) : undefined;

export type { Kept };

/** The encoder and its contract, the features that are wanted of it, and the content of all that it is given. */
export function featureKey(encoder: string, feeds: Features, wanted: readonly string[]): string {
  const hash = createHash('sha256').update(encoder);
  for (const name of [...wanted].sort()) update(hash, name);
  for (const [name, { dtype, dims, data }] of [...feeds].sort(([a], [b]) => (a < b ? -1 : 1))) {
    update(hash, `${name} ${dtype} ${dims.join()}`);
    if (ArrayBuffer.isView(data)) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    else for (const text of data) update(hash, text);
  }
  return hash.digest('base64');
}

/** Texts with their lengths: `ab`, `c` is not `a`, `bc`. */
const update = (hash: Hash, text: string): Hash => hash.update(`${text.length} ${text}\n`);

const bytesOf = ({ data }: RawTensor): number =>
  ArrayBuffer.isView(data) ? data.byteLength : data.reduce((sum, text) => sum + 2 * text.length, 0);

/** A copy for the app, which may change what it is given. */
export const copyTensor = (tensor: RawTensor): RawTensor => ({ ...tensor, data: tensor.data.slice() as RawTensor['data'] });
