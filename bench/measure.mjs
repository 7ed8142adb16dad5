/** Times by turns: what disturbs the machine for a while disturbs every candidate alike. */
import { spawnSync } from 'node:child_process';

/**
 * Runs every candidate once to warm up, then `rounds` times by turns.
 *
 * @param {Record<string, () => unknown>} candidates the first is what the others are compared with
 * @param {number} rounds
 * @returns {Promise<Record<string, { medianMs: number, ratio: number }>>} `ratio` is the median over the rounds of
 *   this candidate's time divided by the first one's in the same round
 */
export async function compare(candidates, rounds) {
  const names = Object.keys(candidates);
  for (const name of names) await candidates[name]();
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times[name].push(await elapsed(candidates[name]));
  }
  const base = times[names[0]];
  const row = (own) => ({
    medianMs: round2(median(own)),
    ratio: round2(median(own.map((time, i) => time / base[i]))),
  });
  const rows = Object.fromEntries(names.map((name) => [name, row(times[name])]));
  for (const [name, { medianMs, ratio }] of Object.entries(rows)) console.log(`${name}: ${medianMs} ms, ${ratio} ×`);
  return rows;
}

/** A candidate that runs Node with these arguments, and insists on success. It may be given more of an environment. */
export function nodeCommand(...args) {
  return (environment = {}) => {
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, ...environment } });
    if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}\n${stderr}`);
  };
}

async function elapsed(task) {
  const started = performance.now();
  await task();
  return performance.now() - started;
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const round2 = (value) => Math.round(value * 100) / 100;
