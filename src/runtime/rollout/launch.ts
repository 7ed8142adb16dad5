/** Rollouts that a bundle declares, as plans. */
import type { ManifestArm, ManifestRollout, ManifestSlot } from '../../bundle/rollout.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { HeadSession } from '../serving/chain.ts';
import { guarded } from '../serving/guarded.ts';
import { computationDigest } from '../bundle/computation.ts';
import { raise } from '../errors.ts';
import { describedHead, refuseHead } from '../bundle/head-contract.ts';
import { checkOptionNames } from '../bundle/option-names.ts';
import type { OpenBundle } from '../bundle/open.ts';
import { didYouMean } from '../suggest.ts';
import type { BundleLocation } from '../inputs/values.ts';
import { refuseOption } from './plan.ts';
import { ruleOf } from './rule.ts';
import type { Launch, LaunchOptions, Rollout, RolloutPlan } from './types.ts';

export interface LaunchParts {
  /** The bundle that was loaded, and what it says. */
  readonly own: OpenBundle & { readonly location: BundleLocation };
  readonly read: (bundle: BundleLocation) => Promise<OpenBundle>;
  /** The head that is served. */
  readonly served: (head: string) => HeadSession | undefined;
  readonly begin: (head: string, plan: RolloutPlan, own: string) => Promise<Rollout>;
}

/** Begins all slots of a declared rollout, or none. */
export async function launch({ own, read, served, begin }: LaunchParts, options: LaunchOptions): Promise<Launch> {
  guarded('options', () => checkOptions(options));
  const location = options.bundle ?? own.location;
  const bundle = options.bundle === undefined ? own : await read(options.bundle);
  const rollout = chooseRollout(bundle.manifest, options.name);
  const begun: [string, Rollout][] = [];
  const stop = async (reason?: string): Promise<void> => {
    for (const [, each] of begun) await each.stop(reason);
  };
  try {
    for (const slot of rollout.slots) {
      await checkServed(slot, bundle, served);
      begun.push([slot.output, await begin(slot.output, planOf(rollout.name, slot, location, options), ownArm(slot).name)]);
    }
  } catch (error) {
    await stop('another slot of the rollout could not begin');
    throw error;
  }
  return { name: rollout.name, slots: Object.fromEntries(begun), stop };
}

function checkOptions(options: LaunchOptions): void {
  checkOptionNames('launch', options, ['bundle', 'name', 'stages', 'force', 'sample', 'onEvent']);
  const { force, stages, name, onEvent } = options;
  if (name !== undefined && typeof name !== 'string') refuseOption('name', 'the name of a rollout', name);
  if (onEvent !== undefined && typeof onEvent !== 'function') refuseOption('onEvent', 'a function', onEvent);
  if (force !== undefined && typeof force !== 'boolean') refuseOption('force', 'true or false', force);
  if (stages !== undefined && typeof stages !== 'boolean' && (typeof stages !== 'object' || stages === null)) refuseOption('stages', 'true, false or `{ shares, after }`', stages);
}

function chooseRollout({ model, rollouts = [] }: Manifest, name: string | undefined): ManifestRollout {
  const known = rollouts.map((rollout) => rollout.name);
  const refuse = (reason: string, notes: readonly string[] = []): never => raise(runtimeCodes.finding('rollout-unknown', { model, reason }, notes));
  if (known.length === 0) return refuse('it declares none', [`Write \`rollout NAME of ${model} { … }\`, and build with \`mdl build --split\`.`]);
  if (name === undefined) return rollouts.length === 1 ? rollouts[0]! : refuse(`it declares ${known.join(', ')}`, ['Say which by `name`.']);
  return rollouts.find((rollout) => rollout.name === name) ?? refuse(`it declares ${known.join(', ')}, and no \`${name}\``, didYouMean(name, known));
}

/** The head that the model itself calls: it is an arm, or stands behind all of them. */
const ownArm = ({ arms }: ManifestSlot): ManifestArm => arms.find(({ head }) => head === undefined) ?? { name: 'current', share: 0 };

/** The declaration speaks of the model's own head: where another is served, its shares would be another's. */
async function checkServed({ output }: ManifestSlot, bundle: OpenBundle, served: LaunchParts['served']): Promise<void> {
  const { path, sha256 } = describedHead(bundle.manifest, output, 'the new bundle');
  const found = served(output);
  if (found === undefined || found.sha256 === sha256) return;
  if ((await found.computation()) !== (await computationDigest(bundle, path))) refuseHead(output, 'the bundle declares a rollout beside its own head, and another one is served', ['Swap to the head of that bundle, or load the bundle, and launch then.']);
}

function planOf(rollout: string, slot: ManifestSlot, bundle: BundleLocation, { stages, force = false, sample, onEvent }: LaunchOptions): RolloutPlan {
  const { arms, shadows, sticky, flags, rollback, reference } = slot;
  const chosen = stages === true ? {} : stages === false ? undefined : stages;
  return {
    arms: arms.filter(({ head }) => head !== undefined).map(({ name, share }) => ({ name, arm: name, bundle, share, force })),
    shadow: shadows.map(({ name }) => ({ name, bundle, ...(isOwn(name, slot) ? {} : { arm: name }), ...(sample === undefined ? {} : { sample }) })),
    flags: Object.fromEntries(flags.map(({ flag, arm }) => [flag, arm])),
    salt: rollout,
    ...(sticky === undefined ? {} : { sticky }),
    ...(rollback === undefined ? {} : { rollback: ruleOf(rollback) }),
    ...(reference === undefined ? {} : { reference }),
    ...(chosen === undefined ? {} : { stages: chosen }),
    ...(onEvent === undefined ? {} : { onEvent }),
  };
}

const isOwn = (name: string, { arms, shadows }: ManifestSlot): boolean => [...arms, ...shadows].some((arm) => arm.name === name && arm.head === undefined);
