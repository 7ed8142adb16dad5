/** A space that parts lead into is bound to what they compute: the pooling behind a backbone, and the bodies of bridges. */
import { beforeEach, describe, expect, test } from 'vitest';
import { createCompiler } from '../../src/compile.ts';
import { renderDiagnostic, type Diagnostic } from '../../src/diagnostics/index.ts';
import { createMemoryHost } from '../../src/host/memory.ts';
import { checkLock, printLock, type LockMode } from '../../src/packages/index.ts';
import { createSource } from '../../src/text/source.ts';
import { library, safetensors } from '../check/world.ts';
import { dataTypes, encodeModel, node, valueInfo } from '../onnx/models.ts';

const network = (op: string): Uint8Array =>
  encodeModel({
    node: [node('MatMul', ['x', 'w'], ['z']), node(op, ['z'], ['hidden'])],
    input: [valueInfo('x', ['batch', 'seq', 1])],
    output: [valueInfo('hidden', ['batch', 'seq', 2])],
    initializer: [{ name: 'w', dims: [1, 2], dataType: dataTypes.FLOAT, floatData: [1, 2] }],
  });
const weights = (...bias: readonly number[]): Uint8Array => safetensors({ 'linear.w': { dims: [2, 2], values: [1, 2, 3, 4] }, 'linear.b': { dims: [2], values: bias } });

const text = `import { linear } from "std/nn"
import { cls_pool, max_pool, mean_pool, weighted_pool } from "std/text"

space h @ 1.0.0
space z @ 1.0.0
contract Text { values: f32[batch, seq, 1]  mask: i64[batch, seq] where mask }
contract Emb = f32[batch, 2] where space h
contract Z = f32[batch, 2] where space z
backbone Enc @ 1.0.0 {
  source "./net.onnx"
  input x: f32[batch, seq, 1]
  output hidden: f32[batch, seq, 2] where space h
}
adapter Encode(text: Text) -> Emb {
  let hidden = Enc(text.values).hidden
  hidden |> mean_pool(mask: text.mask)
}
part scaled(e: f32[batch, 2]) -> f32[batch, 2] { e * 2 }
adapter Bridge(e: Emb) -> Z weights "./bridge.safetensors" = learned {
  e |> scaled |> linear(out: 2)
}
adapter Whole(text: Text) -> Z { Bridge(Encode(text)) }
`;

interface Asked {
  readonly mode?: LockMode;
  readonly refits?: boolean;
  readonly entry?: string;
  readonly library?: typeof library;
}

function project() {
  const files: Record<string, string | Uint8Array> = { 'app/package.json': '{ "name": "app" }', 'app/net.onnx': network('Tanh'), 'app/bridge.safetensors': weights(1, 2), 'app/main.mdl': text };
  /** Checks as `mdl check` does, and writes the lock. */
  const check = ({ mode = 'update', refits = false, entry = 'main.mdl', library: std = library }: Asked = {}): readonly Diagnostic[] => {
    const host = createMemoryHost(files, std);
    const compilation = createCompiler(host, { refits }).check([`memory:///app/${entry}`]);
    const { locked, diagnostics } = checkLock(compilation, 'memory:///app/mdl.lock', host, mode);
    if (locked?.changed === true) files['app/mdl.lock'] = printLock(locked.lock);
    return [...compilation.diagnostics.filter(({ severity }) => severity === 'error'), ...diagnostics];
  };
  const said = (asked?: Asked): readonly string[] => check(asked).map(({ code, message }) => `${code}: ${message}`);
  const edit = (...changes: readonly (readonly [string, string])[]): void =>
    changes.forEach(([from, to]) => {
      const before = files['app/main.mdl'] as string;
      expect(before).toContain(from);
      files['app/main.mdl'] = before.replace(from, to);
    });
  const spaces = (): Record<string, Record<string, string>> => (JSON.parse(files['app/mdl.lock'] as string) as { spaces: ReturnType<typeof spaces> }).spaces;
  const keys = (space: string): readonly string[] => Object.keys(spaces()[`app#${space}@1.0.0`] ?? {});
  return { files, check, said, edit, spaces, keys };
}

