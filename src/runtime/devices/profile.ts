/** Where each node ran, by ONNX Runtime's own profile. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { isRecord, parseJson } from '../../data/json.ts';
import { runtimeCodes } from '../../diagnostics/codes/runtime.ts';
import { raise } from '../errors.ts';
import type { Session } from '../session.ts';
import type { NodeRun } from '../types.ts';

/** A session that notes what it does until it is released, which answers with the notes. */
export interface ProfiledSession {
  readonly session: Session;
  finish(): Promise<readonly NodeRun[]>;
}

/** Sessions opened with a folder for their profiles, each of which writes a file of its own. */
export async function withProfile(open: (folder: string) => Promise<Session>): Promise<ProfiledSession> {
  const folder = await mkdtemp(join(tmpdir(), 'mdl-profile-'));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const session = await open(folder);
    return {
      session,
      async finish() {
        try {
          await session.release();
          const files = (await readdir(folder)).sort();
          return (await Promise.all(files.map((file) => readProfile(join(folder, file))))).flat();
        } finally {
          await discard();
        }
      },
    };
  } catch (error) {
    await discard();
    throw error;
  }
}

async function readProfile(file: string): Promise<readonly NodeRun[]> {
  const json = parseJson(await readFile(file, 'utf8'));
  if (!json.ok || !Array.isArray(json.value)) {
    const reason = json.ok ? 'it is no list of events' : json.reason;
    raise(runtimeCodes.finding('runtime-failed', { doing: 'writing a profile', reason }));
  }
  const model = modelOf(file);
  return json.value.flatMap((event: unknown) => readEvent(event, model));
}

/** ONNX Runtime appends the time to the prefix that it was given, which is the name of the model's file. */
const modelOf = (file: string): string => basename(file).replace(/_\d{4}-\d\d-\d\d_[\d-]+(_\d+)?\.json$/, '');

const suffix = '_kernel_time';

function readEvent(event: unknown, file: string): readonly NodeRun[] {
  if (!isRecord(event) || event['cat'] !== 'Node' || !isRecord(event['args'])) return [];
  const { provider, op_name: operator } = event['args'];
  const { name, dur } = event;
  if (typeof provider !== 'string' || typeof operator !== 'string' || typeof name !== 'string' || !name.endsWith(suffix)) return [];
  const node = name.slice(0, -suffix.length);
  return [{ file, node, operator, provider: providerName(provider), microseconds: typeof dur === 'number' ? dur : 0 }];
}

/** `CPUExecutionProvider` as `cpu`. */
const providerName = (provider: string): string => provider.replace(/ExecutionProvider$/, '').toLowerCase();
