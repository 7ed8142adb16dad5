/** Sources that would exhaust time or stack are refused, and large ones that somebody might write are not. */
import { describe, expect, test } from 'vitest';
import { briefly, checkText, errorsOf } from './world.ts';

const lines = (count: number, line: (i: number) => string): string => Array.from({ length: count }, (_, i) => line(i)).join('\n');
const codesOf = (text: string): string[] => [...new Set(errorsOf(checkText(text)).map((d) => d.code))];

describe('depth', () => {
  const chain = (count: number): string[] => Array.from({ length: count }, (_, i) => `part p${i + 1}(x: f32[n]) -> f32[n] { p${i}(x) }`);
  const base = 'part p0(x: f32[n]) -> f32[n] { x }';
  const model = (top: number): string => `model M {\n  input x: f32[8]\n  output y = p${top}(x)\n}`;

  test.each([
    ['declared before use', (parts: string[]) => parts],
    ['used before their declaration', (parts: string[]) => parts.toReversed()],
  ])('two hundred parts inside each other, %s', (_, order) => {
    const { diagnostics, models } = checkText([...order([base, ...chain(200)]), model(200)].join('\n'));
    expect(diagnostics).toEqual([]);
    expect(models).toHaveLength(1);
  });

  test.each([
    ['declared before use', (parts: string[]) => parts],
    ['used before their declaration', (parts: string[]) => parts.toReversed()],
  ])('six hundred parts inside each other, %s', (_, order) => {
    expect(codesOf([...order([base, ...chain(600)]), model(600)].join('\n'))).toEqual(['too-deep']);
  });

  test('deep expressions in deep calls', () => {
    const sum = `${'('.repeat(50)}p0(x)${' + x)'.repeat(50)}`;
    const parts = lines(100, (i) => `part p${i + 1}(x: f32[n]) -> f32[n] { ${sum.replace('p0', `p${i}`)} }`);
    expect(codesOf([base, parts, model(100)].join('\n'))).toEqual(['too-deep']);
  });

  test('contracts inside contracts', () => {
    const contracts = (count: number): string => lines(count, (i) => `contract C${i + 1} = C${i}`);
    expect(codesOf(`contract C0 = f32[n]\n${contracts(60)}`)).toEqual([]);
    expect(codesOf(`contract C0 = f32[n]\n${contracts(600)}`)).toEqual(['too-deep']);
  });

  test('modules importing modules', () => {
    const moduleOf = (i: number): [string, string] => [`m${i + 1}.mdl`, `import { p${i} } from "./m${i}.mdl"\npart p${i + 1}(x: f32[n]) -> f32[n] { p${i}(x) }`];
    const top = (count: number): string => `import { p${count} } from "./m${count}.mdl"\nmodel M { input x: f32[8] output y = p${count}(x) }`;
    const modules = (count: number) => ({ 'm0.mdl': base, ...Object.fromEntries(Array.from({ length: count }, (_, i) => moduleOf(i))) });
    expect(checkText(top(300), modules(300)).diagnostics).toEqual([]);
    // With main.mdl, m600 to m102 are five hundred.
    expect(briefly(checkText(top(600), modules(600)))).toContain('m102.mdl:1:22 too-deep');
  });
});

describe('breadth', () => {
  test('a thousand parts', () => {
    const parts = lines(1000, (i) => `part p${i}(x: f32[n]) -> f32[n] { x + ${i} }`);
    const uses = lines(1000, (i) => `  output y${i} = p${i}(x)`);
    const { diagnostics, models } = checkText(`${parts}\nmodel M {\n  input x: f32[8]\n${uses}\n}`);
    expect(diagnostics).toEqual([]);
    expect(models[0]!.program.steps).toHaveLength(1000);
  });

  test('a chain of five hundred parts, of which each is checked once', () => {
    const parts = lines(500, (i) => `part p${i + 1}(x: f32[n]) -> f32[n] { p${i}(x) + 1 }`);
    expect(codesOf(`part p0(x: f32[n]) -> f32[n] { x }\n${parts}`)).toEqual([]);
  });

  test('calls that double', () => {
    const doubling = (count: number): string => lines(count, (i) => `part p${i + 1}(x: f32[n]) -> f32[n] { p${i}(p${i}(x)) }`);
    const text = (count: number): string => `part p0(x: f32[n]) -> f32[n] { onnx.Abs(x) }\n${doubling(count)}\nmodel M { input x: f32[8] output y = p${count}(x) }`;
    expect(codesOf(text(12))).toEqual([]);
    expect(codesOf(text(200))).toEqual(['too-large']);
  });

  test('parameters that double', () => {
    const doubling = lines(200, (i) => `part p${i + 1}(x: f32[..., d]) -> f32[..., d] { let a = p${i}(x)  let b = p${i}(a)  b }`);
    const head = 'head H(x: f32[batch, 8]) -> f32[batch, 8] weights "./square.safetensors" { p200(x) }';
    expect(codesOf(`part p0(x: f32[..., d]) -> f32[..., d] { param w: f32[d]  x + w }\n${doubling}\n${head}`)).toEqual(['too-large']);
  });

  test('records in records', () => {
    expect(codesOf(`contract A0 = f32[n]\n${lines(200, (i) => `contract A${i + 1} { a: A${i} b: A${i} }`)}`)).toEqual(['too-deep', 'too-many-fields']);
  });

  test('sizes that multiply out', () => {
    const sum = `(${Array.from('abcdefgh').join(' + ')})`;
    expect(codesOf(`contract C = f32[${Array(40).fill(sum).join(' * ')}]`)).toEqual(['invalid-size']);
  });

  test('sizes that are squared at every call', () => {
    const squares = lines(40, (i) => `  let y${i + 1} = Square(y${i}).y`);
    const text = `backbone Square @ 1.0.0 {
  source "./opaque.onnx"
  input x: f32[batch, 8]
  output y: f32[batch * batch, 8]
}
model M {
  input x: f32[batch, 8]
  let y0 = x
${squares}
  output y = y40
}`;
    expect(briefly(checkText(text))).toEqual(['13:12 invalid-size']);
  });

  test('one error in each of two hundred parts', () => {
    const compilation = checkText(lines(200, (i) => `part p${i}(x: f32[n]) -> f32[n] { y }`));
    expect(compilation.diagnostics).toHaveLength(200);
  });

  // Each would take minutes if what is done for one of them grew with the square of what there is.
  test.each([
    ['unknown values', `part p(x: f32[n]) -> f32[n] {\n${lines(2_000, (i) => `let a${i} = y${i}`)}\nx }`, 'unknown-name'],
    ['unknown parts', lines(2_000, (i) => `part p${i}(x: f32[n]) -> f32[n] { q${i}(x) }`), 'unknown-name'],
    ['unused imports', `import { ${Array.from({ length: 5_000 }, (_, i) => `relu as r${i}`).join(', ')} } from "std/nn"`, 'unused-import'],
    ['classes of one name', `labels L = [${'"c", '.repeat(100_000)}"d"]`, 'labels-repeated'],
  ])('%s by the thousand', (_, text, code) => expect(new Set(checkText(text).diagnostics.map((found) => found.code))).toEqual(new Set([code])));

  test('names of hundreds of thousands of letters, one of which is mistyped', () => {
    const name = 'a'.repeat(300_000);
    expect(briefly(checkText(`part ${name}(x: f32[2]) -> f32[2] { x }\npart q(x: f32[2]) -> f32[2] { ${name}b(x) }`))).toEqual(['2:31 unknown-name']);
  });
});
