/** Types and values in Markdown, with the evidence of every fact. */
import { describeValue, type Value } from '../../check/expressions/values.ts';
import { positionAt } from '../../text/source.ts';
import type { Fact } from '../../types/fact.ts';
import { showStatement, showTensor } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { View } from '../view.ts';

export const fence = (code: string): string => `\`\`\`mdl\n${code}\n\`\`\``;
export const paragraphs = (...parts: readonly (string | undefined)[]): string =>
  parts.filter((part) => part !== undefined && part !== '').join('\n\n');
export const bullets = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');

/** `e: f32[batch, 512]` and below it what is known of its values. */
export function typed(name: string, type: Type, view: View): string {
  const head = name === '' ? '' : `${name}: `;
  if (type.kind === 'unknown') return fence(`${head}unknown`);
  if (type.kind === 'tensor') return paragraphs(fence(`${head}${showTensor(type)}`), contractLine(type), bullets(knownOf(type, view)));
  const fields = [...type.fields].map(([field, tensor]) => `  ${field}: ${showTensor(tensor)}\n`);
  const known = [...type.fields].flatMap(([field, tensor]) => knownOf(tensor, view, `${field}: `));
  return paragraphs(fence(`${head}{\n${fields.join('')}}`), contractLine(type), bullets(known));
}

/** A compile-time value has its description. */
export function valued(name: string, value: Value, view: View): string {
  if (value.kind === 'tensor' || value.kind === 'record') return typed(name, value.type, view);
  return value.kind === 'unknown' ? '' : paragraphs(fence(name), `${describeValue(value)}`);
}

const contractLine = (type: { readonly contract?: string }): string => (type.contract === undefined ? '' : `Contract \`${type.contract}\`.`);

/** What is known of a tensor, how, and by whose word. */
export const knownOf = (type: TensorType, view: View, prefix = ''): string[] => [
  `\`${prefix}${showTensor(type)}\`: ${type.evidence}`,
  ...type.facts.map((fact) => `\`${prefix}${showStatement(fact)}\`: ${fact.evidence}${wordOf(fact, view)}`),
];

/** Whose word a declared fact is, and what was measured of it. */
function wordOf({ evidence, location, because }: Fact, view: View): string {
  if (evidence === 'measured' && because !== undefined) return ` (${because})`;
  const source = location && view.compilation.sources.get(location.uri);
  if (evidence !== 'declared' || source === undefined) return '';
  return ` (${displayModule(source.uri, view.host)}:${positionAt(source, location!.span.start).line + 1})`;
}

/** `std/text`, or the path of a module of the user's. */
export function displayModule(uri: string, host: View['host']): string {
  const library = host.standardModules().find((name) => host.standardModule(name) === uri);
  return library === undefined ? host.display(uri) : `std/${library}`;
}
