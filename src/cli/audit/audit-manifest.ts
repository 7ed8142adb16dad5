/** A bundle's manifest: its own bytes, the record that each of its ONNX files carries under a seal, and the declaration that was made from it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Manifest } from '../../bundle/manifest.ts';
import { sealOfManifest } from '../../bundle/manifest-seal.ts';
import { compareRecord, showSide } from '../../bundle/record.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import { emitDeclaration } from '../../emit/dts.ts';
import type { FileAudit } from './audit-file.ts';
import { packageVersion } from '../version.ts';

/** The first place where the manifest says otherwise than the file, which is called `shown`. */
export function compareRecords(manifest: Manifest, audit: FileAudit, shown: string): readonly Finding[] {
  const different = compareRecord(manifest, audit);
  if (different === undefined) return [];
  const { said, recorded } = different;
  const args = { file: shown, path: different.path, said: showSide(said), recorded: showSide(recorded) };
  return [cliCodes.finding('audit-manifest', args, ['The names of classes, the facts and the sizes that an app is told come from the manifest.'])];
}

/** `shown` is the folder as it was given. */
export function checkManifestSeal(text: string, shown: string): readonly Finding[] {
  const altered = (what: string): Finding => cliCodes.finding('audit-altered', { file: path.join(shown, 'manifest.json'), what });
  const seal = sealOfManifest(text);
  if (seal === undefined) return [altered('its seal is missing')];
  if (createHash('sha256').update(seal.covered).digest('hex') === seal.sha256) return [];
  return [altered(`its first ${Buffer.byteLength(seal.covered)} bytes have another digest`)];
}

/** The declaration is made again and compared; another version of MDL may have written it otherwise. */
export function checkDeclaration(folder: string, manifest: Manifest, shown: string): readonly Finding[] {
  if (manifest.compiler !== `mdl-lang ${packageVersion()}`) return [];
  const name = 'model.d.ts';
  const file = path.join(folder, name);
  const what = !existsSync(file) ? 'it is not there' : readFileSync(file, 'utf8') === emitDeclaration(manifest) ? undefined : 'it is not the declaration of its manifest';
  return what === undefined ? [] : [cliCodes.finding('audit-altered', { file: path.join(shown, name), what })];
}
