/** `mdl check` of an example against Node's bare start. */
import { compare, nodeCommand } from './measure.mjs';

export const options = {
  file: { type: 'string', default: 'examples/glosses/glosses.mdl' },
  rounds: { type: 'string', default: '31' },
};

export async function run({ file, rounds }) {
  return compare(
    {
      'node -e 0': nodeCommand('-e', '0'),
      'mdl --version': nodeCommand('dist/js/cli.cjs', '--version'),
      'mdl check': nodeCommand('dist/js/cli.cjs', 'check', file),
    },
    Number(rounds),
  );
}
