/** What is said beside a message, where a wrong word would send somebody the wrong way. */
import { expect, test } from 'vitest';
import { applyEdits } from '../../src/diagnostics/index.ts';
import { checkFiles, errorsOf, uriOf } from './world.ts';

const main = 'main.mdl';
const check = (text: string, more: Readonly<Record<string, string>> = {}) => errorsOf(checkFiles({ [main]: text, ...more }));
const spaces = (name: string): Readonly<Record<string, string>> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: '1.0.0', mdl: './main.mdl' }),
  [`node_modules/${name}/main.mdl`]: `space minilm @ 1.0.0\ncontract ${name}_vector = f32[batch, 8] where space minilm\n`,
});

test('two spaces of one name are told apart by their packages, also in what leads from one to the other', () => {
  const text = 'import { a_vector } from "a"\nimport { b_vector } from "b"\npart read(x: b_vector) -> f32[batch, 8] { x * 2 }\nmodel M {\n  input x: a_vector\n  output y = read(x)\n}\n';
  const [found] = check(text, { ...spaces('a'), ...spaces('b') });
  expect(found?.code).toBe('space-mismatch');
  expect(found?.notes.join(' ')).toContain('that were fitted from `minilm` of the package a to `minilm` of the package b.');
});

test('a record before a pooling gives its field, with the mask beside it', () => {
  const text = (fields: string, call: string): string => `import { Mask, mean_pool } from "std/text"\ncontract P { ${fields} mask: Mask }\npart pool(p: P) -> f32[batch, 8] keeps space { ${call} }\n`;
  const one = text('x: f32[batch, seq, 8]', 'p |> mean_pool');
  const [{ fixes } = { fixes: [] }] = check(one);
  const mended = applyEdits(one, fixes[0]!.edits.filter(({ location }) => location.uri === uriOf(main))).text;
  expect(mended).toBe(text('x: f32[batch, seq, 8]', 'p.x |> mean_pool(mask: p.mask)'));
  expect(check(mended)).toEqual([]);
  // Which of two fields is meant, nobody knows.
  expect(check(text('x: f32[batch, seq, 8] y: f32[batch, seq, 8]', 'p |> mean_pool')).map(({ code, fixes: offered }) => [code, offered.length])).toEqual([['missing-argument', 0]]);
});

test('only heads are offered where a head is meant', () => {
  const text = `import { softmax } from "std/nn"
head First(x: f32[batch, 4]) -> f32[batch, 4] { x * 2 }
head Second(x: f32[batch, 4]) -> f32[batch, 4] { softmax(x) }
model M {
  input x: f32[batch, 4]
  output y = First(x)
}
rollout R of M {
  slot y {
    arm First 90%
    arm Another 10%
  }
}
`;
  expect(check(text).map(({ notes }) => notes)).toEqual([['In scope: `First`, `Second`.']]);
});

test('a count is written without a unit, or as a share', () => {
  const [found] = check('model M {\n  input x: f32[batch, 4]\n  output y = x * 2\n  budget { macs <= 5MB }\n}\n');
  expect(found?.notes).toEqual(['Write a number without a unit, `1e9`, or a share in `%` of what its backbones have by themselves.']);
});

test('infinity in the place of what breaks a demand is told of as it is written', () => {
  const why = (type: string): string | undefined => check(`contract Wanted = ${type}\npart f(x: Wanted) -> f32[n] { onnx.Cast(x, to: f32) }\nmodel M {\n  input x: f32[n]\n  output y = f(x)\n}\n`)[0]?.message;
  expect(why('f32[n] where finite on violation replace(inf)')).toContain('inf is not finite');
  expect(why('f32[n] where range [0, 1] on violation replace(-inf)')).toContain('-inf does not lie in it');
  expect(why('i32[n] where range [0, inf] on violation replace(inf)')).toContain('inf does not fit i32');
  expect(why('f32[n] where range [0, inf] on violation replace(inf)')).toBeUndefined();
});

test('whole numbers where floats of another range are taken are not offered to be called so', () => {
  const text = (input: string): string => `contract Net = f32[batch, 4] where range [-1, 1]\npart read(x: Net) -> f32[batch, 4] { x * 2 }\nmodel M {\n  input x: ${input}\n  output y = read(x)\n}\n`;
  const saying = (input: string) => check(text(input)).flatMap(({ fixes }) => fixes).filter(({ edits }) => edits.some(({ text: written }) => written.includes('where range')));
  expect(check(text('i64[batch, 4]')).map(({ code }) => code).sort()).toEqual(['dtype-mismatch', 'unmet-fact']);
  expect(saying('i64[batch, 4]')).toEqual([]);
  expect(saying('f32[batch, 4]').length).toBeGreaterThan(0);
});

test('numbers that are divided afterwards become fractions, and pictures bytes', () => {
  const mended = (expr: string, bindings = ''): readonly string[] => {
    const text = `import { RgbImage } from "std/vision"\nmodel M {\n  input p: u8[batch, 4]\n  input image: RgbImage(float: f32)\n  input scores: f32[batch, 4] where range [0, 1]\n${bindings}  output y = ${expr}\n  output z = image\n}\n`;
    const found = checkFiles({ [main]: text }).diagnostics.filter(({ code }) => code === 'wraps-around' || code === 'fraction-lost');
    return found.flatMap(({ fixes }) => fixes.map((fix) => applyEdits(text, fix.edits).text.split('\n').filter((line) => !text.includes(line)).join(';').trim()));
  };
  expect(mended('(p - 128) / 128')).toEqual(['output y = (onnx.Cast(p, to: f32) - 128) / 128']);
  expect(mended('far / 128', '  let far = p - 128\n')[0]).toBe('let far = onnx.Cast(p, to: f32) - 128');
  expect(mended('p - 128')).toEqual(['output y = onnx.Cast(p, to: i32) - 128']);
  expect(mended('onnx.Cast(image, to: u8)')).toEqual(['output y = onnx.Cast(image * 255 + 0.5, to: u8)', 'output y = onnx.Cast(onnx.Greater(image, 0.5), to: u8)']);
  expect(mended('onnx.Cast(scores, to: u8)')).toEqual(['output y = onnx.Cast(onnx.Greater(scores, 0.5), to: u8)']);
});

