/** Whether a head of another bundle may take the place of one: the same encoder before it, the same contract behind it. */
import type { Manifest, ManifestHead, ManifestPort, ManifestTensor } from '../../bundle/manifest.ts';
import type { ManifestArm } from '../../bundle/rollout.ts';
import { firstDifference, showSide } from '../../bundle/record.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { computationDigest } from './computation.ts';
import { raise } from '../errors.ts';
import { describeInput } from '../inputs/describe.ts';
import type { OpenBundle } from './open.ts';
import { tensorsOf } from './outputs.ts';
import { didYouMean } from '../suggest.ts';

export function refuseHead(head: string, reason: string, notes: readonly string[] = []): never {
  raise(runtimeCodes.finding('head-refused', { head, reason }, notes));
}

/** The description of a head; raises where there is none of that name. */
export function describedHead({ model, heads = [] }: Manifest, name: string, whose: string): ManifestHead {
  const found = heads.find((head) => head.name === name);
  if (found !== undefined) return found;
  if (heads.length === 0) return refuseHead(String(name), `${whose} ${model} is one file`, ['`mdl build --split` writes encoder and heads apart. Where it was built so, none of its outputs is the call of one head.']);
  const known = heads.map((head) => head.name);
  if (typeof name !== 'string') raise(runtimeCodes.finding('runtime-options', { option: 'head', expected: known.join(' or '), found: describeInput(name) }));
  return refuseHead(name, `${whose} ${model} has ${known.map((head) => `\`${head}\``).join(', ')}`, didYouMean(name, known));
}

/** The head of an output in a bundle: its model's own, or one that its rollouts name. */
export function chooseHead(manifest: Manifest, name: string, arm: string | undefined): Pick<ManifestArm, 'verdict'> & { readonly head: ManifestHead } {
  const head = describedHead(manifest, name, 'the new bundle');
  if (arm === undefined) return { head };
  const arms = (manifest.rollouts ?? []).flatMap(({ slots }) => slots).filter(({ output }) => output === name).flatMap((slot) => [...slot.arms, ...slot.shadows]);
  const found = arms.find((each) => each.name === arm);
  const known = [...new Set(arms.map((each) => each.name))];
  if (found === undefined) return refuseHead(name, `the new bundle names no arm \`${arm}\` for it${known.length === 0 ? '' : `, only ${known.join(', ')}`}`, didYouMean(arm, known));
  return { head: found.head ?? head, ...(found.verdict === undefined ? {} : { verdict: found.verdict }) };
}

/** Raises where what the new head takes, gives or demands is not as it was. */
export function compareHeads(own: Manifest, other: Manifest, name: string, head: ManifestHead): void {
  const [old, next] = [described(own, describedHead(own, name, 'the model')), described(other, head)];
  const different = firstDifference(next, old, '');
  if (different === undefined) return;
  const { path, said, recorded } = different;
  refuseHead(name, `\`${path}\` should be ${showSide(recorded)}, found ${showSide(said)} in the new bundle`);
}

/** All of a manifest that an app, or the runtime itself, relies on for one head. Places in the source may move. */
function described(manifest: Manifest, { inputs, outputs }: ManifestHead) {
  const makes = (tensor: ManifestTensor): boolean => outputs.includes(tensor.onnx);
  const ports = manifest.outputs.filter((port) => tensorsOf(port).some(makes));
  const guards = (manifest.guards ?? []).filter((guard) => guard.outputs.some((output) => outputs.includes(output)));
  return {
    takes: [...inputs].sort(),
    gives: [...outputs].sort(),
    sizes: manifest.sizes ?? [],
    outputs: Object.fromEntries(ports.map((port) => [port.name, describePort(port)])),
    guards: guards.map((guard) => without(guard, ['at', 'from'])),
  };
}

/** How well a fact is known may change, what it says may not. */
const describePort = (port: ManifestPort) =>
  tensorsOf(port).map((tensor) => ({ ...tensor, facts: tensor.facts.map((fact) => without(fact, ['evidence'])) }));

const without = (value: object, keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));

/** Raises where the two encoders do not compute the same. What their files say of their making may differ. */
export async function compareEncoders(own: OpenBundle, other: OpenBundle, head: string): Promise<void> {
  if (own.manifest.onnx.sha256 === other.manifest.onnx.sha256) return;
  const [old, next] = [await computationDigest(own, own.manifest.onnx.path), await computationDigest(other, other.manifest.onnx.path)];
  if (old !== next) refuseHead(head, 'the encoder of the new bundle is another one', ['A head reads features as its own encoder makes them.']);
}
