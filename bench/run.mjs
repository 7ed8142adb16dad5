/** `npm run bench -- NAME [--option value]…` runs bench/NAME.mjs and ends in one line of JSON. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { yardstickMs } from './measure.mjs';

const own = ['run', 'measure', 'encoder'];
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.mjs'))
  .map((file) => path.basename(file, '.mjs'))
  .filter((name) => !own.includes(name));

const [name = '', ...rest] = process.argv.slice(2);
if (!names.includes(name)) {
  console.error(`usage: npm run bench -- NAME [--option value]…\nbenchmarks: ${names.join(', ')}`);
  process.exit(2);
}
process.chdir(path.dirname(import.meta.dirname));
const { options = {}, run } = await import(`./${name}.mjs`);
const { values } = parseArgs({ args: rest, options });
const yardstick = yardstickMs();
console.log(JSON.stringify({ benchmark: name, node: process.version, yardstickMs: yardstick, ...(await run(values)) }));