let p: ReturnType<typeof project>;
beforeEach(() => {
  p = project();
  p.said();
});

const others = (by: string, space: string): string => `space-changed: ${by} other vectors of the space \`${space}\`, but its version is still 1.0.0`;

test('the first check binds what is computed beside the files', () => {
  expect(project().said()).toEqual([]);
  expect([p.keys('h'), p.keys('z')]).toEqual([['main.mdl#Encode()', 'net.onnx'], ['bridge.safetensors', 'main.mdl#Bridge()', 'main.mdl#Whole()']]);
  expect(p.said({ mode: 'locked' })).toEqual([]);
});

describe('under the same version it is an error to', () => {
  const [encode, bridge] = [others('`Encode` gives', 'h'), others('`Bridge` gives', 'z')];
  test.each<[string, readonly string[], readonly (readonly [string, string])[]]>([
    ['pool otherwise', [encode, others('`Whole` gives', 'z')], [['mean_pool(mask: text.mask)', 'cls_pool']]],
    ['pool by another part of the library that takes the same', [encode, others('`Whole` gives', 'z')], [['|> mean_pool', '|> max_pool']]],
    ['turn what weights make around', [bridge], [['linear(out: 2)', 'linear(out: 2) |> scaled']]],
    ['change a number in a part that the body calls', [bridge], [['e * 2', 'e * -2']]],
    ['read other tensors of the file', [bridge], [['= learned', 'from { linear.w: "linear.w" transposed } = learned']]],
    ['leave a call out', [bridge], [['|> scaled |>', '|>']]],
  ])('%s', (_, expected, changes) => {
    p.edit(...changes);
    expect(p.said()).toEqual(expected);
    expect(p.said({ mode: 'locked' }), 'nothing was written').toEqual(expected);
    expect(p.said({ mode: 'accept' })).toEqual([]);
    expect(p.said({ mode: 'locked' })).toEqual([]);
  });
});

describe('it stays what it is with', () => {
  /** What is said, and whether the lock binds what it bound. */
  const after = (asked?: Asked): readonly unknown[] => {
    const before = JSON.stringify(p.spaces());
    return [p.said(asked), JSON.stringify(p.spaces()) === before];
  };
  const same = [[], true];
  test('comments, another layout, and other names of lets, inputs and sizes', () => {
    p.edit(['let hidden', '// All tokens.\n  let   all'], ['hidden |> mean', 'all\n    |> mean'], ['Encode(text: Text)', 'Encode(words: Text)'], ['Enc(text.', 'Enc(words.'], ['mask: text.mask', 'mask: words.mask']);
    p.files['app/main.mdl'] = (p.files['app/main.mdl'] as string).replaceAll('batch', 'rows');
    expect(after()).toEqual(same);
  });
  test('a part under another name, and its body in the place of a call', () => {
    p.edit(['part scaled', 'part doubled'], ['e |> scaled', 'e |> doubled']);
    expect(after()).toEqual(same);
    p.edit(['e |> doubled', 'e * 2']);
    expect(after()).toEqual(same);
  });
  test('a body of the library that a new version of MDL writes otherwise', () => {
    const written = library['text']!.replace('let count = onnx.Max(', 'let count = onnx.Max(1, ').replace('axes: [-1]), 1)\n  let sum', 'axes: [-1]))\n  let sum');
    expect(written).not.toBe(library['text']);
    expect(after({ library: { ...library, text: written } })).toEqual(same);
  });
  test('what the library does by itself, written out', () => {
    p.edit(['linear(out: 2)', 'linear(out: 2, init: xavier)']);
    expect(after()).toEqual(same);
  });
});

test('other weights are told as before, where they are named', () => {
  p.files['app/bridge.safetensors'] = weights(1, 3);
  expect(p.said()).toEqual(['space-changed: the weights that lead into the space `z` changed, but its version is still 1.0.0']);
});

