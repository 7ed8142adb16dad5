/** What the gates look at: the same examples through both encoders. */
import type { Features } from '../matrix.ts';
import type { RowGroups } from '../statistics/groups.ts';

export interface LabelledPairs {
  /** The new encoder's. */
  readonly x: Features;
  /** The old encoder's, whose heads are to be kept. */
  readonly y: Features;
  /** The class of each row: from the data, or the clusters of y. */
  readonly labels: ArrayLike<number>;
  /** Rows that belong together; undefined where each stands alone. */
  readonly groups?: RowGroups | undefined;
}
