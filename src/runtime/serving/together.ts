/** The runs of a list of inputs as few runs: where rows are proved to be computed apart, inputs of equal shapes go together. */
import type { StandIn } from './chain.ts';
import type { Session } from '../session.ts';

export interface Togetherness {
  /** Rows of one run at most; 1 where each input is to be run alone. */
  readonly rows: number;
  /** Runs that may be under way at a time: others get their turn between them. */
  readonly lanes: number;
}

/** Inputs that are read at once for each run of so many rows: of texts, those of one length are to be found among others. */
const readPerRun = 8;

/** How many inputs are begun at once. */
export const begunAtOnce = ({ rows, lanes }: Togetherness): number => (rows === 1 ? 1 : readPerRun * rows * lanes);

/** Milliseconds that an input waits for others of its shape, which were all begun with it. */
const patience = 1;

/** For one list of inputs: what runs in the place of each session. One of which rows are not proved to be apart runs each by itself. */
export function putTogether({ rows, lanes }: Togetherness): StandIn {
  const inLane = createLanes(lanes);
  const known = new Map<Session, Session>();
  const standIn = (session: Session): Session => {
    const apart: Session = { ...session, run: (feeds, outputs) => inLane(() => session.run(feeds, outputs)) };
    return session.together?.(apart, { rows, milliseconds: patience, waiting: Infinity }) ?? apart;
  };
  return (session) => {
    const found = known.get(session) ?? standIn(session);
    known.set(session, found);
    return found;
  };
}

type InLane = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets so many pieces of work run at a time, in the order in which they came. */
function createLanes(count: number): InLane {
  const waiting: (() => void)[] = [];
  let free = count;
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}
