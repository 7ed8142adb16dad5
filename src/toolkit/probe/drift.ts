/** `mdl probe --record` and `--against`: vectors written down, and those of today compared with them. */
import { oneOfEach, selectRows, type Features, type RowGroups, type Verdict } from '../../align/index.ts';
import type { CheckedProbe } from '../../check/tools/index.ts';
import { driftCodes } from '../../diagnostics/codes/drift.ts';
import { createRandom, permutation } from '../../data/random.ts';
import { driftOf, type Drift } from '../../drift/drift.ts';
import { recordOf } from '../../drift/make-record.ts';
import type { ProbeRecord, ProbeRecords } from '../../drift/record.ts';
import { refuse } from '../errors.ts';
import { probeFingerprint } from './lower-probe.ts';
import type { ProbeResult } from './probe.ts';
import { probedSpaces } from './probed-vectors.ts';
import type { Workbench } from '../workbench.ts';

const seed = 0;

export function probeRecord(probe: CheckedProbe, { rows, grouped, vectors, together, digest }: ProbeResult, date: string, { host, lowerTerms }: Workbench): ProbeRecord {
  return { date, encoders: probeFingerprint(probe, host, lowerTerms) ?? '', data: digest, rows, ...(grouped === undefined ? {} : { grouped }), spaces: new Map(vectors.map(({ name, features }) => [name, recordOf(apart(features, together), seed)])) };
}

/** Rows of a group, and copies, move together: one of each speaks for it, drawn at random, the same in all spaces. */
const apart = (features: Features, together: RowGroups | undefined): Features =>
  together === undefined ? features : selectRows(features, oneOfEach(permutation(features.rows, createRandom(seed)), together));

export interface ProbeDrift {
  readonly name: string;
  readonly rows: number;
  /** How many groups or different examples are compared, one row of each, where some belong together. */
  readonly grouped?: ProbeResult['grouped'];
  readonly against: Pick<ProbeRecord, 'date' | 'rows' | 'grouped'>;
  /** Whether the vectors are computed as they were, and whether of the same data. */
  readonly sameEncoders: boolean;
  readonly sameData: boolean;
  readonly spaces: readonly { readonly part: string; readonly drift: Drift }[];
  readonly drifted: boolean;
  /** INCONCLUSIVE where nothing moved, and too few rows were there to show it. */
  readonly verdict: Verdict;
}

/** The spaces of a probe as they are today against a record; `file` names it in findings. */
export async function runDrift(probe: CheckedProbe, records: ProbeRecords, file: string, bench: Workbench): Promise<ProbeDrift> {
  const other = (reason: string, notes: readonly string[] = []): never => refuse(driftCodes.finding('record-other', { file, reason }, notes), probe.location);
  const known = [...records.keys()].map((name) => `\`${name}\``).join(', ') || 'none';
  const record = records.get(probe.name) ?? other(`it has nothing of \`probe ${probe.name}\`${records.size === 0 ? ' and of no other' : `, but of ${known}`}`);
  const { rows, spaces, together, digest } = await probedSpaces(probe, bench);
  const compared = spaces.map(({ name, features }) => {
    const reference = record.spaces.get(name) ?? other(`it has nothing of \`${name}\``);
    const drift = driftOf(reference, apart(features, together), seed);
    return { part: name, drift: drift ?? other(`the vectors of \`${name}\` had ${reference.columns} numbers, and have ${features.columns}`, ['Another width is another space: nothing that was trained on the old one can read it.']) };
  });
  const drifted = compared.some(({ drift }) => drift.drifted);
  const sameEncoders = probeFingerprint(probe, bench.host, bench.lowerTerms) === record.encoders;
  const grouped = together && { count: together.count, words: together.words };
  return { name: probe.name, rows, ...(grouped === undefined ? {} : { grouped }), against: { date: record.date, rows: record.rows, ...(record.grouped === undefined ? {} : { grouped: record.grouped }) }, sameEncoders, sameData: digest === record.data, spaces: compared, drifted, verdict: drifted ? 'FAIL' : compared.some(({ drift }) => drift.needed !== undefined) ? 'INCONCLUSIVE' : 'PASS' };
}
