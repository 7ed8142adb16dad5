/** `x // 2`, which divides and rounds down elsewhere: here it is `x`, and a comment. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import { at } from '../../text/source.ts';
import type { NameExpr } from '../../syntax/ast.ts';
import { constantOf } from '../../types/dim.ts';
import { dtypes } from '../../types/dtype.ts';
import { replaceAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { isStatic, numberOf, sizeOf, type Value } from './values.ts';

/** A comment that is one number, to the end of its line. */
const numberAlone = /\/\/[ \t]*(\d+)[ \t]*(?=[\r\n]|$)/y;
const endsInNumber = /\/\/[ \t]*\d+[ \t]*$/;

/**
 * Warns where a name is followed by a comment that could be its divisor. A number that the value has among its own sizes is an
 * annotation, and so is one in a column of numbers.
 */
export function warnOfComment({ name, span }: NameExpr, value: Value, env: Env): void {
  const { module } = env.scope;
  const { text } = module.source;
  let start = span.end;
  while (text[start] === ' ' || text[start] === '\t') start++;
  // Nearly always.
  if (text[start] !== '/' || text[start + 1] !== '/') return;
  numberAlone.lastIndex = start;
  const found = numberAlone.exec(text);
  if (found === null || isAnnotation(value, Number(found[1])) || isInColumn(text, start)) return;
  const comment = { start, end: start + found[0].trimEnd().length };
  const fixes = quotients(name.text, found[1]!, value).map((written): Fix => ({ title: `write \`${written}\``, edits: [replaceAt({ start: span.start, end: comment.end }, written, module)] }));
  env.report(partCodes.report('commented-quotient', { value: name.text, divisor: found[1]! }, at(module, comment), { label: 'not read', notes: [meant(value), 'A comment that says what its number counts, `// 2 rows`, is taken for one.'], fixes }));
}

function isAnnotation(value: Value, number: number): boolean {
  if (value.kind === 'tensor') return value.type.shape.axes.some(({ size }) => constantOf(size) === number);
  return value.kind === 'record' || (isStatic(value) && numberOf(value) === number);
}

/** Whether the line above or below ends in such a comment, too. */
function isInColumn(text: string, place: number): boolean {
  const lineStart = text.lastIndexOf('\n', place) + 1;
  const lineEnd = text.indexOf('\n', place);
  const above = text.slice(text.lastIndexOf('\n', lineStart - 2) + 1, Math.max(0, lineStart - 1));
  const below = lineEnd < 0 ? '' : text.slice(lineEnd + 1).split('\n', 1)[0]!;
  return [above, below].some((line) => endsInNumber.test(line.trimEnd()));
}

const meant = (value: Value): string =>
  isStatic(value) ? 'Sizes are divided, and rounded down, by `div`, inside of brackets.' : 'Tensors are divided by `/`, of which `onnx.Floor` rounds down, and whole numbers towards 0.';

/** How the quotient is written of what the value is; none where whole numbers may be below zero, which are rounded otherwise. */
function quotients(name: string, by: string, value: Value): readonly string[] {
  if (isStatic(value)) return sizeOf(value) === undefined ? [] : [`(${name} div ${by})`];
  const dtype = value.kind === 'tensor' ? value.type.dtype : undefined;
  const kind = typeof dtype === 'string' ? dtypes[dtype].class : dtype?.family;
  return kind === 'float' ? [`onnx.Floor(${name} / ${by})`] : kind === 'uint' ? [`${name} / ${by}`] : [];
}
