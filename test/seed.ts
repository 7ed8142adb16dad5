/**
 * Property tests draw the same cases in every run, so that a run that fails can be repeated and one that passes says the
 * same elsewhere. `MDL_SEED=random npm test` draws anew, `MDL_SEED=42` others; a failure prints its seed in any case.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';

const wanted = process.env['MDL_SEED'] ?? '20261122';
export const seed = wanted === 'random' ? randomInt(2 ** 31) : Number(wanted);

// Without `defaultSizeToMaxWhenMaxSpecified` a list of `maxLength: 200` never has more than ten elements.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed, defaultSizeToMaxWhenMaxSpecified: true });
