/** What is told of each run, and who is told. */
import type { GuardViolation } from './guards.ts';

/** A run of a head, by the output that it makes. */
export interface HeadRun {
  readonly head: string;
  /** In a rollout the arm that it is; else `current`. */
  readonly arm: string;
  /** SHA-256 of its file. */
  readonly sha256: string;
  /** Of the head alone. */
  readonly milliseconds: number;
  /** It threw. In a rollout the head that was there has then answered, in a run of its own. */
  readonly failed: boolean;
  /** Guards that found what it gave wanting. */
  readonly violations: number;
}

/** One run of a model, refused ones too. */
export interface RunRecord {
  readonly model: string;
  readonly milliseconds: number;
  /** Those that ran, in their order; none of a model that is one file. */
  readonly heads: readonly HeadRun[];
  readonly violations: readonly GuardViolation[];
  /** The code of the error that the run ended with; `error` of a foreign one. */
  readonly error?: string;
}

/** An arm of a rollout under way. */
export interface ArmName {
  readonly head: string;
  readonly arm: string;
}

/** How far an arm's last answers lie from the recorded ones. */
export interface ArmDrift extends ArmName {
  readonly drift: number;
}

/** Who is told of what a model does. */
export interface Observer {
  /** A run begins; answers with who is to be told of its end. */
  readonly begin: () => (record: RunRecord) => void;
  /** A session is run: that of a head, or, without a name, of the model's file or its encoder. */
  readonly ran?: (head: string | undefined) => void;
  /** Rows of an arm's answers were compared with another head's. */
  readonly compared?: (arm: ArmName, differs: boolean) => void;
  /** Takes what tells drift whenever it is asked for. Answers with what ends that. */
  readonly watch?: (drifts: () => readonly ArmDrift[]) => () => void;
}
