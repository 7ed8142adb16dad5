/** `mdl audit`: what was built, against its own record. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Evidence, Manifest, ManifestFile } from '../bundle/manifest.ts';
import { readManifest } from '../bundle/read.ts';
import { parseJson } from '../data/json.ts';
import { cliCodes } from '../diagnostics/codes/cli.ts';
import type { Finding } from '../diagnostics/diagnostic.ts';
import { plural } from '../diagnostics/index.ts';
import type { Host } from '../host/host.ts';
import { createNodeHost } from '../host/node.ts';
import { reasonOf } from '../host/system-error.ts';
import type { ValueFacts } from '../ir/infer/facts.ts';
import { openConstants } from '../read-constants.ts';
import { verifyFile } from '../runtime/bundle-files.ts';
import { MdlRuntimeError } from '../runtime/errors.ts';
import { folderStore } from '../runtime/store.ts';
import type { AuditedFact } from './audit-facts.ts';
import { auditFile, countEvidence, wordsOf, type AuditContext, type FileAudit } from './audit-file.ts';
import { checkDeclaration, checkManifestSeal, compareRecords } from './audit-manifest.ts';
import { flag, type Call } from './command.ts';
import { exit } from './exit.ts';
import { printJson, styleOf, type Io } from './io.ts';
import { renderFinding } from './print-diagnostics.ts';
import { existing } from './sources.ts';
import { Stop } from './stop.ts';

interface Audited extends FileAudit {
  readonly file: string;
}

export async function command(call: Call): Promise<number> {
  const { io } = call;
  const [given = ''] = call.args;
  const target = existing(given, io.cwd);
  const isFolder = statSync(target).isDirectory();
  const bundle = isFolder ? readBundle(target, given) : undefined;
  const names = bundle === undefined ? [path.basename(target)] : [bundle.manifest.onnx, ...(bundle.manifest.heads ?? [])].map((file) => file.path);
  const folder = isFolder ? target : path.dirname(target);
  const audited = auditAll(names.map((name) => path.join(folder, name)), io);
  const ofBundle = bundle === undefined ? [] : [
    ...checkManifestSeal(bundle.text, given),
    ...(await compareBundle(folder, bundle.manifest)),
    ...checkDeclaration(folder, bundle.manifest, given),
    ...audited.flatMap((audit) => compareRecords(bundle.manifest, audit, audit.file)),
  ];
  const findings = [...ofBundle, ...audited.flatMap((audit) => audit.findings)];
  if (flag(call, 'json')) printJson(io, { ok: findings.length === 0, findings, files: audited.map(describe) });
  else print(audited, findings, io);
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

/** Every file of a bundle as its manifest describes it. */
async function compareBundle(folder: string, manifest: Manifest): Promise<readonly Finding[]> {
  const files: readonly ManifestFile[] = [
    manifest.onnx,
    ...(manifest.heads ?? []),
    ...(manifest.data ?? []),
    ...Object.values(manifest.tokenizers),
  ];
  const findings: Finding[] = [];
  const store = folderStore(folder);
  for (const file of files) {
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

const describe = ({ file, compiler, model, part, record, facts }: Audited): object => ({
  file,
  compiler,
  model,
  ...(part === undefined ? {} : { part }),
  evidence: countEvidence(record.joints),
  facts,
  declared: wordsOf(record.joints),
  sources: record.sources,
});

/** What a fact that does not follow through the graph rests on. */
const grounds: Readonly<Record<Evidence, string>> = {
  proved: "on the compiler's proof alone",
  enforced: 'on a test when it runs',
  measured: 'on a measurement',
  declared: "on somebody's word",
};

function showFact({ tensor, what, evidence, verdict, because }: AuditedFact): string {
  const ground = verdict === 'derived' ? 'derived anew' : verdict === 'contradicted' ? 'contradicted' : verdict === 'nominal' && evidence === 'proved' ? 'by its declaration' : grounds[evidence];
  return `${ground}: ${tensor}: ${what}${because === '' ? '' : ` (${because})`}`;
}

function print(audited: readonly Audited[], findings: readonly Finding[], io: Io): void {
  for (const { file, compiler, model, part, record, facts } of audited) {
    const counts = Object.entries(countEvidence(record.joints)).map(([evidence, count]) => `${count} ${evidence}`);
    io.stdout.write(`${file}: ${part === undefined ? '' : `${part} of `}${model}, by ${compiler}\n`);
    for (const fact of facts) io.stdout.write(`  ${showFact(fact)}\n`);
    if (part !== undefined && part !== 'encoder') continue;
    io.stdout.write(`  ${plural(record.joints.length, 'joint')}: ${counts.join(', ') || 'nothing required'}\n`);
    for (const words of wordsOf(record.joints)) io.stdout.write(`  on somebody's word: ${words}\n`);
    for (const { path: source, sha256 } of record.sources) io.stdout.write(`  made from ${source}, SHA-256 ${sha256.slice(0, 16)}…\n`);
  }
  for (const finding of findings) io.stdout.write(`${renderFinding(finding, styleOf(io.stdout, io.env))}\n`);
  if (findings.length === 0) io.stdout.write('Nothing was altered; dtypes, shapes and what can be derived are as the interface says.\n');
}
