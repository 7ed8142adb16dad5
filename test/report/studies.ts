/** Studies as a toolkit could have made them, with names and texts of people who mean no good. */
import type { ReportInput } from '../../src/report/index.ts';
import type { Run } from '../../src/toolkit/history.ts';
import { pngOf } from '../../src/toolkit/study/png.ts';
import type { CardStudy, ProbeStudy, SpacesStudy, VerifyStudy } from '../../src/toolkit/study/study.ts';

export const hostile = '</script><img src=x onerror="window.hacked=1">\u0000\ud800';
const quiet = 'A & B | `c` * "d"';

/** Grey from black to white, 6 wide and 4 high. */
const picture = pngOf({ width: 6, height: 4, channels: 1, pixels: Uint8Array.from({ length: 24 }, (_, i) => i * 11) }).toString('base64');

const points = (turn: number): [number, number][] => Array.from({ length: 12 }, (_, i) => [Math.cos(i + turn) * 3, Math.sin(i * 2 + turn)]);

const spaces: SpacesStudy = {
  spectra: [
    { of: hostile, columns: 4, shares: [0.7, 0.2, 0.09, 0.01] },
    { of: 'New', columns: 2, shares: [0.5, 0.5] },
  ],
  cka: { names: [hostile, 'New'], values: [[1, 0.25], [0.25, 1]], rows: 100 },
  maps: [
    {
      method: 'PCA',
      panels: [
        { title: hostile, shares: [0.7, 0.2], frame: 0, points: points(0) },
        { title: 'New', frame: 0, points: points(1) },
      ],
      group: Array.from({ length: 12 }, (_, i) => i % 3),
      groups: [hostile, quiet, 'ünïcode ✓'],
    },
  ],
  withoutUmap: 'There is no map by UMAP, for umap-js is not installed (npm install umap-js).',
};

const card: CardStudy = {
  parts: [{ name: 'Before', role: 'model', doc: hostile }, { name: 'Old', role: 'adapter', version: '1.0.0' }],
  known: [{ of: 'Old', fact: 'norm(-1) == 1 +- 0.001', evidence: 'measured', because: `probe Look on 2026-11-22: ${hostile}` }, { of: 'Old', fact: 'finite', evidence: 'declared' }],
  backbones: [{ name: 'Mixer', version: '1.0.0', file: 'models/mixer.onnx', sha256: 'ab'.repeat(32), card: { trained_on: quiet } }],
  learned: [{ part: 'Back', file: 'back.safetensors', sha256: 'cd'.repeat(32), record: { method: hostile, rows: 500, settings: { lambda: 0.1 }, encoders: { 'mixer.onnx': 'ab'.repeat(32) }, loss: ['mse'] } }],
  data: [{ file: 'test.jsonl', sha256: 'ef'.repeat(32), rows: 100 }],
};

