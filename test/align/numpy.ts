/** numpy as an independent judge, where Debian's python3-numpy is installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readNpy, writeNpy } from '../../src/data/npy.ts';
import type { Features, Matrix } from '../../src/align/matrix.ts';

const python = '/usr/bin/python3';

/** Why numpy, or what is built upon it, cannot be asked here; undefined where it can. */
export function numpyMissing(wanted: 'numpy' | 'scipy' = 'numpy'): string | undefined {
  const probe = spawnSync(python, ['-c', `import ${wanted}`], { encoding: 'utf8' });
  return probe.status === 0 ? undefined : `${python} has no package ${wanted} (Debian: python3-${wanted})`;
}

/** Runs a script in which every input is a numpy array of its name; what it assigns to the outputs comes back. */
export function askNumpy(
  script: string,
  inputs: Readonly<Record<string, Matrix | Features>>,
  outputs: readonly string[],
): readonly Float64Array[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'mdl-numpy-'));
  try {
    const load = Object.entries(inputs).map(([name, { rows, columns, data }]) => {
      const array = writeNpy(
        {
          dtype: data instanceof Float64Array ? 'f64' : 'f32',
          dims: [rows, columns],
          bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
        },
        name,
      );
      if (!array.ok) throw new Error(array.finding.message);
      writeFileSync(path.join(folder, `${name}.npy`), array.value);
      return `${name} = np.load("${folder}/${name}.npy")`;
    });
    const save = outputs.map((name) => `np.save("${folder}/${name}.npy", np.ascontiguousarray(${name}, dtype="<f8"))`);
    const answer = spawnSync(python, ['-c', ['import numpy as np', ...load, script, ...save].join('\n')], {
      encoding: 'utf8',
    });
    if (answer.status !== 0) throw new Error(answer.stderr);
    return outputs.map((name) => {
      const array = readNpy(Uint8Array.from(readFileSync(path.join(folder, `${name}.npy`))), name);
      if (!array.ok) throw new Error(array.finding.message);
      const { buffer, byteOffset, byteLength } = Uint8Array.from(array.value.bytes);
      return new Float64Array(buffer, byteOffset, byteLength / 8);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
