/**
 * docs/operators.md says of every operator what the table says, and what the checker takes: element types are those with which
 * the call compiles, the opset is the first that its rule asks for with f32. Written anew with `vitest -u`.
 */
import { afterAll, expect, test, vi } from 'vitest';
import { operatorFamilies } from '../../src/ops/about.ts';
import type { Operator } from '../../src/ops/operator.ts';
import { operators } from '../../src/ops/table.ts';
import { operatorHead } from '../../src/ide/hover/operators.ts';
import { dtypes, isNarrow, type DType } from '../../src/types/dtype.ts';
import { checkText, errorsOf } from '../check/world.ts';

afterAll(() => vi.restoreAllMocks());

const rows = operatorFamilies.flatMap(({ operators: members }) => Object.entries(members).map(([name, about]) => ({ name, ...about })));

/** Inputs of the calls whose shapes are not [batch, 8], and those that have a dtype of their own: `T` is what is tried. */
const inputs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  MatMul: { b: 'T[8, 3]' },
  Gemm: { b: 'T[8, 3]' },
  Conv: { x: 'T[batch, 3, 8, 8]', w: 'T[5, 3, 2, 2]' },
  MaxPool: { x: 'T[batch, 3, 8, 8]' },
  AveragePool: { x: 'T[batch, 3, 8, 8]' },
  GlobalAveragePool: { x: 'T[batch, 3, 8, 8]' },
  GlobalMaxPool: { x: 'T[batch, 3, 8, 8]' },
  Resize: { x: 'T[batch, 3, 8, 8]' },
  CenterCropPad: { x: 'T[batch, 3, 8, 8]' },
  LayerNormalization: { scale: 'T[8]', bias: 'T[8]' },
  RMSNormalization: { scale: 'T[8]' },
  Squeeze: { x: 'T[batch, 8, 1]' },
  Expand: { x: 'T[1, 8]', like: 'f32[batch, 8]' },
  Gather: { indices: 'i64[batch] where range [0, 7]' },
  Where: { condition: 'bool[batch, 8]' },
  CastLike: { like: 'f32[batch, 8]' },
};

/** Inputs that the call names. */
const named = ({ inputs: all }: Operator, call: string): readonly string[] => all.filter((input) => new RegExp(`[(, ]${input}[,)]`).test(call));

/** A model of one call; of a record its first field is the output. */
function modelOf(name: string, call: string, dtype: DType): string {
  const operator = operators.get(name)!;
  const written = named(operator, call).map((input) => `  input ${input}: ${(inputs[name]?.[input] ?? 'T[batch, 8]').replace('T', dtype)}`);
  return [`model M${name}${dtype} {`, ...written, `  output y = ${call}${name === 'TopK' ? '.values' : ''}`, '}'].join('\n');
}

const tried = (Object.keys(dtypes) as DType[]).filter((dtype) => dtypes[dtype].class !== 'complex');
/** What the page calls sets of element types. */
const sets: Readonly<Record<string, readonly DType[]>> = {
  floats: ['f32', 'f16', 'f64', 'bf16'],
  'whole numbers': ['u8', 'i8', 'u16', 'i16', 'i32', 'i64', 'u32', 'u64'],
  'whole numbers of 32 or 64 bits': ['i32', 'i64', 'u32', 'u64'],
  'whole numbers with a sign': ['i8', 'i16', 'i32', 'i64'],
  'narrow ones': tried.filter(isNarrow),
};

function wordsFor(found: readonly DType[]): string {
  if (found.length === tried.length) return 'anything, narrow ones too';
  if (tried.every((dtype) => isNarrow(dtype) || found.includes(dtype)) && !found.some(isNarrow)) return 'anything';
  const words: string[] = [];
  let left = found;
  for (const [word, set] of Object.entries(sets)) {
    if (!set.every((dtype) => left.includes(dtype))) continue;
    words.push(word);
    left = left.filter((dtype) => !set.includes(dtype));
  }
  return [...words, ...left].join(', ');
}

