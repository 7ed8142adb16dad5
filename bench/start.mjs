/** `mdl check` of an example against Node's bare start: as it was at the last check, after an edit, and without a cache. */
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { compare, nodeCommand } from './measure.mjs';

export const options = {
  file: { type: 'string', default: 'examples/glosses/glosses.mdl' },
  rounds: { type: 'string', default: '31' },
};

export async function run({ file, rounds }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mdl-start-'));
  try {
    cpSync(path.dirname(file), folder, { recursive: true });
    return await compare(candidates(path.join(folder, path.basename(file)), folder), Number(rounds));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function candidates(file, folder) {
  const check = nodeCommand('dist/js/cli.cjs', 'check', file);
  return {
    'node -e 0': nodeCommand('-e', '0'),
    'mdl --version': nodeCommand('dist/js/cli.cjs', '--version'),
    'mdl check': check,
    'mdl check, after an edit': () => {
      appendFileSync(file, '// edited\n');
      check();
    },
    'mdl check, without a cache': () => check({ XDG_CACHE_HOME: mkdtempSync(path.join(folder, 'cache-')) }),
  };
}
