/** What carrying out a tool needs of the world around it. */
import type { Kernels } from '../align/index.ts';
import type { CheckedModel } from '../check/model.ts';
import type { CheckedBudget, CheckedFit } from '../check/tools/index.ts';
import type { LowerTerms } from '../check/tools/lower.ts';
import type { Host } from '../host/host.ts';
import type { Outcome } from '../diagnostics/diagnostic.ts';
import type { ForeignModel } from '../ir/graph.ts';
import type { Link, Program } from '../ir/program.ts';
import type { Session } from '../runtime/session.ts';
import type { Model } from '../runtime/index.ts';
import type { Progress } from './progress.ts';

export interface Workbench {
  readonly host: Host;
  readonly lowerTerms: LowerTerms;
  /** Builds and loads a model; the caller closes it. */
  open(model: CheckedModel, device?: string): Promise<Model>;
  /** A link's file, with what is taken of it under these operator sets. */
  converted(link: Link, opsets: Program['opsets']): Outcome<ForeignModel>;
  /** A session of a program of our own operators alone, by the names of its ports. */
  openProgram(program: Program): Promise<Session>;
  /** The bundle that is shipped, where the call names it. */
  readonly shipped?: { readonly name: string; load(): Promise<Model> };
  readonly budgets: readonly CheckedBudget[];
  /** All fits that the source reaches. */
  readonly fits: readonly CheckedFit[];
  readonly kernels: Kernels;
  /** Where features are kept; undefined where nowhere. */
  readonly cache: string | undefined;
  /** Bytes that may be taken. */
  readonly memory: number;
  readonly progress: Progress;
  /** `0.1.0`, of MDL. */
  readonly version: string;
}