test('bytes of a picture come to where a network wants them, and not half the way', () => {
  const titles = (input: string, demand: string): readonly string[] =>
    check(`import { Pixels } from "std/vision"\ncontract Wanted = ${demand}\npart net(x: Wanted) -> f32[batch] { onnx.ReduceMean(x, axes: [1, 2, 3], keepdims: false) }\nmodel M {\n  input x: ${input}\n  output y = net(x)\n}\n`).flatMap(({ fixes }) => fixes.map(({ title }) => title));
  expect(titles('Pixels', 'f32[N: batch, H: h, W: w, C: 3] where range [-1, 1]')).toEqual(['bring [0, 255] to [-1, 1]']);
  expect(titles('Pixels', 'f32[N: batch, H: 224, W: 224, C: 3] where range [-1, 1]')).toEqual(['bring [0, 255] to [0, 1], then resize it to 224 × 224, whatever its proportions are, then bring [0, 1] to [-1, 1]']);
});

test('what is made of a state is offered as its next one before it is said to stay', () => {
  const text = (shape: string, next = ''): string => `contract R { y: f32[batch, 4] h: f32[batch, 4] }
part cell(x: f32[batch, 4]) -> R { { y: x * 2, h: x + 1 } }
model M {
  input x: f32[batch, 4]
  state h: ${shape} = 0
  let o = cell(x)
  output y = o.y
${next}}
`;
  const fixesOf = (written: string) => check(written).flatMap(({ fixes }) => fixes);
  const fixes = fixesOf(text('f32[batch, 4]'));
  expect(fixes.map(({ title }) => title)).toEqual(['write `next h = o.h`', 'write `next h = o.y`', 'say that it stays']);
  expect(fixes.every(({ doubtful }) => doubtful)).toBe(true);
  const mended = applyEdits(text('f32[batch, 4]'), fixes[0]!.edits).text;
  expect(mended).toBe(text('f32[batch, 4]', '  next h = o.h\n'));
  expect(check(mended)).toEqual([]);
  expect(fixesOf(text('f32[batch]')).map(({ title }) => title)).toEqual(['say that it stays']);
});

test('bytes that a part promises are offered as bytes', () => {
  const text = (body: string): string => `part f(x: u8[batch, 4], y: u8[batch, 4]) -> u8[batch, 4] { ${body} }\n`;
  const mended = (body: string): string => applyEdits(text(body), checkFiles({ [main]: text(body) }).diagnostics.find(({ code }) => code === 'wraps-around')!.fixes[0]!.edits).text;
  expect(mended('x + 100')).toBe(text('onnx.Cast(onnx.Clip(onnx.Cast(x, to: i32) + 100, 0, 255), to: u8)'));
  expect(mended('x - y')).toBe(text('onnx.Cast(onnx.Clip(onnx.Cast(x, to: i32) - onnx.Cast(y, to: i32), 0, 255), to: u8)'));
  expect(checkFiles({ [main]: mended('onnx.Sub(x, y)') }).diagnostics).toEqual([]);
});

test('what to write where no pooling of the library leaves padding out is told for each reduction, and ends the warning', () => {
  const said = (output: string): readonly string[] =>
    checkFiles({
      [main]: `import { Tokens, zero_padding } from "std/text"
tokenizer pieces @ 1.0.0
backbone E @ 1.0.0 {
  source "./encoder.onnx"
  input tokens: Tokens(by: pieces) from { ids: "input_ids", mask: "attention_mask" }
  output embedding: f32[batch, 8]
  tap hidden: f32[batch, seq, 8]
}
model M {
  input q: Tokens(by: pieces)
  let x = E(q).hidden * 2
  let greatest = onnx.ReduceMax(x, axes: [-1], keepdims: false)
  let count = onnx.ReduceSum(onnx.Cast(q.mask, to: f32), axes: [-1])
  let kept = zero_padding(x, mask: q.mask)
  output n = count
  output k = onnx.ReduceSum(kept, axes: [1])
  output y = ${output}
}
`,
    }).diagnostics.filter(({ code }) => code === 'mask-left-out').map(({ notes }) => notes.at(-1)!);
  expect(said('onnx.ReduceSum(x, axes: [1])')).toEqual(['`zero_padding` of `std/text` puts zeros in its place.']);
  expect(said('onnx.ReduceMean(x, axes: [1])')).toEqual(['`zero_padding` of `std/text` puts zeros in its place: a mean is the sum of that over the number of tokens, the sum of `q.mask`.']);
  expect(said('onnx.ReduceMean(greatest, axes: [-1])')).toEqual(['A product with `q.mask`, cast to its element type, puts zeros in its place: a mean is the sum of that over the number of tokens, the sum of `q.mask`.']);
  expect(said('onnx.ReduceMin(x, axes: [1])')).toEqual(['Put a number in place of padding that is never the least, by `onnx.Where` with `onnx.Equal(q.mask, 1)`.']);
  expect(said('onnx.ReduceSum(greatest * onnx.Cast(q.mask, to: f32), axes: [-1]) / count')).toEqual([]);
  expect(said('onnx.ReduceMin(onnx.Where(onnx.Equal(q.mask, 1), greatest, 10000), axes: [-1])')).toEqual([]);
});
