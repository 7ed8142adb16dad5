import { defineCodes } from '../define.ts';

interface Changed {
  /** `use` */
  readonly name: string;
  readonly version: string;
}

/** What of a space may be another one, in words. */
const changedOf: Readonly<Record<'encoder' | 'weights' | 'body', (space: string, by: readonly string[]) => string>> = {
  encoder: (space) => `the encoder of the space \`${space}\` changed`,
  weights: (space) => `the weights that lead into the space \`${space}\` changed`,
  body: (space, by) => `${by.map((name) => `\`${name}\``).join(', ')} ${by.length === 1 ? 'gives' : 'give'} other vectors of the space \`${space}\``,
};

/** `mdl.lock`: its form, and what it remembers against what is there. */
export const lockCodes = defineCodes({
  'lock-invalid': {
    severity: 'error',
    title: 'A lock file that cannot be read',
    message: (a: { reason: string }) => `this is not a lock file: ${a.reason}`,
  },
  'lock-version': {
    severity: 'error',
    title: 'A lock file of another version of MDL',
    message: (a: { found: number; known: number }) =>
      `the lock file has the form ${a.found}, and this version of MDL knows form ${a.known}`,
  },
  'lock-missing': {
    severity: 'error',
    title: 'No lock file where one is demanded',
    message: (a: { path: string }) => `there is no ${a.path}, and --locked demands it`,
  },
  'lock-outdated': {
    severity: 'error',
    title: 'Something that the lock file does not know',
    message: (a: { what: string }) => `${a.what} is not in mdl.lock, and --locked forbids to add it`,
  },
  'lock-mismatch': {
    severity: 'error',
    title: 'A file that is not the locked one',
    message: (a: { path: string }) => `${a.path} is not the file of mdl.lock, and --locked forbids to lock it anew`,
  },
  'space-changed': {
    severity: 'error',
    title: 'A space whose encoder changed under the same version',
    message: (a: Changed & ({ what: 'encoder' | 'weights' } | { what: 'body'; by: readonly string[] })) => `${changedOf[a.what](a.name, 'by' in a ? a.by : [])}, but its version is still ${a.version}`,
  },
  'space-joined': {
    severity: 'error',
    title: 'Another encoder in a space that has one',
    message: (a: Changed & { count: number }) => `${a.count === 1 ? 'another encoder joins' : `${a.count} other encoders join`} the space \`${a.name}\` under its version ${a.version}`,
  },
  'tokenizer-changed': {
    severity: 'error',
    title: 'A tokenizer that changed under the same version',
    message: (a: Changed) => `the file of the tokenizer \`${a.name}\` changed, but its version is still ${a.version}`,
  },
});
