/** Mistakes that load and run: who finds them before they run? */
import * as api from 'mdl-lang';
import { cases, checkCases } from './silent-joints/check.mjs';
import { difference, runElsewhere } from './silent-joints/elsewhere.mjs';
import { writeFiles } from './silent-joints/files.mjs';

export const options = {};

export async function run() {
  const folder = writeFiles();
  const checked = checkCases(api);
  const elsewhere = await runElsewhere(cases, folder);
  if (elsewhere === undefined) console.log('No Python here has onnx: only MDL is asked.');
  const rows = checked.map((row) => {
    const found = elsewhere?.results.get(row.name);
    const apart = difference(found?.wrong, found?.right);
    return { ...row, composer: found && !found.wrong.checked, runtime: found && !found.wrong.loads, stops: found && found.wrong.loads && !found.wrong.runs, apart, sound: found === undefined || Boolean(found.right.runs) };
  });
  console.log(['case', 'MDL', 'by types alone', 'onnx.compose', 'loading', 'running', 'off by', 'accuracy', 'the mistake'].join(' | '));
  for (const row of rows) console.log(line(row));
  const count = (holds) => rows.filter(holds).length;
  return {
    cases: rows.length,
    mdl: { caught: count((row) => row.found.length > 0), byTypesAlone: count((row) => row.byTypes), rightRefused: count((row) => row.refused.length > 0) },
    ...(elsewhere && {
      onnx: elsewhere.onnx,
      compose: { caught: count((row) => row.composer) },
      runtime: { caughtAtLoad: count((row) => row.runtime), stoppedAtRun: count((row) => row.stops) },
      silent: count((row) => !row.composer && !row.runtime && !row.stops),
      answersDiffer: count((row) => row.apart > 1e-3),
      rightRuns: count((row) => row.sound),
    }),
  };
}

function line({ name, mistake, found, refused, byTypes, measured, composer, runtime, stops, apart }) {
  const said = (caught, word) => (caught === undefined ? '' : caught ? word : '-');
  const distance = apart === undefined ? '' : apart === Infinity ? 'another shape, or NaN' : apart > 10 ? 'over ten times' : `${(100 * apart).toFixed(0)} %`;
  const cost = measured === undefined ? '' : `${(100 * measured.right).toFixed(2)} to ${(100 * measured.wrong).toFixed(2)} % (examples/${measured.example})`;
  const mdl = `${found.join(', ') || 'NOT CAUGHT'}${refused.length > 0 ? ` (right twin refused: ${refused.join(', ')})` : ''}`;
  return [name, mdl, said(byTypes, 'caught'), said(composer, 'caught'), said(runtime, 'caught'), said(stops, 'stops'), distance, cost, mistake].join(' | ');
}
