/** One ONNX file against the record that it carries. */
import { createHash } from 'node:crypto';
import { dataKey, readDataFiles } from '../../bundle/data-files.ts';
import type { ManifestFile, ManifestTensor } from '../../bundle/manifest.ts';
import type { FileRecord } from '../../bundle/read.ts';
import type { ValueFacts } from '../../ir/infer/facts.ts';
import type { ReadTensor } from '../../ir/infer/constants.ts';
import { placesKey } from '../../bundle/places.ts';
import { readPlaces } from '../../bundle/read-places.ts';
import { readRecord, type SealedRecord } from '../../bundle/record.ts';
import { cliCodes } from '../../diagnostics/codes/cli.ts';
import { fail, succeed, type Finding, type Outcome } from '../../diagnostics/diagnostic.ts';
import type { ByteSource } from '../../host/host.ts';
import { inferGraph } from '../../ir/infer/index.ts';
import type { TensorInfo } from '../../ir/graph.ts';
import { metadataPrefix, readModel, sealOf, type OnnxFile, type Seal } from '../../onnx/index.ts';
import { constantOf, showDim } from '../../types/dim.ts';
import { auditFacts, tensorsOf, type FactAudit } from './audit-facts.ts';

export interface FileAudit extends SealedRecord, FactAudit {
  readonly findings: readonly Finding[];
  /** The files in which weights of it lie, as it records them: they are compared by whoever can read them. */
  readonly data: readonly ManifestFile[];
  /** How many tensors of joints its record leaves out. */
  readonly left: number;
}

/** What is there beside the file. */
export interface AuditContext {
  /** The file's name in findings. */
  readonly shown: string;
  /** What is known of tensors that another part of the model gives. */
  readonly given: ReadonlyMap<string, ValueFacts>;
  readonly read: ReadTensor;
}

/** A record that is sealed with the graph, and is not true of it. */
const refuted = 'Its record says what its own graph does not bear out: no build writes that. Build it again from its source, and do not trust this file.';

/** A finding instead of an audit where the file has no record. */
export function auditFile(source: ByteSource, { shown, given, read: readTensor }: AuditContext): Outcome<FileAudit> {
  const read = readModel(source);
  if (!read.ok) return read;
  const file = read.value;
  const sealed = readRecord(file.metadata, metadataPrefix);
  if (!sealed.ok) return fail(cliCodes.finding('audit-no-record', { file: shown, reason: sealed.reason }, [`What \`mdl build\` writes has a record of its making. What is in a file of others is shown by \`mdl inspect ${shown}\`.`]));
  const { part, record } = sealed.value;
  const places = readPlaces(file.metadata.get(`${metadataPrefix}${placesKey}`), record.joints.length);
  if (typeof places === 'string') return fail(cliCodes.finding('audit-no-record', { file: shown, reason: `\`${metadataPrefix}${placesKey}\` of its metadata ${places}` }));
  const data = readDataFiles(file.metadata.get(`${metadataPrefix}${dataKey}`));
  if (typeof data === 'string') return fail(cliCodes.finding('audit-no-record', { file: shown, reason: `\`${metadataPrefix}${dataKey}\` of its metadata ${data}` }));
  const { tensors: placed = [], left = 0 } = places ?? {};
  const facts = auditFacts(file, { ...record, placed }, given, readTensor);
  const contradiction = (tensor: string, said: string, found: string): Finding => cliCodes.finding('audit-contradiction', { file: shown, tensor, said, found }, [refuted]);
  return succeed({
    ...sealed.value,
    ...facts,
    data,
    left,
    findings: [
      ...checkSeal(file, source, shown),
      ...checkInterface(file, record, part === undefined, shown),
      ...checkShapes(file, shown),
      ...facts.places.flatMap(({ tensor, type, found, shape }) => (shape === 'contradicted' ? [contradiction(tensor, type, found)] : [])),
      ...[...facts.facts, ...facts.places.flatMap((place) => place.facts)].flatMap(({ tensor, what, verdict, because }) => (verdict === 'contradicted' ? [contradiction(tensor, what, because)] : [])),
    ],
  });
}

// ---------------------------------------------------------------- the seal

function checkSeal(file: OnnxFile, source: ByteSource, shown: string): readonly Finding[] {
  const altered = (what: string): Finding => cliCodes.finding('audit-altered', { file: shown, what }, ['Copy it again from where it was built, or build it again.']);
  const seal = sealOf(file);
  if (seal === undefined) return [altered('its seal is missing')];
  const behind = file.size - seal.end;
  const wrong = findAltered(seal, source).map((what) => altered(what));
  return behind === 0 ? wrong : [...wrong, altered(`${behind} bytes follow its seal`)];
}

