/** Puts swaps to the gates of which it is known what is wrong with them. Prints each verdict and ends in one line of JSON. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { heading, percent, say } from '../project.mjs';
import { writeData } from './data.mjs';

const here = import.meta.dirname;
const cli = path.resolve(here, '../../dist/js/cli.cjs');

/** Minutes on two cores; words.mdl, whose texts are run one by one, takes about as long again and is verified by hand. */
export async function run() {
  await writeData();
  const verdicts = {};
  for (const file of ['gates.mdl', 'reverse.mdl']) {
    heading(`mdl verify ${file}`);
    const { stdout, stderr } = spawnSync(process.execPath, [cli, 'verify', path.join(here, file), '--json', '--no-history'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
    if (stdout === '') throw new Error(stderr);
    for (const { name, verdict, swaps: [{ heads, gates }] } of JSON.parse(stdout).results) {
      const others = gates.filter((gate) => gate.verdict !== 'PASS').map((gate) => `${gate.gate.slice(0, 2)} ${gate.verdict}`);
      const { own, swapped } = heads.clothes.accuracy;
      say(`   ${name}: ${verdict}; accuracy ${percent(own)} before, ${percent(swapped)} after${others.length === 0 ? '' : `; ${others.join(', ')}`}`);
      verdicts[name] = verdict;
    }
  }
  const result = { example: 'bridges', verdicts };
  say(`\n${JSON.stringify(result)}`);
  return result;
}
