/** What a model computes, as a digest: the same for the same operators on the same files, wherever they stand in a source. */
import { createHash } from 'node:crypto';
import type { CheckedModel } from '../../check/model.ts';
import type { Attribute, TensorBytes } from '../../ir/graph.ts';
import { printInfo } from '../../ir/print.ts';
import { filesOfNetwork } from '../../ir/stored-tensors.ts';

/** SHA-256 of a file, by URI. */
export type DigestOf = (uri: string) => string;

export function fingerprintOf({ program, tokenizers }: CheckedModel, digestOf: DigestOf): string {
  const numbers = new Map<string, number>();
  /** Values by when they are first met: their names say where they stand in the source. */
  const at = (value: string): number | string => {
    if (value === '') return '';
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    return numbers.get(value)!;
  };
  const lines: unknown[] = [...program.opsets].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const { value } of program.inputs) lines.push(['input', at(value), printInfo(program.types.get(value))]);
  for (const { name, dtype, dims, bytes } of program.initializers) lines.push(['constant', at(name), dtype, dims, describeBytes(bytes, digestOf)]);
  for (const step of program.steps) {
    if (step.kind === 'link') lines.push(['link', filesOfNetwork(step.model).map(digestOf), [...step.inputs].map(([name, value]) => [name, at(value)]), [...step.outputs].map(([name, value]) => [name, at(value)])]);
    else lines.push([step.domain, step.op, step.inputs.map(at), step.outputs.map(at), [...step.attributes].map(([name, attribute]) => [name, describeAttribute(attribute)])]);
  }
  for (const { value } of program.outputs) lines.push(['output', at(value)]);
  for (const { uri } of tokenizers) lines.push(['tokenizer', digestOf(uri)]);
  return createHash('sha256').update(lines.map((line) => JSON.stringify(line)).join('\n')).digest('hex');
}

export function describeBytes(bytes: TensorBytes | undefined, digestOf: DigestOf): unknown {
  if (bytes === undefined) return null;
  return bytes instanceof Uint8Array ? createHash('sha256').update(bytes).digest('hex') : [digestOf(bytes.uri), bytes.offset, bytes.length];
}

export const describeAttribute = (attribute: Attribute): unknown => JSON.stringify(attribute, (_, item: unknown) => (typeof item === 'bigint' ? `${item}n` : item));

/** The files that a model reaches: foreign graphs with their weights, weights of its own, tokenizers. */
export function filesOfModel({ program, tokenizers }: CheckedModel): readonly string[] {
  const weights = program.initializers.flatMap(({ bytes }) => (bytes === undefined || bytes instanceof Uint8Array ? [] : [bytes.uri]));
  const linked = program.steps.flatMap((step) => (step.kind === 'link' ? filesOfNetwork(step.model) : []));
  return [...new Set([...linked, ...weights, ...tokenizers.map(({ uri }) => uri)])];
}