test('another file of the backbone is told by itself', () => {
  p.files['app/net.onnx'] = network('Sin');
  expect(p.said()).toEqual(['space-changed: the encoder of the space `h` changed, but its version is still 1.0.0']);
});

test('what a new version of the space is made of is bound to it', () => {
  p.edit(['mean_pool(mask: text.mask)', 'cls_pool'], ['space h @ 1.0.0', 'space h @ 2.0.0'], ['space z @ 1.0.0', 'space z @ 2.0.0']);
  expect(p.said()).toEqual([]);
  expect(Object.keys(p.spaces()['app#h@2.0.0']!)).toEqual(['main.mdl#Encode()', 'net.onnx']);
});

describe('a lock of before, without what is computed', () => {
  beforeEach(() => {
    p.files['app/mdl.lock'] = (p.files['app/mdl.lock'] as string).replace(/\n *"main\.mdl#\w+\(\)": "\w+",?/g, '').replace(/,(\s*\})/g, '$1');
  });
  test('is extended', () => {
    expect([p.keys('h'), p.keys('z')]).toEqual([['net.onnx'], ['bridge.safetensors']]);
    expect(p.said()).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'net.onnx']);
  });
  test('is as good under --locked', () => expect(p.said({ mode: 'locked' })).toEqual([]));
});

describe('several parts in one space', () => {
  const second = '\nadapter First(text: Text) -> Emb { Enc(text.values).hidden |> cls_pool }\n';
  test('each is bound by itself, and one more joins', () => {
    p.files['app/main.mdl'] = text + second;
    expect(p.said()).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'main.mdl#First()', 'net.onnx']);
    p.edit(['|> cls_pool }', '|> max_pool(mask: text.mask) }']);
    expect(p.said()).toEqual([others('`First` gives', 'h')]);
  });
  test('one that computes what another one did is not that one', () => {
    p.files['app/main.mdl'] = text + second;
    expect(p.said()).toEqual([]);
    p.edit(['|> cls_pool }', '|> mean_pool(mask: text.mask) }']);
    expect(p.said()).toEqual([others('`First` gives', 'h')]);
  });
  test('under --locked one that is not bound is told', () => {
    p.files['app/main.mdl'] = text + second;
    expect(p.said({ mode: 'locked' })).toEqual(['lock-outdated: what `First` computes for the space app#h@1.0.0 is not in mdl.lock, and --locked forbids to add it']);
  });
  test('another one in the place of one that is gone is told, unless it computes the same', () => {
    p.edit(['adapter Encode', 'adapter Embed'], ['Bridge(Encode(', 'Bridge(Embed(']);
    expect(p.said()).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Embed()', 'net.onnx']);
    p.edit(['adapter Embed', 'adapter Encode'], ['Bridge(Embed(', 'Bridge(Encode('], ['mean_pool(mask: text.mask)', 'cls_pool']);
    expect(p.said()).toEqual([others('`Encode` gives', 'h'), others('`Whole` gives', 'z')]);
    expect(p.check()[0]!.notes?.[0]).toMatch(/^mdl\.lock binds `Embed` of main\.mdl \([0-9a-f]{12}\), which is gone; now it is `Encode` of main\.mdl \([0-9a-f]{12}\)\.$/);
  });
  const third = second.replace('First', 'Third').replace('cls_pool', 'max_pool(mask: text.mask)');
  test('one that is renamed makes place for one more in the same edit', () => {
    p.files['app/main.mdl'] = text + second;
    expect(p.said()).toEqual([]);
    p.files['app/main.mdl'] = text + second.replace('First', 'Cls') + third;
    expect(p.said()).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Cls()', 'main.mdl#Encode()', 'main.mdl#Third()', 'net.onnx']);
  });
  test('of two that compute the same one can be left out', () => {
    p.files['app/main.mdl'] = text + second + second.replace('First', 'Again');
    expect(p.said()).toEqual([]);
    p.files['app/main.mdl'] = text + second + third;
    expect(p.said()).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'main.mdl#First()', 'main.mdl#Third()', 'net.onnx']);
  });
  test('one that is taken out stays bound, so that another one stands in its place however often was checked between', () => {
    p.files['app/main.mdl'] = text + second;
    expect(p.said()).toEqual([]);
    p.files['app/main.mdl'] = text;
    // The second is what a fit does with what it learned: nothing was told, so nothing is accepted.
    expect([p.said(), p.said({ mode: 'accept' })]).toEqual([[], []]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'main.mdl#First()', 'net.onnx']);
    p.files['app/main.mdl'] = text + third;
    expect(p.said()).toEqual([others('`Third` gives', 'h')]);
    p.files['app/main.mdl'] = text + second;
    expect(p.said(), 'as it was').toEqual([]);
    p.files['app/main.mdl'] = text + third;
    expect(p.said({ mode: 'accept' })).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'main.mdl#Third()', 'net.onnx']);
  });
  test('a module that is moved leaves nothing behind, and cannot compute something else on the way', () => {
    const moved = { entry: 'parts/main.mdl' };
    delete p.files['app/main.mdl'];
    p.files['app/parts/main.mdl'] = text.replaceAll('"./', '"../').replace('mean_pool(mask: text.mask)', 'cls_pool');
    expect(p.said(moved)).toEqual([others('`Encode` gives', 'h'), others('`Whole` gives', 'z')]);
    p.files['app/parts/main.mdl'] = text.replaceAll('"./', '"../');
    expect(p.said(moved)).toEqual([]);
    expect([p.keys('h'), p.keys('z')]).toEqual([['net.onnx', 'parts/main.mdl#Encode()'], ['bridge.safetensors', 'parts/main.mdl#Bridge()', 'parts/main.mdl#Whole()']]);
  });
  test('what modules say that are not checked stays', () => {
    p.files['app/more.mdl'] = `import { Enc, Emb, Text } from "./main.mdl"\nimport { cls_pool } from "std/text"\n${second}`;
    expect(p.said({ entry: 'more.mdl' })).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'more.mdl#First()', 'net.onnx']);
    expect(p.said({ mode: 'accept' })).toEqual([]);
    expect(p.keys('h')).toEqual(['main.mdl#Encode()', 'more.mdl#First()', 'net.onnx']);
  });
});

