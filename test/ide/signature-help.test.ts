import { describe, expect, test } from 'vitest';
import { signatureHelp } from '../../src/ide/index.ts';
import { at, type Cursor } from './program.ts';

/** The signature with the active parameter in angle brackets. */
function shown({ view, uri, position }: Cursor): string {
  const help = signatureHelp(view, uri, position);
  if (help === undefined) return 'nothing';
  const active = help.parameters[help.active ?? -1]?.label;
  return active === undefined ? help.label : help.label.replace(active, `<${active}>`);
}

const library = `import { mean_pool } from "std/text"
/// One vector each.
part pooled(x: f32[batch, seq, d], mask: i64[batch, seq], out: int, scale: float = 1) -> f32[batch, d] {
  x
}
backbone B @ 1.0.0 {
  source "./b.onnx"
  input ids: i64[batch, seq] from "ids"
  output y: f32[batch, 8] from "y"
}
contract Row(d: int, of: dtype = f32) = of[batch, d]
`;
const inBody = (call: string): Cursor => at(`${library}part p(x: f32[batch, seq, 8], mask: i64[batch, seq]) -> f32[batch, 8] {\n  ${call}`);

describe('the parameter that the cursor is at', () => {
  test.each([
    ['pooled(<|>', 'pooled(<x: f32[batch, seq, d]>, mask: i64[batch, seq], out: int, scale: float = 1) -> f32[batch, d]'],
    ['pooled(x, <|>)', 'pooled(x: f32[batch, seq, d], <mask: i64[batch, seq]>, out: int, scale: float = 1) -> f32[batch, d]'],
    ['x |> pooled(<|>)', 'pooled(x: f32[batch, seq, d], <mask: i64[batch, seq]>, out: int, scale: float = 1) -> f32[batch, d]'],
    ['x |> pooled(mask: ma<|>sk)', 'pooled(x: f32[batch, seq, d], <mask: i64[batch, seq]>, out: int, scale: float = 1) -> f32[batch, d]'],
    ['pooled(x, mask, out: 3, <|>)', 'pooled(x: f32[batch, seq, d], mask: i64[batch, seq], out: int, <scale: float = 1>) -> f32[batch, d]'],
    ['pooled(onnx.Abs(x), scale: 2, out: <|>)', 'pooled(x: f32[batch, seq, d], mask: i64[batch, seq], <out: int>, scale: float = 1) -> f32[batch, d]'],
    ['pooled(onnx.Softmax(x, <|>), mask)', 'onnx.Softmax(x, <axis: int>)'],
    ['pooled(x, nowhere: <|>)', 'pooled(x: f32[batch, seq, d], mask: i64[batch, seq], out: int, scale: float = 1) -> f32[batch, d]'],
    ['B(<|>)', 'B(<ids: i64[batch, seq] from "ids">)'],
    ['pooled(x, mask)<|>', 'nothing'],
    ['nothing_here(<|>', 'nothing'],
  ])('%s', (call, expected) => {
    expect(shown(inBody(call))).toBe(expected);
  });

  test('of a contract, and of a part of the library', () => {
    expect(shown(at(`${library}contract C = Row(d: 3, of: <|>)`))).toBe('Row(d: int, <of: dtype = f32>)');
    const { view, uri, position } = inBody('x |> mean_pool(<|>)');
    const help = signatureHelp(view, uri, position);
    expect(help?.parameters[help.active ?? -1]?.label).toBe('mask: Mask');
    expect(help?.markdown).toContain('mean');
  });

  test('where something is declared there is no call', () => {
    expect(shown(at('part f(<|>x: f32[n]) -> f32[n] { x }'))).toBe('nothing');
    expect(shown(at('head h @ 1.0.0 (<|>x: f32[n]) -> f32[n] { x }'))).toBe('nothing');
    expect(shown(at(`${library}// pooled(<|>\n`))).toBe('nothing');
  });
});
