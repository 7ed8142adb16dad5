/** What Python and its libraries have where a body stands: statements, tuples, slices, infix words. */
import type { IToken } from 'chevrotain';
import { endOf } from './changes.ts';
import { change, editOf, imageAt, isPlainName, isString, startOf, type Recognise, type Scene } from './idiom.ts';

const noLoops = 'There are no loops: parts and operators work on whole tensors, and what is done several times is written as often, `x |> relu |> relu`.';
const named = 'A value gets its name by `let`: `let y = x * 2`.';
const beside = 'What is called is declared beside the model, not in it: `part NAME(x: TYPE) -> TYPE { … }`.';
const oneValue = 'A call gives one value. Where that is a record, its fields are taken by their names: `let both = f(x)`, then `both.a` and `both.b`.';
const noFunctions = 'There are no functions as values. What is called is a part of its own, declared beside this one: `part NAME(z: TYPE) -> TYPE { … }`.';

/** Words that begin a statement elsewhere. */
const statements: Readonly<Record<string, string>> = {
  if: 'There are no branches: `onnx.Where(condition, a, b)` takes an element of `a` where the condition holds, and of `b` elsewhere.',
  elif: 'There are no branches: `onnx.Where(condition, a, b)` takes an element of `a` where the condition holds, and of `b` elsewhere.',
  else: 'There are no branches: `onnx.Where(condition, a, b)` takes an element of `a` where the condition holds, and of `b` elsewhere.',
  for: noLoops, while: noLoops, const: named, var: named, def: beside, fn: beside,
  with: 'There are no blocks inside of a body: it is `let`s and `param`s, and then its value.', try: 'There is nothing to be caught: what an input has to be stands in its type, and a run tests it.',
  assert: 'What an input has to be stands in its type, and a run tests it: `x: f32[batch, 8]`, `where range [0, 1]`.',
  del: 'A value is gone when nothing reads it any more.', pass: 'A body has a value: `x` alone hands its input on.', raise: 'What an input must not be stands in its type: `where finite on violation reject`.',
};
const inBody: ReadonlySet<string> = new Set(['block', 'model', 'args', 'letStatement', 'modelOutput', 'group', 'list']);

/** The first token of the line that a token stands on. */
function lineStart({ source, tokens }: Scene, index: number): number {
  let first = Math.min(index, tokens.length - 1);
  while (first > 0 && !/[\r\n]/.test(source.text.slice(endOf(tokens[first - 1]), tokens[first]!.startOffset))) first--;
  return first;
}

/** Whether a token stands on the line of the one before it. */
const onSameLine = ({ source, tokens }: Scene, index: number): boolean => index > 0 && tokens[index] !== undefined && !/[\r\n]/.test(source.text.slice(endOf(tokens[index - 1]), tokens[index].startOffset));

// ---------------------------------------------------------------- operands

const openers: Readonly<Record<string, string>> = { ')': '(', ']': '[' };

/** The first token of the value that ends at a token: a name, a field, or a call. */
function operandStart(tokens: readonly IToken[], end: number): number | undefined {
  let at = end;
  if (openers[tokens[at]?.image ?? ''] !== undefined) {
    let depth = 0;
    for (; at >= 0; at--) {
      if (/^[)\]]$/.test(tokens[at]!.image)) depth++;
      else if (/^[([]$/.test(tokens[at]!.image) && --depth === 0) break;
    }
    // Parentheses alone are a value, too.
    if (!isPlainName(tokens[at - 1]?.image ?? '')) return at >= 0 ? at : undefined;
    at--;
  }
  if (!isPlainName(tokens[at]?.image ?? '')) return undefined;
  while (tokens[at - 1]?.image === '.' && isPlainName(tokens[at - 2]?.image ?? '')) at -= 2;
  return at;
}

