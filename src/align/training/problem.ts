/** What is to be learned: a program with holes for parameters and examples, and losses over its values. */
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Program } from '../../ir/program.ts';
import type { Location } from '../../text/source.ts';
import type { KernelSession } from '../kernels/session.ts';
import type { LossCall, LossOperand } from './losses.ts';

/** A value of the program that is given: a parameter or a column of examples. */
export interface GivenValue {
  readonly value: string;
  /** Of a parameter; of a column those of one example. */
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A column of examples that is read as it is asked for. */
export interface PickedColumn {
  readonly value: string;
  /** Of one example. */
  readonly dims: readonly number[];
  /** Rows in any order, one behind the other. */
  pick(rows: ArrayLike<number>): Float32Array;
}

export type TrainedColumn = GivenValue | PickedColumn;

export interface TrainedParameter extends GivenValue {
  /** It stays as it begins. */
  readonly frozen?: boolean;
}

export interface TrainedLoss {
  readonly name: string;
  readonly weight: number;
  readonly options: ReadonlyMap<string, number | boolean | string>;
  readonly operands: readonly LossOperand[];
  readonly clusters?: LossCall['clusters'];
  readonly location: Location;
}

export interface TrainingProblem {
  /** What computes the operands of the losses from columns and parameters; its ports are of no account. */
  readonly program: Program;
  readonly rows: number;
  readonly columns: readonly TrainedColumn[];
  /** Those that are learned, or that may be; others are constants of the program. */
  readonly parameters: readonly TrainedParameter[];
  readonly losses: readonly TrainedLoss[];
}

/** A finding ends training; where it has a place in the source, that is told along. */
export interface TrainingFault {
  readonly ok: false;
  readonly finding: Finding;
  readonly location?: Location;
}

/** Makes a session of a program of operators of ours. */
export type OpenProgram = (program: Program) => Promise<KernelSession>;
