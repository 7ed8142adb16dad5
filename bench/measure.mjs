/** Times by turns: what disturbs the machine for a while disturbs every candidate alike. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';

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

/**
 * What a fixed piece of JavaScript takes here, in milliseconds, median of nine: names made, sorted and counted. Machines, and the
 * same machine on other days, are told apart by it; times divided by it can be set side by side.
 *
 * @returns {number}
 */
export function yardstickMs() {
  const times = Array.from({ length: 9 }, () => {
    const started = performance.now();
    const words = Array.from({ length: 40000 }, (_, i) => `w${Math.imul(i, 2654435761) >>> 12}`).sort();
    const counts = new Map();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return performance.now() - started;
  });
  return round2(median(times));
}

export const round2 = (value) => Math.round(value * 100) / 100;

/**
 * Milliseconds of each run by the clock; by the processor, which other processes do not lengthen, of each run or, where candidates
 * take turns after `block` runs, the mean of a block: what is short then runs as under steady load.
 *
 * @param {Record<string, () => Promise<unknown>>} candidates
 * @param {number} runs of each
 * @param {{ block?: number, warm?: number }} how `warm`: runs before those that count, for Node compiles what has run some thousand times
 */
export async function byTurns(candidates, runs, { block = 1, warm = 10 * block } = {}) {
  const empty = () => Object.fromEntries(Object.keys(candidates).map((name) => [name, []]));
  const [times, cpu] = [empty(), empty()];
  for (let round = -Math.ceil(warm / block); round < Math.ceil(runs / block); round++) {
    for (const [name, task] of Object.entries(candidates)) {
      const used = process.cpuUsage();
      for (let i = 0; i < block; i++) {
        const started = performance.now();
        await task();
        if (round >= 0) times[name].push(performance.now() - started);
      }
      const { user, system } = process.cpuUsage(used);
      if (round >= 0) cpu[name].push((user + system) / 1000 / block);
    }
  }
  return { times, cpu };
}

export const ratios = (left, right) => left.map((time, i) => time / right[i]);
export const quantile = (values, q) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
export const round = (value) => Number(value.toFixed(2));
export const us = (values, q) => round(1000 * quantile(values, q));
export const ms = (values, q) => round(quantile(values, q));

/** Runs the command of this package, and insists on success. */
export function mdl(cwd, args) {
  const { status, stderr } = spawnSync(process.execPath, [path.resolve('dist/js/cli.cjs'), ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`mdl ${args.join(' ')} ended with ${status}\n${stderr}`);
}