/** The last token of the value that begins at a token. */
function operandEnd(tokens: readonly IToken[], start: number): number | undefined {
  if (!isPlainName(tokens[start]?.image ?? '')) return undefined;
  let at = start;
  for (;;) {
    if (tokens[at + 1]?.image === '.' && isPlainName(tokens[at + 2]?.image ?? '')) at += 2;
    else if (tokens[at + 1]?.image === '(') {
      let depth = 0;
      let close = at + 1;
      for (; close < tokens.length; close++) {
        if (/^[([]$/.test(tokens[close]!.image)) depth++;
        else if (/^[)\]]$/.test(tokens[close]!.image) && --depth === 0) break;
      }
      if (close >= tokens.length) return undefined;
      at = close;
    } else return at;
  }
}

const textOf = ({ source, tokens }: Scene, first: number, last: number): string => source.text.slice(tokens[first]!.startOffset, endOf(tokens[last]));

/** `f(x) and y`, with the operator at `index`, as a call. */
function infixCall(scene: Scene, index: number, call: string): ReturnType<typeof change> {
  const { tokens } = scene;
  const [first, last] = [operandStart(tokens, index - 1), operandEnd(tokens, index + 1)];
  if (first === undefined || last === undefined) return [];
  const turned = /^\.m?T$/.test(`.${imageAt(scene, last)}`) && imageAt(scene, last - 1) === '.';
  const right = turned ? `onnx.Transpose(${textOf(scene, index + 1, last - 2)}, perm: [-1, -2])` : textOf(scene, index + 1, last);
  return change(scene, `Write \`${call}\``, startOf(scene, first), endOf(tokens[last]), `${call}(${textOf(scene, first, index - 1)}, ${right})`);
}

// ---------------------------------------------------------------- statements

