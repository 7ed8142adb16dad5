/** A stream of runs over one model: their order, and what one leaves to the next. */
import type { Manifest } from '../../bundle/manifest.ts';
import { abandonable } from './many.ts';
import type { StandIn } from './chain.ts';
import type { Session } from '../session.ts';
import { showStates, type Carried } from '../inputs/state.ts';
import type { RunOptions, Stream } from '../types.ts';

/** As far as it is one: the run itself, when its turn has come, refuses what is none. */
const signalOf = ({ signal }: RunOptions): AbortSignal | undefined => (signal instanceof AbortSignal ? signal : undefined);

/** What a run begins with, and whether what it leaves is wanted. */
export interface Turn {
  readonly carried: Carried;
  readonly keep: boolean;
  /** Another session than the model's own. */
  readonly through?: Session;
  /** What runs in the place of each of the model's own sessions. */
  readonly by?: StandIn;
}

export interface Served {
  readonly outputs: Record<string, unknown>;
  readonly carried: Carried;
}

/** A stream as far as nobody has named its inputs and outputs. */
export interface UntypedStream extends Omit<Stream, 'run'> {
  run(inputs: unknown, options?: RunOptions): Promise<Readonly<Record<string, unknown>>>;
}

export function createStream(
  manifest: Manifest,
  first: Carried,
  serve: (inputs: unknown, options: RunOptions, turn: Turn) => Promise<Served>,
): UntypedStream {
  let carried = first;
  /** Settles when the last run that was asked for is through, whatever became of it. */
  let turn: Promise<unknown> = Promise.resolve();

  function run(inputs: unknown, options: RunOptions): Promise<Record<string, unknown>> {
    const mine = follow(turn, inputs, options);
    turn = mine.catch(() => undefined);
    return abandonable(mine, signalOf(options));
  }

  async function follow(before: Promise<unknown>, inputs: unknown, options: RunOptions): Promise<Record<string, unknown>> {
    await before;
    const served = await serve(inputs, options, { carried, keep: true });
    carried = served.carried;
    return served.outputs;
  }

  async function forget(): Promise<void> {
    await turn;
    carried = new Map();
  }

  return {
    run: (inputs, options = {}) => run(inputs, options),
    get state() {
      return showStates(manifest, carried);
    },
    reset: () => {
      turn = forget();
    },
  };
}
