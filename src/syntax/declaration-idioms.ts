/** Declarations as other languages begin them, and what stands in their heads. */
import { declarationOf, endOf } from './changes.ts';
import { change, editOf, imageAt, isPlainName, isString, startOf, type Recognise, type Scene } from './idiom.ts';
import { declarationWords } from './tokens.ts';

const part = 'What computes is a part: `part NAME(x: TYPE) -> TYPE { … }`; with weights it is a `head` or an `adapter`.';
const trained = 'What is learned is declared as `fit NAME { … }`, where `NAME` is a part with `weights "FILE" = learned`.';

/** What begins a declaration elsewhere; with the word for it here, where the rest is written alike. */
const beginnings: Readonly<Record<string, { readonly note: string; readonly word?: string }>> = {
  def: { note: part, word: 'part' }, fn: { note: part, word: 'part' }, fun: { note: part, word: 'part' }, func: { note: part, word: 'part' },
  function: { note: part, word: 'part' }, async: { note: part }, lambda: { note: part },
  layer: { note: part, word: 'part' }, module: { note: part, word: 'part' }, component: { note: part, word: 'part' },
  class: { note: `There are no classes and no methods. ${part}` },
  enum: { note: 'A list of classes is `labels Mood = ["sad", "glad"]`; a property of data is `attribute color { rgb, bgr }`.' },
  type: { note: 'A type with a name is a contract: `contract NAME = f32[batch, 4]`.', word: 'contract' },
  typedef: { note: 'A type with a name is a contract: `contract NAME = f32[batch, 4]`.' },
  interface: { note: 'A type with fields is a contract: `contract NAME { ids: i64[batch, seq]  mask: i64[batch, seq] }`.', word: 'contract' },
  struct: { note: 'A type with fields is a contract: `contract NAME { ids: i64[batch, seq]  mask: i64[batch, seq] }`.', word: 'contract' },
  train: { note: trained, word: 'fit' }, trainer: { note: trained, word: 'fit' }, training: { note: trained, word: 'fit' },
  encoder: { note: 'A pretrained network is a backbone: `backbone NAME { source "./model.onnx" … }`.', word: 'backbone' },
  network: { note: 'A pretrained network is a backbone: `backbone NAME { source "./model.onnx" … }`.', word: 'backbone' },
  const: { note: 'Values have names inside of parts and models: `let y = x * 2`.' }, let: { note: 'Values have names inside of parts and models: `let y = x * 2`.' },
  var: { note: 'Values have names inside of parts and models: `let y = x * 2`.' },
};

/** Of Python. */
export const pythonPackages: ReadonlySet<string> = new Set(['torch', 'torchvision', 'tensorflow', 'tf', 'keras', 'numpy', 'np', 'jax', 'flax', 'transformers', 'sklearn', 'onnx', 'onnxruntime', 'timm', 'os', 'math', 'typing']);
export const importOfPython = 'Nothing of Python is imported. Layers are parts of the library, `import { linear, relu } from "std/nn"`, operators are called as `onnx.Relu(x)`, and a trained network comes as an ONNX file: `backbone NAME { source "./model.onnx" … }`.';

/** The line of a token left out. */
export function withoutLine(scene: Scene, index: number): ReturnType<typeof change> {
  const { text } = scene.source;
  const start = text.slice(0, startOf(scene, index)).search(/[^\r\n]*$/);
  const end = startOf(scene, index) + /^[^\r\n]*(?:\r?\n)?/.exec(text.slice(startOf(scene, index)))![0].length;
  return change(scene, 'Remove the line', start, end, '');
}

/** Whether a declaration has a body in braces, as one of MDL has. */
const hasBody = (scene: Scene, word: string): boolean => {
  const { start, end } = declarationOf(scene);
  return scene.tokens.slice(Math.max(start, scene.index), end).some(({ image }) => image === '{' || (word === 'contract' && image === '='));
};

