/** A bundle's manifest against the record that each of its ONNX files carries under a seal. */
import type { Manifest } from '../bundle/manifest.ts';
import { compareRecord, showSide } from '../bundle/record.ts';
import { cliCodes } from '../diagnostics/codes/cli.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import type { FileAudit } from './audit-file.ts';

/** The first place where the manifest says otherwise than the file, which is called `shown`. */
export function compareRecords(manifest: Manifest, audit: FileAudit, shown: string): readonly Finding[] {
  const different = compareRecord(manifest, audit);
  if (different === undefined) return [];
  const { path, said, recorded } = different;
  const args = { file: shown, path, said: showSide(said), recorded: showSide(recorded) };
  return [cliCodes.finding('audit-manifest', args, ['The names of classes, the facts and the sizes that an app is told come from the manifest.'])];
}