describe('a bridge that a fit learns', () => {
  const changed = others('`Bridge` gives', 'z');
  beforeEach(() => p.edit(['linear(out: 2)', 'linear(out: 2) |> scaled']));
  test('may have another body while it is learned anew, and is bound with its new weights', () => {
    expect(p.said({ refits: true })).toEqual([]);
    expect(p.said(), 'nothing was learned yet').toEqual([changed]);
    p.files['app/bridge.safetensors'] = weights(3, 4);
    expect(p.said({ refits: true, mode: 'accept' })).toEqual([]);
    expect(p.said({ mode: 'locked' })).toEqual([]);
  });
  test('leaves what calls it elsewhere as it was', () => {
    const elsewhere = { entry: 'more.mdl' };
    p.files['app/more.mdl'] = 'import { Bridge, Emb, Z } from "./main.mdl"\nadapter Again(e: Emb) -> Z { Bridge(e) }\n';
    p.edit(['linear(out: 2) |> scaled', 'linear(out: 2)']);
    expect(p.said(elsewhere)).toEqual([]);
    p.edit(['linear(out: 2)', 'linear(out: 2) |> scaled']);
    p.files['app/bridge.safetensors'] = weights(3, 4);
    expect(p.said({ refits: true, mode: 'accept' })).toEqual([]);
    expect(p.said({ ...elsewhere, mode: 'locked' })).toEqual([]);
  });
  test('is not bound to a body that another fit leaves as it was', () => {
    expect(p.said({ refits: true, mode: 'accept' })).toEqual([]);
    expect(p.said()).toEqual([changed]);
  });
  test('is bound once its weights are there', () => {
    delete p.files['app/bridge.safetensors'];
    delete p.files['app/mdl.lock'];
    expect(p.said()).toEqual([]);
    expect(p.keys('z')).toEqual([]);
    p.files['app/bridge.safetensors'] = weights(1, 2);
    expect(p.said()).toEqual([]);
    expect(p.keys('z')).toEqual(['bridge.safetensors', 'main.mdl#Bridge()', 'main.mdl#Whole()']);
  });
});

