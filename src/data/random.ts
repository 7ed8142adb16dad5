/** Random numbers by a seed: the same on every machine, so that equal seeds give equal bytes. */

export interface Random {
  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number;
  /** Uniform among 0, 1, …, `below` - 1. */
  integer(below: number): number;
  /** Normal with mean 0 and variance 1. */
  normal(): number;
}

/** xoshiro128** (Blackman and Vigna 2018), its state filled from the seed by splitmix32. */
export function createRandom(seed: number): Random {
  const s = fillState(seed);
  const next = (): number => {
    const result = Math.imul(rotate(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotate(s[3]!, 11);
    return result;
  };
  const uniform = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) * 2 ** -53;
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const kept = spare;
      spare = undefined;
      return kept;
    }
    // Box and Muller 1958; 1 - u is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  return { uniform, integer: (below) => Math.floor(uniform() * below), normal };
}

const rotate = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

function fillState(seed: number): Uint32Array {
  let state = seed >>> 0;
  // The upper half of a large seed counts, too.
  const high = Math.floor(seed / 2 ** 32) >>> 0;
  return Uint32Array.from({ length: 4 }, (_, i) => {
    state = (state + 0x9e3779b9 + (i === 1 ? high : 0)) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  });
}

/** Shuffles in place (Fisher and Yates; Durstenfeld 1964). */
export function shuffle<T extends { readonly length: number; [index: number]: unknown }>(items: T, random: Random): T {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    const kept = items[i];
    items[i] = items[j];
    items[j] = kept;
  }
  return items;
}

/** 0, 1, …, `count` - 1 in random order. */
export const permutation = (count: number, random: Random): Uint32Array =>
  shuffle(
    Uint32Array.from({ length: count }, (_, i) => i),
    random,
  );