const declarations: readonly Recognise[] = [
  (scene) => {
    const { rule, found, next, tokens, index } = scene;
    if (rule !== 'module' || !Object.hasOwn(beginnings, found) || !isPlainName(next)) return undefined;
    const { note, word } = beginnings[found]!;
    return { note, fixes: word !== undefined && hasBody(scene, word) ? change(scene, `Write \`${word}\``, startOf(scene, index), endOf(tokens[index]), word) : [] };
  },
  // `from "std/nn" import { linear }`
  (scene) => {
    const { rule, found, tokens, index, source } = scene;
    if (rule !== 'module' || found !== 'from') return undefined;
    if (pythonPackages.has(imageAt(scene, index + 1))) return { note: importOfPython, fixes: withoutLine(scene, index) };
    const note = 'An import names what it needs, and then the module: `import { linear } from "std/nn"`.';
    const close = imageAt(scene, index + 3) === '{' ? tokens.findIndex(({ image }, i) => i > index && image === '}') : -1;
    if (!isString(tokens[index + 1]) || imageAt(scene, index + 2) !== 'import' || close < 0) return { note };
    const names = source.text.slice(startOf(scene, index + 3), endOf(tokens[close]));
    return { note, fixes: change(scene, 'Turn it round', startOf(scene, index), endOf(tokens[close]), `import ${names} from ${imageAt(scene, index + 1)}`) };
  },
  // At the start of a line it is rather the brace that is missing.
  ({ rule, found, source, tokens, index }) => (rule === 'model' && declarationWords.has(found) && /[ \t]$/.test(source.text.slice(0, tokens[index]!.startOffset)) ? { note: `Declarations stand beside each other, none in another one: move the \`${found}\` out of the model.` } : undefined),
  ({ rule, found, next }) =>
    rule === 'model' && /^(?:inputs|outputs)$/.test(found) && /^[{:=[]$/.test(next) ? { note: 'Each input and output has a line of its own: `input x: TYPE`, `output y = VALUE`.' } : undefined,
];

const heads: readonly Recognise[] = [
  // `part f = lambda x: …`
  (scene) => {
    const role = imageAt(scene, scene.index - 2);
    return scene.found === '=' && /^(?:part|head|adapter)$/.test(role) ? { note: `Inputs and result stand behind the name: \`${role} ${scene.before}(x: TYPE) -> TYPE { … }\`.` } : undefined;
  },
  ({ found, awaited, before }) => (found === '{' && before === ')' && awaited.includes('Arrow') ? { note: 'A part says what it gives: `-> TYPE` stands behind its inputs.' } : undefined),
  ({ found, before }) => (found === '(' && before === '->' ? { note: 'A part gives one value. Several are a record, whose type is a contract with fields: `contract Both { a: f32[batch, 8]  b: f32[batch, 8] }`.' } : undefined),
  // `f(x = f32[batch, 8])`
  (scene) => {
    const { rule, found, awaited, tokens, index, next } = scene;
    if (rule === 'paramStatement' || found !== '=' || awaited.length !== 1 || awaited[0] !== 'Colon' || !isPlainName(next)) return undefined;
    return { note: 'An input has its type behind a colon: `x: f32[batch, 8]`.', fixes: change(scene, 'Write `:`', endOf(tokens[index - 1]), endOf(tokens[index]), ':') };
  },
  // `weights = "./w.safetensors"`
  (scene) => {
    const { found, before, tokens, index } = scene;
    if (!/^[=:(]$/.test(found) || !/^(?:weights|source)$/.test(before) || !isString(tokens[index + 1])) return undefined;
    const close = found === '(' && imageAt(scene, index + 2) === ')' ? [editOf(scene, startOf(scene, index + 2), endOf(tokens[index + 2]), '')] : [];
    const edits = [editOf(scene, endOf(tokens[index - 1]), startOf(scene, index + 1), ' '), ...close];
    return { note: `\`${before}\` stands before its file without a sign: \`${before} ${imageAt(scene, index + 1)}\`.`, fixes: [{ title: `Remove \`${found}\``, edits }] };
  },
  ({ rule, before, tokens, index }) =>
    rule === 'block' && before === 'weights' && isString(tokens[index]) ? { note: '`weights "FILE"` stands in the head of its part, behind the result type and before the `{`.' } : undefined,
  // `backbone B = "./b.onnx"`
  (scene) => {
    const { rule, tokens, index, before } = scene;
    if (!rule.startsWith('backbone') || before !== '=' || !isString(tokens[index])) return undefined;
    const body = `{\n  source ${tokens[index].image}\n}`;
    return { note: 'The file of a backbone stands in its braces, with the inputs and outputs that are used.', fixes: imageAt(scene, index + 1) === '{' ? [] : change(scene, 'Write it in braces', startOf(scene, index - 1), endOf(tokens[index]), body) };
  },
  // `load("./b.onnx")` in a backbone
  (scene) => {
    const { rule, found, next, tokens, index } = scene;
    if (rule !== 'backbone' || !isPlainName(found) || next !== '(' || !isString(tokens[index + 2])) return undefined;
    return { note: 'The file of a backbone is named by `source "./model.onnx"`.', fixes: imageAt(scene, index + 3) === ')' ? change(scene, 'Write `source`', startOf(scene, index), endOf(tokens[index + 3]), `source ${imageAt(scene, index + 2)}`) : [] };
  },
];

const lists: readonly Recognise[] = [
  // `labels L = {"a", "b"}`, `labels L {"a", "b"}`
  (scene) => {
    const { rule, found, tokens, index, before } = scene;
    if (rule !== 'labels' || (found !== '{' && found !== '(')) return undefined;
    const close = tokens.findIndex(({ image }, i) => i > index && /^[)}]$/.test(image));
    const edits = close < 0 ? [] : [editOf(scene, startOf(scene, index), endOf(tokens[index]), before === '=' ? '[' : '= ['), editOf(scene, startOf(scene, close), endOf(tokens[close]), ']')];
    return { note: 'Classes stand in brackets: `labels Mood = ["sad", "glad"]`.', fixes: close < 0 ? [] : [{ title: 'Write brackets', edits }] };
  },
  // `space "minilm"`
  (scene) => {
    const { tokens, index, before } = scene;
    const name = tokens[index]?.image.slice(1, -1) ?? '';
    if (!/^(?:space|tokenizer)$/.test(before) || !isString(tokens[index]) || !isPlainName(name)) return undefined;
    return { note: `A ${before} is declared, \`${before} ${name} @ 1.0.0\`, and meant by its name without quotes.`, fixes: change(scene, `Write \`${name}\``, startOf(scene, index), endOf(tokens[index]), name) };
  },
  // `@ v1.0`
  (scene) => {
    const { before, source, tokens, index } = scene;
    const start = tokens[index]?.startOffset ?? 0;
    const written = /^[vV](\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(source.text.slice(start, start + 40));
    if (before !== '@' || written === null) return undefined;
    const version = [1, 2, 3].map((i) => Number(written[i] ?? 0)).join('.');
    return { note: 'A version is three numbers without a `v`: `1.0.0`.', fixes: change(scene, `Write \`${version}\``, start, start + written[0].length, version) };
  },
  // `where 0 <= x <= 1`
  (scene) => {
    const { rule, tokens, index } = scene;
    if (rule !== 'fact' && rule !== 'facts') return undefined;
    const bound = String.raw`(-?(?:\d[\d.]*(?:e[-+]?\d+)?|inf))`;
    const chain = new RegExp(`^${bound}\\s*<=?\\s*[A-Za-z_]\\w*\\s*<=?\\s*${bound}`).exec(scene.source.text.slice(tokens[index]?.startOffset ?? Infinity));
    if (chain === null) return undefined;
    const start = startOf(scene, index);
    return { note: 'What the values lie between is a range: `range [0, 1]`.', fixes: change(scene, `Write \`range [${chain[1]}, ${chain[2]}]\``, start, start + chain[0].length, `range [${chain[1]}, ${chain[2]}]`) };
  },
  (scene) => (scene.rule === 'tool' && /^optimi[sz]er$/.test(scene.found) ? { note: 'How it learns is its method: `method adam(lr: 1e-3)`.', fixes: change(scene, 'Write `method`', startOf(scene, scene.index), endOf(scene.tokens[scene.index]), 'method') } : undefined),
];

export const declarationIdioms: readonly Recognise[] = [...declarations, ...heads, ...lists];
