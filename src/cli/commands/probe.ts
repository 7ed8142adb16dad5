/** `mdl probe`: how the spaces of parts look, what a joint of two needs, and what moved since a record was written. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import type { CheckedProbe } from '../../check/tools/index.ts';
import { fileCodes } from '../../diagnostics/codes/files.ts';
import { printRecords, readRecords, type ProbeRecord, type ProbeRecords } from '../../drift/record.ts';
import { reasonOf } from '../../host/system-error.ts';
import { writeText } from '../../host/write-text.ts';
import { emptyLock, lockUriOf, printLock, readLock } from '../../packages/index.ts';
import { pathFromLock } from '../../packages/lock-place.ts';
import { probeRecord, runDrift, type ProbeDrift } from '../../toolkit/probe/drift.ts';
import { probeFingerprint, probeGrounds } from '../../toolkit/probe/lower-probe.ts';
import { measureSpace } from '../../toolkit/probe/measured.ts';
import { runProbe, type ProbeResult } from '../../toolkit/probe/probe.ts';
import { driftOutcome, probeOutcome } from '../../toolkit/runs.ts';
import { studyProbe } from '../../toolkit/study/probe-study.ts';
import type { Workbench } from '../../toolkit/workbench.ts';
import { text, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { createProject, type Project } from '../project/project.ts';
import { driftText, probeText } from '../show/show-probe.ts';
import { existing, placeToWrite } from '../project/sources.ts';
import { refuse } from '../stop.ts';
import { carryOut, type Carried } from '../project/tools.ts';

export const command = (call: Call): Promise<number> => {
  const against = text(call, 'against');
  // A record of what drifted in the place of what it was held to would hide the drift from the next call.
  if (against !== undefined && text(call, 'record') !== undefined) refuse(cliCodes.finding('cli-bad-call', { sentence: '--record writes down what --against compares with: give one of them' }, ['Compare first; where the vectors of today are the new reference, record them by a second call.']));
  return against === undefined ? carryOut(call, carriedProbe(call)) : compare(call, against);
};

export function carriedProbe(call: Call): Carried<'probe', ProbeResult> {
  const { io } = call;
  const given = text(call, 'record');
  const file = given === undefined ? undefined : placeToWrite(given, io.cwd);
  const records = new Map<string, ProbeRecord>();
  const date = new Date().toISOString().slice(0, 10);
  return {
    kind: 'probe',
    run: async (declared, bench, project) => {
      const result = await runProbe(declared, bench);
      store(declared, result, date, bench, project);
      if (file !== undefined) {
        records.set(result.name, probeRecord(declared, result, date, bench));
        write(file, printRecords(records));
      }
      return result;
    },
    outcome: probeOutcome,
    study: studyProbe,
    print: (result) => void io.stdout.write(probeText(result)),
    toJson: ({ name, rows, grouped, spaces, joints, maps }) => ({ name, rows, ...(grouped === undefined ? {} : { grouped }), spaces, joints, maps }),
    codeOf: () => exit.fine,
  };
}

async function compare(call: Call, file: string): Promise<number> {
  const records = readRecordFile(file, call);
  return carryOut<'probe', ProbeDrift>(call, {
    kind: 'probe',
    run: (declared, bench) => runDrift(declared, records, file, bench),
    outcome: driftOutcome,
    print: (result) => void call.io.stdout.write(driftText(result)),
    toJson: (result) => result,
    codeOf: (results) => (results.some(({ verdict }) => verdict === 'FAIL') ? exit.fault : results.some(({ verdict }) => verdict === 'INCONCLUSIVE') ? exit.inconclusive : exit.fine),
  });
}

function readRecordFile(file: string, { io }: Call): ProbeRecords {
  const content = createProject(io).host.readText(pathToFileURL(existing(file, io.cwd)).href);
  const records = content.ok ? readRecords(content.value, file) : content;
  if (!records.ok) return refuse(records.finding);
  return records.value;
}

/** What was measured goes into the lock file, with its day, for `mdl check` to compare with what is declared. */
function store(declared: CheckedProbe, { vectors, name, rows }: ProbeResult, date: string, { host, lowerTerms }: Workbench, project: Project): void {
  const lockUri = lockUriOf(declared.uri, project.host);
  const known = host.readText(lockUri);
  const lock = known.ok ? readLock(known.value) : { ok: true as const, value: emptyLock };
  const fingerprint = probeFingerprint(declared, host, lowerTerms);
  const grounds = probeGrounds(declared, host, lowerTerms);
  if (!lock.ok || fingerprint === undefined) return;
  const spaces = Object.fromEntries(vectors.map((space) => [space.name, measureSpace(space.features)]));
  const probes = new Map([...lock.value.probes, [`${pathFromLock(lockUri, declared.uri)}#${name}`, { date, rows, fingerprint, ...(grounds === undefined ? {} : { grounds }), spaces }] as const]);
  write(fileURLToPath(lockUri), printLock({ ...lock.value, probes }));
}

function write(file: string, content: string): void {
  try {
    writeText(file, content);
  } catch (error) {
    refuse(fileCodes.finding('write-failed', { path: file, reason: reasonOf(error) }));
  }
}