/** By operator: the element types of its first operand that the checker takes, and the least opset that its rule answered for f32. */
function measure(): ReadonlyMap<string, { readonly takes: readonly DType[]; readonly opset: number }> {
  const opsets = new Map<string, number>();
  let isNoted = false;
  for (const operator of operators.values()) {
    const { since } = operator;
    vi.spyOn(operator, 'since').mockImplementation((types, attributes) => {
      const opset = since(types, attributes);
      if (isNoted) opsets.set(operator.name, Math.min(opset, opsets.get(operator.name) ?? Infinity));
      return opset;
    });
  }
  const takes = new Map<string, DType[]>(rows.map(({ name }) => [name, []]));
  for (const dtype of tried) {
    isNoted = dtype === 'f32';
    const texts = rows.map(({ name, call }) => modelOf(name, call, dtype));
    const text = texts.join('\n');
    const errors = errorsOf(checkText(text)).map(({ location }) => location.span.start);
    let end = 0;
    for (const [i, { name }] of rows.entries()) {
      const start = end;
      end += texts[i]!.length + 1;
      if (!errors.some((place) => place >= start && place < end)) takes.get(name)!.push(dtype);
    }
  }
  isNoted = true;
  checkText(rows.filter(({ name }) => !opsets.has(name)).map(({ name, call }) => modelOf(name, call, takes.get(name)![0] ?? 'f32')).join('\n'));
  return new Map(rows.map(({ name }) => [name, { takes: takes.get(name)!, opset: opsets.get(name) ?? 0 }]));
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const introduction = `# Operators

A body may call these operators of ONNX as \`onnx.NAME(…)\`. Inputs come first, in this order or by name; what stands behind a colon is named and
known when the model is built. What has \`=\` or \`?\` may be left out. Where ONNX has the same thing under two opsets, or as an attribute once and as an input later, the
compiler writes what the model's opset takes.

Kinds: \`int\` a whole number (of flags 0 or 1, or \`false\` and \`true\`), \`float\` a number, \`ints\` a list of whole numbers, \`size\` a number or a size's name, \`sizes\` a list of
these, \`dtype\` an element type, \`string\` a text. A size's name has to stand for a number in every model that calls the part; it may depend on the model's
inputs only in the \`shape\` of Reshape, and in a Slice, where \`n - 2\` is the place 2 before the end of an axis of the size \`n\`. Axes below 0 count from the end. Each call below compiles with inputs of fitting shapes, and with\nthe element types behind it. Narrow ones are floats of 8 bits and numbers of fewer: ONNX has their operators since opset 19 to 25, and a model that needs one gets it. [The language](language.md#parts) says
what bodies are, [the library](library.md) has parts made of them.
`;

test('docs/operators.md is what the table of operators says', async () => {
  const measured = measure();
  const sections = operatorFamilies.map(({ title, about, operators: members }) => {
    const lines = Object.entries(members).map(([name, { does, call, renamed = {} }]) => {
      const { takes, opset } = measured.get(name)!;
      const other = Object.entries(renamed).filter(([theirs]) => !['X', 'A', 'B', 'C', 'Y', 'input', 'data', 'input_data', 'W', 'Scale', 'K'].includes(theirs));
      const instead = other.map(([theirs, ours]) => ` ONNX's \`${theirs}\` is ${ours}.`).join('');
      return `| \`${cell(operatorHead(operators.get(name)!))}\` | ${cell(does)}${cell(instead)} | \`${cell(call)}\` | ${wordsFor(takes)} | ${opset} |`;
    });
    return [`## ${title}`, '', about, '', '| Operator | What it does | A call | Element types | Opset |', '|---|---|---|---|---|', ...lines, ''].join('\n');
  });
  await expect([introduction, ...sections].join('\n')).toMatchFileSnapshot('../../docs/operators.md');
  // Every call compiles with some element type, or the page would say nothing of it.
  expect([...measured].filter(([, { takes, opset }]) => takes.length === 0 || opset === 0).map(([name]) => name)).toEqual([]);
});

test('every operator of the table has a row, and every row an operator', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual([...operators.keys()].sort());
});

test('what is said to be called otherwise is no argument', () => {
  for (const { name, renamed = {} } of rows) {
    const { inputs: own, attributes } = operators.get(name)!;
    expect(Object.keys(renamed).filter((theirs) => own.includes(theirs) || Object.hasOwn(attributes, theirs)), name).toEqual([]);
    const words = Object.values(renamed).flatMap((ours) => [...ours.matchAll(/`(\w+)`/g)].map(([, word]) => word!));
    expect(words.filter((word) => !own.includes(word) && !Object.hasOwn(attributes, word)), name).toEqual([]);
  }
});

test('sizes that depend on the inputs stand where the page says', () => {
  const body = (call: string): string => `part p(x: f32[batch, n]) -> f32[batch, some m] { ${call} }\nmodel M {\n  input x: f32[batch, n]\n  output y = p(x)\n}`;
  const refusedIn = (call: string): string[] => errorsOf(checkText(body(call))).map(({ message }) => message);
  expect(refusedIn('onnx.Reshape(x, shape: [batch, n])')).toEqual([]);
  for (const [start, end] of [['1', 'n'], ['n - 3', 'n'], ['n - 3', 'n - 1'], ['0', 'n - 2'], ['n', 'n']]) expect(refusedIn(`onnx.Slice(x, axis: -1, start: ${start}, end: ${end})`)).toEqual([]);
  expect([...operators.values()].filter(({ takesOpenSize }) => takesOpenSize !== undefined).map(({ name }) => name).sort()).toEqual(['Reshape', 'Slice']);
  for (const call of ['onnx.Slice(x, axis: -1, start: 0, end: batch)', 'onnx.Slice(x, axis: -1, start: 0, end: 2 * n - 2)', 'onnx.Tile(x, axis: -1, times: n)', 'onnx.Pad(x, pads: [0, n])', 'onnx.TopK(x, k: n).values']) {
    expect(refusedIn(call), call).toEqual([expect.stringContaining('depends on the inputs of the model')]);
  }
});