export const verifyStudy: VerifyStudy = {
  kind: 'verify',
  name: 'Upgrade',
  doc: hostile,
  verdict: 'FAIL',
  rows: 100,
  grouped: { count: 40, words: 'groups' },
  judged: 85,
  swaps: [
    {
      swap: 'Old by New in Before',
      gates: [
        { gate: 'G0 integrity', verdict: 'PASS', measures: [{ name: 'faults', value: 0, bar: '= 0' }], reason: 'Fine.' },
        { gate: 'G2 information', verdict: 'INCONCLUSIVE', measures: [{ name: 'p', value: 0.012, interval: { low: 0.004, high: 0.03 }, bar: '<= 0.01' }, { name: 'told', value: NaN }], reason: hostile, rowsNeeded: Infinity },
        { gate: 'G3 function', verdict: 'FAIL', measures: [{ name: 'difference of kind', value: -0.1, interval: { low: -0.15, high: -0.05 }, bar: '>= -0.02' }], reason: 'kind loses.' },
      ],
      notJudged: { outputs: [hostile, 'answer.logits'] },
      representation: { 'R² of the old vectors': 0.5 },
      heads: { kind: { accuracy: { own: 0.8, swapped: 0.7 } } },
      attributions: [{ head: 'kind', fault: 'adapter', measures: [], reason: hostile }],
      split: { fit: 35, calibrate: 15, test: 50 },
      labelled: [
        {
          head: 'tags',
          rows: 100,
          count: 30,
          labels: [{ label: hostile, own: { found: 40, missed: 2, wrong: 1 }, swapped: { found: 31, missed: 11, wrong: 0 } }],
          flips: { negative: 11, positive: 1, examples: [{ row: 7, label: `${hostile}, b`, own: { label: `${hostile}, b` }, swapped: { label: 'none' }, shown: { kind: 'text', text: 'a cat' } }] },
        },
      ],
      answers: [
        {
          head: 'kind',
          rows: 10,
          classes: [hostile, quiet, 'ünïcode ✓'],
          confusion: { own: [[4, 0, 0], [0, 3, 0], [1, 1, 1]], swapped: [[3, 1, 0], [0, 3, 0], [1, 2, 0]] },
          reliability: {
            own: [{ rows: 5, confidence: 0.5, accuracy: 0.75, interval: { low: 0.5, high: 0.9 } }, { rows: 5, confidence: 0.9, accuracy: 1, interval: { low: 0.6, high: 1 } }],
            swapped: [{ rows: 10, confidence: 0.6, accuracy: 0.6, interval: { low: 0.3, high: 0.8 } }],
          },
          flips: {
            negative: 2,
            positive: 0,
            examples: [
              { row: 3, label: hostile, own: { label: hostile, probability: 0.9 }, swapped: { label: quiet, probability: 0.8 }, shown: { kind: 'text', text: `${hostile}\n${'wide '.repeat(30)}` } },
              { row: 9, label: quiet, own: { label: quiet }, swapped: { label: hostile }, shown: { kind: 'picture', png: picture, width: 6, height: 4 } },
            ],
          },
        },
      ],
      spaces,
    },
  ],
  budgets: [
    { text: 'latency.p99 <= 20ms on "cpu"', metric: 'latency.p99', verdict: 'PASS', compared: { value: 0.0034, interval: { low: 0.0029, high: 0.0041 } }, bound: 0.02, reason: 'On cpu, one row a run.', runs: 1000 },
    { text: 'memory <= 500MB on "gpu"', metric: 'memory', verdict: 'INCONCLUSIVE', compared: undefined, bound: 5e8, reason: hostile, runs: 0 },
  ],
  requirements: [
    { metric: 'accuracy', text: 'accuracy(y.kind, d.label) >= baseline - 2%', verdict: 'FAIL', own: 0.8, swapped: 0.7, compared: { value: -0.1, interval: { low: -0.15, high: -0.05 } }, bound: -0.02 },
    { metric: 'information.p', text: 'information.p <= 0.01', verdict: 'INCONCLUSIVE', compared: { value: NaN }, bound: 0.01 },
  ],
  card,
};

export const probeStudy: ProbeStudy = {
  kind: 'probe',
  name: 'Spaces',
  rows: 100,
  described: [{ part: 'Old', columns: 4, readings: { 'mean norm': { value: 2, interval: { low: 1.9, high: 2.1 } } } }, { part: 'New', columns: 2, readings: { 'dead columns': { value: 0 } } }],
  joints: [{ from: 'New', to: 'Old', readings: { CKA: { value: 0.25, interval: { low: 0.2, high: 0.3 }, chance: 0.01, p: 0.001 } }, advice: { remedy: 'ridge', reason: hostile } }],
  layers: [{ rows: ['New.layer1', 'New'], columns: ['Old.layer1', 'Old'], cka: [[0.1, 0.2], [0.3, 0.25]], p: [[0.5, 0.04], [0.005, 0.01]], examples: 100, permutations: 199 }],
  spaces,
  card,
};

const runOf = (day: number, score: number, changes: Partial<Run> = {}): Run => ({
  at: `2026-11-${day}T12:30:00Z`,
  kind: 'verify',
  file: 'a.mdl',
  name: 'Upgrade',
  inputs: { 'a.mdl': 'a1', 'test.jsonl': 'b1' },
  method: 'gates 1',
  seed: 0,
  rows: 100,
  verdict: 'PASS',
  scores: { 'accuracy of kind': score },
  versions: { 'mdl-lang': '0.1.0', node: '20.20.2' },
  ...changes,
});

export const runs: readonly Run[] = [
  runOf(20, 0.9),
  runOf(21, 0.8, { verdict: 'FAIL', inputs: { 'a.mdl': 'a1', 'test.jsonl': 'b2', [hostile]: 'c1' } }),
  runOf(22, 0.85, { verdict: 'INCONCLUSIVE', inputs: { 'a.mdl': 'a1', 'test.jsonl': 'b2' }, seed: 3, versions: { 'mdl-lang': '0.2.0', node: '20.20.2' } }),
];

export const input: ReportInput = { file: 'a.mdl', date: '2026-11-22', version: '0.1.0', studies: [verifyStudy, probeStudy], history: runs };