test('numbers and sizes of the caller are called by their places', () => {
  const sized = (body: string, names = 'by: float, to: int'): void => {
    const own = names.split(/: \w+(?:, )?/);
    p.files['app/main.mdl'] = `${text}\nadapter Cut(e: Emb, ${names}) -> f32[batch, ${own[1]}] where space h keeps space { ${body} }\n`.replace('weighted_pool }', 'truncate, weighted_pool }');
  };
  sized('truncate(e, to: to) * by');
  expect(p.said()).toEqual([]);
  sized('truncate(e, to: size) * times', 'times: float, size: int');
  expect(p.said()).toEqual([]);
  sized('truncate(e, to: to) * 1');
  expect(p.said()).toEqual([others('`Cut` gives', 'h')]);
});

test('a part that computes within a space is not watched, one that calls a network is', () => {
  const parts = (by: string): string => `${text}\npart middle(a: Emb, b: Emb) -> Emb keeps space { (a + b) * ${by} }\npart encoded(text: Text) -> Emb { Enc(text.values * ${by}).hidden |> cls_pool }\n`;
  p.files['app/main.mdl'] = parts('0.5');
  expect(p.said()).toEqual([]);
  p.files['app/main.mdl'] = parts('0.25');
  expect(p.said()).toEqual([others('`encoded` gives', 'h')]);
});

test('a file inside that is bound to no space counts, one that is does not', () => {
  const inner = `${text}\npart Inner(e: f32[batch, 2]) -> f32[batch, 2] weights "./inner.safetensors" { e |> linear(out: 2) }\nadapter Both(e: Emb) -> Z { Bridge(Inner(e)) }\n`;
  p.files['app/main.mdl'] = inner.replace('Bridge(Inner(e))', 'Bridge(e)').replace('-> Z { Bridge(e) }', '-> Z weights "./both.safetensors" { e |> Inner |> linear(out: 2) }');
  p.files['app/inner.safetensors'] = weights(0, 0);
  p.files['app/both.safetensors'] = weights(0, 1);
  expect(p.said()).toEqual([]);
  p.files['app/inner.safetensors'] = weights(5, 5);
  expect(p.said()).toEqual([others('`Both` gives', 'z')]);
});

test('of a record the fields that lie in the space count, and its weights are bound', () => {
  const pair = (other: string): string => `${text}\ncontract Both { near: Z  far: f32[batch, 2] }\nadapter Pair(e: Emb) -> Both weights "./pair.safetensors" {\n  let a = e |> linear(out: 2)\n  { near: a, far: ${other} }\n}\n`;
  p.files['app/pair.safetensors'] = safetensors({ 'a.w': { dims: [2, 2], values: [1, 2, 3, 4] }, 'a.b': { dims: [2], values: [0, 0] } });
  p.files['app/main.mdl'] = pair('a * 2');
  expect(p.said()).toEqual([]);
  expect(p.keys('z')).toContain('pair.safetensors');
  p.files['app/main.mdl'] = pair('a * 3');
  expect(p.said()).toEqual([]);
  p.files['app/main.mdl'] = pair('a * 3').replace('near: a,', 'near: a * 3,');
  expect(p.said()).toEqual([others('`Pair` gives', 'z')]);
});

test('the message says who, what, and what to type', async () => {
  p.edit(['linear(out: 2)', 'linear(out: 2) |> scaled'], ['mean_pool(mask: text.mask)', 'cls_pool']);
  const found = p.check();
  const uri = 'memory:///app/main.mdl';
  const options = { sources: new Map([[uri, createSource(uri, p.files['app/main.mdl'] as string)]]), display: (of: string) => of.slice('memory:///app/'.length) };
  await expect(found.map((diagnostic) => `${renderDiagnostic(diagnostic, options)}\n`).join('\n')).toMatchFileSnapshot('./golden/space-changed-bodies.txt');
});
