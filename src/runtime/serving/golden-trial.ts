/** A head on trial: it answers golden rows, through the model's own encoder, before anybody has an answer of it. */
import type { ManifestPort } from '../../bundle/manifest.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import type { Chain, HeadSession } from './chain.ts';
import { MdlRuntimeError, raise } from '../errors.ts';
import { brokenPromise, farthestFrom, readGoldenFiles, type NamedBatch } from './golden.ts';
import type { OpenBundle } from '../bundle/open.ts';
import { tensorsOf } from '../bundle/outputs.ts';
import type { Session } from '../session.ts';

/** What a trial needs of a model. */
export interface TrialParts {
  readonly own: OpenBundle;
  /** Undefined where the model is one file. */
  readonly chain: Chain | undefined;
  /** One run through sessions in which a head is another. */
  readonly run: (inputs: unknown, outputs: readonly string[], through: Session) => Promise<Answers>;
}

type Answers = Readonly<Record<string, unknown>>;
/** Why an answer will not do, as a clause. */
type Judge = (batch: NamedBatch, answers: Answers, ports: readonly ManifestPort[]) => string | undefined;

const asRecorded: Judge = (batch, answers, ports) => {
  const different = farthestFrom(batch, answers, ports);
  return different && `${different.what} should be ${different.expected}, found ${different.found}`;
};
const asPromised: Judge = (_, answers, ports) => brokenPromise(answers, ports);

/** Raises `golden-failed` where the head does not answer as the batches say, and `runtime-options` where they say nothing of its outputs. */
export async function tryBatches(parts: TrialParts, head: HeadSession, batches: readonly NamedBatch[]): Promise<void> {
  const names = portsOf(parts, head).map(({ name }) => name);
  for (const { name, outputs } of batches) {
    const said = Object.keys(outputs).filter((output) => outputs[output] !== undefined);
    const other = said.find((output) => !names.includes(output));
    if (said.length > 0 && other === undefined) continue;
    const expected = `of outputs of the head: ${names.map((output) => `\`${output}\``).join(', ')}`;
    raise(runtimeCodes.finding('runtime-options', { option: `${name.replaceAll('`', '')}.outputs`, expected, found: other === undefined ? 'none' : `\`${other}\`` }));
  }
  await tryOn(parts, head, batches, asRecorded);
}

/**
 * Raises where the head does not answer the rows that its bundle has of it. Of an arm without rows of its own the model's are run, and what it
 * answers has to keep what its contract promises. Answers with a clause on what was seen; undefined where the bundle has no rows.
 */
export async function tryBundleRows(parts: TrialParts, head: HeadSession, bundle: OpenBundle, arm: string | undefined): Promise<string | undefined> {
  const own = await readGoldenFiles(bundle, arm);
  if (own.length > 0 || arm === undefined) {
    await tryOn(parts, head, own, asRecorded);
    return own.length === 0 ? undefined : `it answers its ${own.length} golden rows as recorded`;
  }
  const rows = await readGoldenFiles(bundle);
  await tryOn(parts, head, rows, asPromised);
  return rows.length === 0 ? undefined : `on the ${rows.length} golden rows of the model its answers are as its contract promises`;
}

/** The model's outputs that a head makes. */
const portsOf = ({ own }: TrialParts, head: HeadSession): readonly ManifestPort[] => own.manifest.outputs.filter((port) => tensorsOf(port).some(({ onnx }) => head.outputs.includes(onnx)));

async function tryOn(parts: TrialParts, head: HeadSession, batches: readonly NamedBatch[], judge: Judge): Promise<void> {
  const { chain, run } = parts;
  const ports = portsOf(parts, head);
  const names = ports.map(({ name }) => name);
  const through = chain!.through((name) => (name === head.name ? { head } : undefined));
  for (const batch of batches) {
    const refuse = (why: string, cause?: unknown): never => raise(runtimeCodes.finding('golden-failed', { head: head.name, batch: batch.name, why }, ['The head that served before goes on. Where the new one is meant to answer otherwise, record rows of its own answers.']), cause);
    const answers = await run(batch.inputs, names, through).catch((error: unknown) => {
      if (!(error instanceof MdlRuntimeError)) throw error;
      return refuse(`it has no answer: ${error.finding.message.replace(/\.$/, '')}`, error);
    });
    const why = judge(batch, answers, ports);
    if (why !== undefined) refuse(why);
  }
}
