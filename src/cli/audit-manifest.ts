/** A bundle's manifest against the record that each of its ONNX files carries under a seal. */
import type { Manifest } from '../bundle/manifest.ts';
import { isRecord } from '../data/json.ts';
import { cliCodes } from '../diagnostics/codes/cli.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import type { FileAudit } from './audit-file.ts';

/** The first place where the manifest says otherwise than the file, which is called `shown`. */
export function compareRecords(manifest: Manifest, { compiler, model, record }: FileAudit, shown: string): readonly Finding[] {
  const { inputs, outputs, states, backbones, joints, sources } = manifest;
  const said = { compiler: manifest.compiler, model: manifest.model, inputs, outputs, states, backbones, joints, sources };
  const different = firstDifference(said, { compiler, model, ...record }, '');
  if (different === undefined) return [];
  const args = { file: shown, path: different.path, said: show(different.said), recorded: show(different.recorded) };
  return [cliCodes.finding('audit-manifest', args, ['The names of classes, the facts and the sizes that an app is told come from the manifest.'])];
}

interface Difference {
  /** `outputs[0].tensor.dims[1].classes[0]` */
  readonly path: string;
  readonly said: unknown;
  readonly recorded: unknown;
}

function firstDifference(said: unknown, recorded: unknown, path: string): Difference | undefined {
  if (Object.is(said, recorded)) return undefined;
  const lists = Array.isArray(said) && Array.isArray(recorded);
  if (lists ? said.length !== recorded.length : !isRecord(said) || !isRecord(recorded)) return { path, said, recorded };
  const [left, right] = [said, recorded] as [Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>];
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    const place = lists ? `${path}[${key}]` : path === '' ? key : `${path}.${key}`;
    const different = firstDifference(own(left, key), own(right, key), place);
    if (different !== undefined) return different;
  }
  return undefined;
}

/** A manifest may have a member called `__proto__`. */
const own = (value: Readonly<Record<string, unknown>>, key: string): unknown => (Object.hasOwn(value, key) ? value[key] : undefined);

const longest = 60;

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