function findAltered(seal: Seal, source: ByteSource): readonly string[] {
  const { sha256, parts, covered } = seal;
  if (parts === undefined) return digestOf(source, 0, covered) === sha256 ? [] : [`its first ${covered} bytes have another digest`];
  const lines = createHash('sha256').update(parts.map((part) => `${part}\n`).join('')).digest('hex');
  if (lines !== sha256) return ['the list of digests in its seal is not the one that was sealed'];
  const found: string[] = [];
  let at = 0;
  for (const part of parts) {
    const [bytes, digest] = part.split(' ') as [string, string];
    const end = at + Number(bytes);
    if (end > covered || digestOf(source, at, end) !== digest) found.push(`the bytes ${at} to ${end} have another digest`);
    if (end > covered) return found;
    at = end;
  }
  return at === covered ? found : [...found, `the bytes ${at} to ${covered} belong to no part of it`];
}

const chunkBytes = 2 ** 20;

function digestOf(source: ByteSource, from: number, to: number): string {
  const hash = createHash('sha256');
  for (let at = from; at < to; at += chunkBytes) hash.update(source.read(at, Math.min(chunkBytes, to - at)));
  return hash.digest('hex');
}

// ---------------------------------------------------------------- contracts

/** The whole interface of a whole model; of a part, what it has of it. */
function checkInterface(file: OnnxFile, record: FileRecord, isWhole: boolean, shown: string): readonly Finding[] {
  const { graph } = file;
  const { states = [], guards = [] } = record;
  const sides = [
    [[...record.inputs.flatMap(tensorsOf), ...states.map(({ tensor }) => tensor)], graph.inputs],
    [[...record.outputs.flatMap(tensorsOf), ...states.map(({ tensor, next }) => ({ ...tensor, onnx: next }))], graph.outputs.filter((name) => !guards.some(({ tensor }) => tensor === name))],
  ] as const;
  return sides.flatMap(([said, found]) => [
    ...said.flatMap((tensor) => {
      if (!found.includes(tensor.onnx) && !isWhole) return [];
      const isTested = guards.some(({ axes, outputs }) => axes !== undefined && outputs.includes(tensor.onnx));
      return compare(tensor, found.includes(tensor.onnx) ? graph.types.get(tensor.onnx) : undefined, isTested, shown);
    }),
    ...found
      .filter((name) => isWhole && !said.some((tensor) => tensor.onnx === name))
      .map((name) => cliCodes.finding('audit-contradiction', { file: shown, tensor: name, said: 'no part of its interface', found: 'there' }, [refuted])),
  ]);
}

/** Of sizes that are tested at each run (`isTested`) the file may say nothing: whoever runs it would take them for settled. */
function compare(said: ManifestTensor, found: TensorInfo | undefined, isTested: boolean, shown: string): readonly Finding[] {
  const dims = said.dims.map(({ size }) => size);
  const text = (dtype: string | undefined, sizes: readonly (number | string)[] | undefined): string =>
    `${dtype ?? 'a tensor'}${sizes === undefined ? ' of unknown rank' : `[${sizes.join(', ')}]`}`;
  const foundDims = found?.dims?.map((dim) => constantOf(dim) ?? showDim(dim));
  const fits =
    found !== undefined &&
    found.dtype === said.dtype &&
    foundDims?.length === dims.length &&
    // Names may have given way to others; numbers may not.
    dims.every((size, axis) => typeof size !== 'number' || foundDims[axis] === size || (isTested && typeof foundDims[axis] === 'string')) &&
    foundDims.every((size, axis) => typeof size !== 'number' || dims[axis] === size);
  if (fits) return [];
  const args = { file: shown, tensor: said.onnx, said: text(said.dtype, dims), found: found === undefined ? 'not there' : text(found.dtype, foundDims) };
  return [cliCodes.finding('audit-contradiction', args, [refuted])];
}

/** Types that the graph declares and that cannot be, by inference through all its operators. */
function checkShapes(file: OnnxFile, shown: string): readonly Finding[] {
  const show = (dtype: string | undefined, dims: TensorInfo['dims']): string =>
    `${dtype ?? 'a tensor'}${dims === undefined ? '' : `[${dims.map(showDim).join(', ')}]`}`;
  return [...inferGraph(file)].flatMap(([tensor, { dtype, dims, contradicts }]) => {
    if (contradicts === undefined) return [];
    const args = { file: shown, tensor, said: show(contradicts.dtype, contradicts.dims), found: show(dtype, dims) };
    return [cliCodes.finding('audit-contradiction', args, [refuted])];
  });
}