const recognisers: readonly Recognise[] = [
  // `x if c else y`
  (scene) => {
    const { rule, found, tokens, index } = scene;
    if (!inBody.has(rule) || found !== 'if' || !onSameLine(scene, index)) return undefined;
    const first = operandStart(tokens, index - 1);
    const condition = operandEnd(tokens, index + 1);
    const last = condition !== undefined && imageAt(scene, condition + 1) === 'else' ? operandEnd(tokens, condition + 2) : undefined;
    const fixes = first === undefined || last === undefined ? [] : change(scene, 'Write `onnx.Where`', startOf(scene, first), endOf(tokens[last]), `onnx.Where(${textOf(scene, index + 1, condition!)}, ${textOf(scene, first, index - 1)}, ${textOf(scene, condition! + 2, last)})`);
    return { note: statements.if!, fixes };
  },
  (scene) => {
    const { rule, index, found, before } = scene;
    if (!inBody.has(rule)) return undefined;
    const word = imageAt(scene, lineStart(scene, index));
    const begins = Object.hasOwn(statements, word) && (found === word || onSameLine(scene, index)) ? word : undefined;
    const behind = Object.hasOwn(statements, before) && /^[\w(]/.test(found) ? before : undefined;
    // `[x * 2 for i in y]`
    const statement = begins ?? behind ?? (found === 'for' ? found : undefined);
    return statement === undefined ? undefined : { note: statements[statement]! };
  },
  ({ rule, before, found, tokens, index, next }) =>
    inBody.has(rule) && (before === 'lambda' || found === 'lambda' || tokens[index - 2]?.image === 'lambda' || (found === '=' && next === '>')) ? { note: noFunctions } : undefined,
  // `(a, b) = f(x)`, `a, b = f(x)`, `let a, b = f(x)`
  (scene) => {
    const { rule, found, next, index, tokens } = scene;
    if (!inBody.has(rule)) return undefined;
    const names = tokens.slice(lineStart(scene, index), index + 8).map(({ image }) => image).join(' ');
    return (found === ',' || next === ',' || found === '(') && /^(?:let )?\(? ?\w+ (?:, \w+ )+\)? ?=/.test(names) ? { note: oneValue } : undefined;
  },
  // `self.w = …`
  (scene) => {
    const { rule, found, tokens, index, before } = scene;
    if (rule !== 'block' || found !== '=' || tokens[index - 2]?.image !== '.' || !isPlainName(before)) return undefined;
    const first = operandStart(tokens, index - 1);
    return { note: `${named} There are no objects that could hold it.`, fixes: first === undefined ? [] : change(scene, `Write \`let ${before}\``, startOf(scene, first), endOf(tokens[index - 1]), `let ${before}`) };
  },
  // `x += 1`
  ({ rule, found, before }) =>
    (inBody.has(rule) || rule === 'atom') && found === '=' && /^[-+*/]$/.test(before) ? { note: 'A value does not change; a new one gets a name of its own: `let y = x + 1`.' } : undefined,
  // A docstring, which begins with an empty string.
  (scene) => (isString(scene.tokens[scene.index]) && scene.before === '""' ? { note: 'What a declaration is for stands above it, behind three strokes: `/// …`.' } : undefined),
  // `f"…"`
  (scene) => {
    const { tokens, index, found } = scene;
    if (!/^(?:[fFrRbBuU]|fr|rb)$/.test(found) || !isString(tokens[index + 1]) || endOf(tokens[index]) !== startOf(scene, index + 1)) return undefined;
    const filled = /f/i.test(found) && /[{}]/.test(imageAt(scene, index + 1));
    return { note: 'A string is what stands between its quotes: nothing is put into it.', fixes: filled ? [] : change(scene, `Remove \`${found}\``, startOf(scene, index), endOf(tokens[index]), '') };
  },
];

// ---------------------------------------------------------------- infix words and slices

const infixWords: Readonly<Record<string, string>> = { and: 'onnx.And', or: 'onnx.Or' };

/** A name, a field, a call or a number. */
const firstOf = (tokens: readonly IToken[], end: number): number | undefined => (/^\d/.test(tokens[end]?.image ?? '') ? end : operandStart(tokens, end));
const lastOf = (tokens: readonly IToken[], start: number): number | undefined => (/^\d/.test(tokens[start]?.image ?? '') ? start : operandEnd(tokens, start));

const values: readonly Recognise[] = [
  // `let k = n div 2`
  (scene) => {
    const { found, before, index, tokens } = scene;
    const word = /^(?:div|mod)$/.test(found) ? index : /^(?:div|mod)$/.test(before) ? index - 1 : undefined;
    if (word === undefined || !onSameLine(scene, word) || !onSameLine(scene, word + 1)) return undefined;
    const [first, last] = [firstOf(tokens, word - 1), lastOf(tokens, word + 1)];
    const image = imageAt(scene, word);
    const fixes = first === undefined || last === undefined ? [] : change(scene, 'Put parentheses around', startOf(scene, first), endOf(tokens[last]), `(${textOf(scene, first, last)})`);
    return { note: `\`${image}\` stands inside of brackets, where it cannot begin the next line's value: \`(n ${image} 2)\`.`, fixes };
  },
  (scene) => {
    const { rule, found, index, before, tokens } = scene;
    if (!inBody.has(rule)) return undefined;
    if (Object.hasOwn(infixWords, found)) return { note: 'Truth values are put together by operators: `onnx.And(a, b)`, `onnx.Or(a, b)`, `onnx.Not(a)`.', fixes: infixCall(scene, index, infixWords[found]!) };
    if (before !== 'not') return undefined;
    const last = operandEnd(tokens, index);
    return { note: 'Truth values are put together by operators: `onnx.And(a, b)`, `onnx.Or(a, b)`, `onnx.Not(a)`.', fixes: last === undefined ? [] : change(scene, 'Write `onnx.Not`', startOf(scene, index - 1), endOf(tokens[last]), `onnx.Not(${textOf(scene, index, last)})`) };
  },
  // `f(x) @ w`, and `x @ w`, of which reading takes `@` for that of a version.
  (scene) => {
    const { rule, found, before, index, tokens } = scene;
    const sign = found === '@' && inBody.has(rule) ? index : rule === 'versions' && before === '@' ? index - 1 : undefined;
    if (sign === undefined || /^(?:space|tokenizer)$/.test(imageAt(scene, sign - 2)) || /^v\d/i.test(imageAt(scene, sign + 1))) return undefined;
    const fixes = infixCall(scene, sign, 'onnx.MatMul');
    return fixes.length > 0 || tokens[sign + 1]?.image === '(' ? { note: 'A matrix product is `onnx.MatMul(x, y)`; behind `@` stands a version.', fixes } : undefined;
  },
  (scene) => {
    const { rule, found, before, index, tokens } = scene;
    if (!inBody.has(rule) || found !== '[' || !/[\w)\]]$/.test(before)) return undefined;
    const note = '`onnx.Slice(x, axis: -1, start: 0, end: 1)` takes a part of an axis, and `onnx.Squeeze(…, axes: [-1])` leaves out one of size 1; `onnx.Gather(x, indices, axis: 0)` takes single places. The vector of the first token is `cls_pool(x)` of "std/text".';
    if (/^(?:shape|size)$/.test(before)) return { note: 'Sizes have names in types: of `x: f32[batch, d]` a body means the second by `d`.' };
    const first = operandStart(tokens, index - 1);
    const close = tokens.findIndex(({ image }, i) => i > index && image === ']');
    const text = first === undefined || close < 0 ? undefined : sliced(textOf(scene, first, index - 1), scene.source.text.slice(endOf(tokens[index]), startOf(scene, close)));
    return { note, fixes: text === undefined ? [] : [{ title: `Write \`${text}\``, edits: [editOf(scene, startOf(scene, first!), endOf(tokens[close]), text)] }] };
  },
];

