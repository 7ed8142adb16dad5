/** `mdl audit`: what was built, against its own record. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Manifest, ManifestFile } from '../../bundle/manifest.ts';
import { readManifest } from '../../bundle/read.ts';
import { parseJson } from '../../data/json.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import type { Finding } from '../../diagnostics/diagnostic.ts';
import type { Host } from '../../host/host.ts';
import { createNodeHost } from '../../host/node.ts';
import { reasonOf } from '../../host/system-error.ts';
import type { ValueFacts } from '../../ir/infer/facts.ts';
import { openConstants } from '../../read-constants.ts';
import { verifyFile } from '../../runtime/bundle/bundle-files.ts';
import { MdlRuntimeError } from '../../runtime/errors.ts';
import { folderStore } from '../../runtime/bundle/store.ts';
import { auditFile, type AuditContext } from '../audit/audit-file.ts';
import { checkDeclaration, checkManifestSeal, compareRecords } from '../audit/audit-manifest.ts';
import { flag, type Call } from '../command.ts';
import { exit } from '../exit.ts';
import { printJson, type Io } from '../io.ts';
import { describeAudit, printAudit, type Audited } from '../audit/show-audit.ts';
import { existing } from '../project/sources.ts';
import { Stop } from '../stop.ts';

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const [given = ''] = call.args;
  const target = existing(given, io.cwd);
  const isFolder = statSync(target).isDirectory();
  const bundle = isFolder ? readBundle(target, given) : undefined;
  const names = bundle === undefined ? [path.basename(target)] : [bundle.manifest.onnx, ...(bundle.manifest.heads ?? [])].map((file) => file.path);
  const folder = isFolder ? target : path.dirname(target);
  const audited = auditAll(names.map((name) => path.join(folder, name)), io);
  const weights = audited.flatMap(({ data }) => data);
  const ofBundle = bundle === undefined ? await compareFiles(folder, weights) : [
    ...checkManifestSeal(bundle.text, given),
    ...(await compareFiles(folder, [...filesOf(bundle.manifest), ...weights])),
    ...checkDeclaration(folder, bundle.manifest, given),
    ...audited.flatMap((audit) => compareRecords(bundle.manifest, audit, audit.file)),
  ];
  const findings = [...ofBundle, ...audited.flatMap((audit) => audit.findings)];
  if (flag(call, 'json')) printJson(io, { ok: findings.length === 0, findings, files: audited.map(describeAudit) });
  else printAudit(audited, findings, io);
  return findings.length === 0 ? exit.fine : exit.fault;
}

/** The encoder first: its heads go on from what is known of its outputs. */
function auditAll(targets: readonly string[], io: Io): readonly Audited[] {
  const host = createNodeHost({ cwd: io.cwd });
  const constants = openConstants(host);
  const known = new Map<string, ValueFacts>();
  try {
    return targets.map((target) => {
      const audited = auditOne(target, host, { given: known, read: constants.read });
      for (const [tensor, facts] of audited.known) known.set(tensor, facts);
      return audited;
    });
  } finally {
    constants.close();
  }
}

function auditOne(target: string, host: Host, context: Omit<AuditContext, 'shown'>): Audited {
  const uri = pathToFileURL(target).href;
  const file = host.display(uri);
  const source = host.open(uri);
  if (!source.ok) throw new Stop(source.finding);
  try {
    const audit = auditFile(source.value, { ...context, shown: file });
    if (!audit.ok) throw new Stop(audit.finding);
    return { file, ...audit.value };
  } finally {
    source.value.close();
  }
}

/** `shown` is the folder as it was given. */
function readBundle(folder: string, shown: string): { readonly manifest: Manifest; readonly text: string } {
  const file = path.join(shown, 'manifest.json');
  const refuse = (reason: string): never => {
    throw new Stop(cliCodes.finding('audit-no-record', { file, reason }));
  };
  let text = '';
  try {
    text = readFileSync(path.join(folder, 'manifest.json'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw noManifest(folder, shown);
    refuse(reasonOf(error));
  }
  const json = parseJson(text);
  if (!json.ok) return refuse(json.reason);
  const manifest = readManifest(json.value);
  return manifest.ok ? { manifest: manifest.value, text } : refuse(manifest.finding.message);
}

function noManifest(folder: string, shown: string): Stop {
  const inside = readdirSync(folder).filter((name) => existsSync(path.join(folder, name, 'manifest.json')));
  const meant = inside.map((name) => `Did you mean ${path.join(shown, name)}?`);
  const advice = ['A bundle is the folder that `mdl build` writes for a model: dist/MODEL.'];
  const args = { file: shown, reason: 'there is no manifest.json in it' };
  return new Stop(cliCodes.finding('audit-no-record', args, meant.length > 0 ? meant : advice), exit.usage);
}

/** The heads of rollouts that have files of their own. */
const armsOf = ({ rollouts = [] }: Manifest): readonly ManifestFile[] =>
  rollouts.flatMap(({ slots }) => slots.flatMap(({ arms, shadows }) => [...arms, ...shadows].flatMap(({ head }) => head ?? [])));

/** Every file of a bundle as its manifest describes it. */
const filesOf = (manifest: Manifest): readonly ManifestFile[] => [
  manifest.onnx,
  ...(manifest.heads ?? []),
  ...armsOf(manifest),
  ...(manifest.data ?? []),
  ...(manifest.golden ?? []),
  ...Object.values(manifest.tokenizers),
];

/** Each file against what is said of it, once where that is said twice. */
async function compareFiles(folder: string, files: readonly ManifestFile[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const store = folderStore(folder);
  const different = new Map(files.map((file) => [`${file.path} ${file.bytes} ${file.sha256}`, file]));
  for (const file of different.values()) {
    try {
      await verifyFile(store, file);
    } catch (error) {
      if (!(error instanceof MdlRuntimeError)) throw error;
      const [message = ''] = error.message.split('\n');
      findings.push({ code: error.code, severity: 'error', message, notes: error.notes });
    }
  }
  return findings;
}
