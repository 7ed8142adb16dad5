/** Heads that are exchanged while requests are in flight. */
import { isRecord } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { ManifestHead } from '../../bundle/manifest.ts';
import type { ManifestVerdict } from '../../bundle/rollout.ts';
import type { HeadSession } from './chain.ts';
import { describeInput } from '../inputs/describe.ts';
import { MdlRuntimeError, raise } from '../errors.ts';
import type { NamedBatch } from './golden.ts';
import { guarded } from './guarded.ts';
import { tryBatches, tryBundleRows, type TrialParts } from './golden-trial.ts';
import { chooseHead, compareEncoders, compareHeads, describedHead, refuseHead } from '../bundle/head-contract.ts';
import type { NewHead } from './new-head.ts';
import type { OpenBundle } from '../bundle/open.ts';
import { checkOptionNames } from '../bundle/option-names.ts';
import { ortFinding } from '../ort.ts';
import type { ArmSource, SwapOptions, Swapped } from '../rollout/types.ts';
import type { BundleLocation } from '../inputs/values.ts';

/** What exchanging heads needs of a model. */
export interface SwapParts extends TrialParts {
  /** Reads and verifies a bundle. */
  readonly read: (bundle: BundleLocation) => Promise<OpenBundle>;
  /** `aside`: where it does not hold up those who wait for an answer. */
  readonly open: (bundle: OpenBundle, head: ManifestHead, aside: boolean) => Promise<NewHead>;
}

/** A head that fits, and has been on trial. */
export interface Prepared extends NewHead {
  /** A clause on what its golden rows have shown; undefined where there are none. */
  readonly shown?: string;
  /** Why it would have been refused by them. */
  readonly failed?: string;
  /** What its bundle says of it. */
  readonly verdict?: ManifestVerdict;
}

export interface HeadSwaps {
  /** @param lenient the rows of its bundle do not keep it from traffic; those that the caller gives do */
  prepare(head: string, source: Omit<ArmSource, 'name'>, how?: { readonly aside?: boolean; readonly lenient?: boolean }): Promise<Prepared>;
  adopt(head: NewHead): Promise<Swapped>;
  swap(head: string, bundle: BundleLocation, options?: SwapOptions): Promise<Swapped>;
  rollback(head: string): Promise<Swapped>;
  /** Frees the heads that are kept for a rollback. */
  release(): Promise<void>;
}

export function createSwaps(parts: SwapParts): HeadSwaps {
  const { own, chain, read, open } = parts;
  const previous = new Map<string, HeadSession>();
  /** Exchanges take turns, so that each finds the heads as the one before has left them. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };

  /** Reads, compares, opens and tries a head, which is then the caller's. */
  async function prepare(name: string, { bundle: location, arm, golden: given }: Omit<ArmSource, 'name'>, { aside = false, lenient = false } = {}): Promise<Prepared> {
    const batches = guarded('golden', () => readGolden(given));
    describedHead(own.manifest, name, 'the model');
    const bundle = await read(location);
    const { head: described, verdict } = chooseHead(bundle.manifest, name, arm);
    compareHeads(own.manifest, bundle.manifest, name, described);
    await compareEncoders(own, bundle, name);
    const { head, ...loading } = await openOrRaise(() => open(bundle, described, aside));
    try {
      await tryBatches(parts, head, batches);
      const trial = await tryRows(head, bundle, arm, lenient);
      return { head, ...loading, ...trial, ...(verdict === undefined ? {} : { verdict }) };
    } catch (error) {
      await head.session.release();
      throw error;
    }
  }

  async function tryRows(head: HeadSession, bundle: OpenBundle, arm: string | undefined, lenient: boolean): Promise<Pick<Prepared, 'shown' | 'failed'>> {
    try {
      const shown = await tryBundleRows(parts, head, bundle, arm);
      return shown === undefined ? {} : { shown };
    } catch (error) {
      if (!(lenient && error instanceof MdlRuntimeError && error.code === 'golden-failed')) throw error;
      return { failed: error.finding.message };
    }
  }

  /** Puts a head in the place of the one of its name, which is kept for a rollback. */
  function adopt({ head, milliseconds, stalled }: NewHead): Swapped {
    const { name } = head;
    const old = chain!.heads.get(name)!;
    drain(previous.get(name));
    previous.set(name, old);
    chain!.heads.set(name, head);
    return { head: name, from: old.sha256, to: head.sha256, milliseconds, stalled, thread: head.thread };
  }

  async function rollback(name: string): Promise<Swapped> {
    describedHead(own.manifest, name, 'the model');
    const before = previous.get(name);
    if (before === undefined) return refuseHead(name, 'there is no head before it to go back to');
    const old = chain!.heads.get(name)!;
    chain!.heads.set(name, before);
    previous.delete(name);
    drain(old);
    return { head: name, from: old.sha256, to: before.sha256, milliseconds: 0, stalled: 0, thread: before.thread };
  }

  return {
    prepare: (name, source, how) => inTurn(() => prepare(name, source, how)),
    adopt: (prepared) => inTurn(async () => adopt(prepared)),
    swap: (name, location, options = {}) =>
      inTurn(async () => {
        const { golden } = guarded('options', () => readOptions(options));
        return adopt(await prepare(name, { bundle: location, ...(golden === undefined ? {} : { golden }) }));
      }),
    rollback: (name) => inTurn(() => rollback(name)),
    async release() {
      await turn;
      await Promise.all([...previous.values()].map(({ session }) => session.release()));
    },
  };
}

/** Frees a head when the last run that began with it is through. */
export function drain(head: HeadSession | undefined): void {
  if (head !== undefined) void head.gate.empty().then(() => head.session.release());
}

async function openOrRaise(open: () => Promise<NewHead>): Promise<NewHead> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof MdlRuntimeError) throw error;
    return raise(ortFinding('loading the new head', error), error);
  }
}

function readOptions(options: SwapOptions): SwapOptions {
  checkOptionNames('swap', options, ['golden']);
  return { ...options };
}

function readGolden(golden: SwapOptions['golden'] = []): readonly NamedBatch[] {
  const isTolerance = (value: unknown): boolean => value === undefined || (typeof value === 'number' && value >= 0 && value < Infinity);
  const isBatch = (batch: unknown): boolean => isRecord(batch) && isRecord(batch['inputs']) && isRecord(batch['outputs']) && isTolerance(batch['tolerance']);
  if (!Array.isArray(golden) || !golden.every(isBatch)) {
    const finding = { option: 'golden', expected: 'a list of `{ inputs, outputs, tolerance }`, of which the last is 0 or more', found: describeInput(golden) };
    raise(runtimeCodes.finding('runtime-options', finding));
  }
  return golden.map((batch, i) => ({ ...batch, inputs: { ...batch.inputs }, outputs: { ...batch.outputs }, name: `\`golden[${i}]\`` }));
}
