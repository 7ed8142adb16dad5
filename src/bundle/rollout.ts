/** What a bundle carries of `rollout`, `verify` and `golden` declarations: who may answer in place of a head, and who has shown that he can. */
import type { ManifestFile, ManifestHead } from './files.ts';
import type { Reference } from './reference.ts';

/** What `mdl verify` answered when one head took the place of another. */
export interface ManifestVerdict {
  /** The `verify` declaration. */
  readonly name: string;
  readonly verdict: 'PASS' | 'FAIL' | 'INCONCLUSIVE';
  /** `2026-11-22` */
  readonly date: string;
  readonly rows: number;
  /** SHA-256 of what it rests on: both models with all their weights, the data, what is required, and the rules of the gates. */
  readonly fingerprint: string;
  /** Whether one of those was another when the bundle was built. */
  readonly stale?: true;
}

/** A head that may answer as an output, or only look on. */
export interface ManifestArm {
  /** The declaration's name of the head: `TopicV2`. */
  readonly name: string;
  /** Of the requests, from 0 to 1; 0 for a shadow. */
  readonly share: number;
  /** Its file; absent of the head that the model itself calls. */
  readonly head?: ManifestHead;
  /** Absent where no `verify` that puts it in the place of the model's own head has been carried out. */
  readonly verdict?: ManifestVerdict;
}

export const signals = ['error_rate', 'disagreement', 'drift', 'latency.p50', 'latency.p99'] as const;
export type Signal = (typeof signals)[number];

/** When the requests of all other arms go to one. */
export interface ManifestRollback {
  readonly to: string;
  readonly signal: Signal;
  readonly op: '>' | '>=';
  /** A share from 0 to 1, or seconds. */
  readonly bound: number;
  /** How many of an arm's last requests are looked at. */
  readonly over: number;
}

export interface ManifestSlot {
  /** Of the model. */
  readonly output: string;
  readonly arms: readonly ManifestArm[];
  readonly shadows: readonly ManifestArm[];
  /** The property of a request by which it keeps its arm: `user`. */
  readonly sticky?: string;
  readonly flags: readonly { readonly flag: string; readonly arm: string }[];
  readonly rollback?: ManifestRollback;
  /** How the model's answers were distributed over the golden batches; absent where there are none. */
  readonly reference?: Reference;
}

export interface ManifestRollout {
  readonly name: string;
  readonly slots: readonly ManifestSlot[];
}

/** Rows of inputs with the outputs that they had, as JSON: `[{ "inputs": { … }, "outputs": { … } }, …]`. */
export interface ManifestGolden extends ManifestFile {
  readonly rows: number;
  /** How far an element may lie from what it was; absent where that is left to the runtime. */
  readonly tolerance?: number;
  /** The head that answered in the place of the model's own, by the declaration's name of it. */
  readonly arm?: string;
}

/** One row of such a file: the values of single examples, without the axis that counts them. */
export interface GoldenRow {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}
