/** Whether what an upgrade was told suits: encoders that take the same, and columns that a source can name. */
import { reservedWords } from '../../syntax/tokens.ts';
import { suggest } from '../../text/suggest.ts';
import { constantOf } from '../../types/dim.ts';
import { showType } from '../../types/show.ts';
import type { TensorType, Type } from '../../types/type.ts';
import type { Table } from '../data/table.ts';
import type { LabelChoice } from './bind-labels.ts';
import type { EncoderVectors } from './encoder.ts';

/** Why the new encoder cannot be given what the old one is given; undefined where it can, or nobody knows. */
export function unsuitableInputs(old: EncoderVectors, next: EncoderVectors): string | undefined {
  if (next.inputs.length !== old.inputs.length) return `\`${old.symbol.name}\` takes ${inputs(old.inputs.length)}, and \`${next.symbol.name}\` ${next.inputs.length}`;
  const place = old.inputs.findIndex((input, i) => !isSameForm(input.type, next.inputs[i]!.type));
  if (place < 0) return undefined;
  const shown = ({ symbol, inputs: all }: EncoderVectors): string => `\`${symbol.name}\` takes \`${all[place]!.name}: ${showType(all[place]!.type)}\``;
  return `${shown(old)}, and ${shown(next)}: name an adapter that takes what \`${old.symbol.name}\` takes and gives the new vectors`;
}

const inputs = (count: number): string => `${count} ${count === 1 ? 'input' : 'inputs'}`;

/** Dtypes and shapes alone: texts that are cut into other tokens are of the same form. */
function isSameForm(a: Type, b: Type): boolean {
  if (a.kind === 'unknown' || b.kind === 'unknown') return true;
  if (a.kind === 'tensor' && b.kind === 'tensor') return isSameTensor(a, b);
  if (a.kind !== 'record' || b.kind !== 'record') return false;
  return a.fields.size === b.fields.size && [...a.fields].every(([name, field]) => b.fields.has(name) && isSameTensor(field, b.fields.get(name)!));
}

function isSameTensor(a: TensorType, b: TensorType): boolean {
  if (typeof a.dtype === 'string' && typeof b.dtype === 'string' && a.dtype !== b.dtype) return false;
  if (a.shape.rest !== undefined || b.shape.rest !== undefined) return true;
  const [sizesA, sizesB] = [a, b].map(({ shape }) => shape.axes.map(({ size }) => constantOf(size))) as [(number | undefined)[], (number | undefined)[]];
  return sizesA.length === sizesB.length && sizesA.every((size, i) => size === undefined || sizesB[i] === undefined || size === sizesB[i]);
}

/**
 * Why a column cannot be read by the sources that are to be written: they say `d.COLUMN`.
 *
 * @param isInput whether an input of a part is called so, too, as no reserved word is
 */
export function unsuitableColumn(column: string, { name, columns }: Table, isInput: boolean): string | undefined {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(column) && !(isInput && reservedWords.has(column))) return undefined;
  const dot = column.lastIndexOf('.');
  const isArray = columns.get(column)?.kind === 'array' && name.endsWith('.npy');
  const pattern = isArray && dot > 0 ? `: write '${name.slice(0, -`${column}.npy`.length)}${column.slice(0, dot)}.*.npy', of which it is the column \`${column.slice(dot + 1)}\`` : ': call it otherwise';
  return `the column \`${column}\` of ${name} is no name in MDL${pattern}`;
}

/** Why what the call names by --label is none: columns that are not there, and outputs. */
export function unsuitableLabels({ label, labels }: LabelChoice, outputs: readonly string[], { name, columns }: Table): string | undefined {
  const meant = (word: string, known: readonly string[]): string => {
    const near = suggest(word, known);
    return `${known.map((one) => `\`${one}\``).join(', ')}${near === undefined ? '' : `. Did you mean \`${near}\`?`}`;
  };
  const stray = [...labels.keys()].find((output) => !outputs.includes(output));
  if (stray !== undefined) return `no output \`${stray}\`, which --label speaks of, rests on it; those that do are ${meant(stray, outputs)}`;
  const missing = [...(label === undefined ? [] : [label]), ...labels.values()].find((column) => !columns.has(column));
  return missing === undefined ? undefined : `${name} has no column \`${missing}\` for its classes; it has ${meant(missing, [...columns.keys()])}`;
}