/** `x[:, 0]` and `x[..., :4]` as calls; undefined where an end depends on the size of an axis, or a place is no number. */
function sliced(value: string, brackets: string): string | undefined {
  const places = brackets.split(',').map((place) => place.trim());
  const rest = places.indexOf('...');
  const taken: number[] = [];
  let text = value;
  for (const [i, place] of places.entries()) {
    const axis = rest >= 0 && i > rest ? i - places.length : i;
    const range = /^(\d*)\s*:\s*(\d+)$/.exec(place);
    if (place === ':' || place === '...') continue;
    if (range !== null) text = `onnx.Slice(${text}, axis: ${axis}, start: ${range[1] || '0'}, end: ${range[2]})`;
    else if (/^\d+$/.test(place)) {
      text = `onnx.Slice(${text}, axis: ${axis}, start: ${place}, end: ${Number(place) + 1})`;
      taken.push(axis);
    } else return undefined;
  }
  if (text === value) return undefined;
  return taken.length > 0 ? `onnx.Squeeze(${text}, axes: [${taken.join(', ')}])` : text;
}

/** What comes first is more certain than what is said of any stumble in a body. */
export const pythonIdioms: readonly Recognise[] = [...recognisers, ...values];

/** `onnx.Relu` or `x |> relu` and, on the next line, `(x)`. */
export const callBelow: Recognise = (scene) => {
  const { rule, awaited, found, before, index, tokens } = scene;
  const isStage = imageAt(scene, index - 2) === '|>' || (imageAt(scene, index - 2) === '.' && imageAt(scene, index - 3) === 'onnx');
  if (rule !== 'block' || !awaited.includes('RCurly') || found !== '(' || onSameLine(scene, index) || !isPlainName(before) || !isStage) return undefined;
  return { note: 'The `(` of a call stands on the line of what it calls.', fixes: change(scene, 'Put it there', endOf(tokens[index - 1]), startOf(scene, index), '') };
};

/** A body that goes on behind its value. */
export const afterValue: Recognise = (scene) =>
  scene.rule === 'block' && scene.awaited.includes('RCurly') && !onSameLine(scene, scene.index) && /^[\w("]/.test(scene.found) && scene.next !== '='
    ? { note: 'A body has one value, its last line. What stands above it has a name: `let y = …`.' }
    : undefined;
