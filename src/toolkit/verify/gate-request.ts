/** What the gates that run the models once more are given. */
import type { CheckedVerify } from '../../check/tools/index.ts';
import type { Tables } from '../data/columns.ts';
import type { Head } from '../fit/heads.ts';
import type { RequiredAnswer } from './asked.ts';
import type { SwapData } from './swap.ts';

export interface GateRequest {
  readonly verify: CheckedVerify;
  readonly data: SwapData;
  /** Whose accuracy is required. */
  readonly heads: readonly Head[];
  /** What else is required. */
  readonly required: readonly RequiredAnswer[];
  readonly tables: Tables;
  /** Those that are judged. */
  readonly rows: readonly number[];
}
