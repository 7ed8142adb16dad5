/** Where reading stumbles over what other languages have: how it is said here, and where that is plain, the edit. */
import { endOf, isWord, type Stumble } from './changes.ts';
import { declarationIdioms, importOfPython, pythonPackages, withoutLine } from './declaration-idioms.ts';
import { change, startOf, type Idiom, type Recognise, type Scene } from './idiom.ts';
import { afterValue, callBelow, pythonIdioms } from './python-idioms.ts';
import type { IToken } from 'chevrotain';

const isName = (token: IToken | undefined): boolean => isWord(token);
const inBody: ReadonlySet<string> = new Set(['block', 'model', 'args', 'letStatement', 'modelOutput', 'group', 'list']);

const trainingWords: ReadonlySet<string> = new Set(['epochs', 'lr', 'batch', 'steps', 'learning_rate', 'batch_size']);

const bodies: readonly Recognise[] = [
  ({ rule, found, awaited }) => (rule === 'model' && found === '(' && awaited.includes('LCurly') ? { note: 'A model has no parentheses: `input x: TYPE` and `output y = VALUE` stand in its body.' } : undefined),
  (scene) =>
    scene.before === 'return' && inBody.has(scene.rule)
      ? { note: 'The last line of a body is its value.', fixes: change(scene, 'Leave out `return`', startOf(scene, scene.index - 1), startOf(scene, scene.index), '') }
      : undefined,
  (scene) => {
    const { rule, found, next } = scene;
    if (rule !== 'model' || !/^\w/.test(found) || (next !== ':' && next !== '=')) return undefined;
    const words = next === ':' ? ['input'] : ['let', 'output'];
    return { note: 'Each member of a model begins with a word: `input`, `let`, `output`, `state`, `next` or `budget`.', fixes: words.flatMap((word) => change(scene, `Write \`${word}\``, startOf(scene, scene.index), startOf(scene, scene.index), `${word} `)) };
  },
  (scene) => {
    const { rule, awaited, tokens, index, next, found } = scene;
    if (rule !== 'modelOutput' || !awaited.includes('Bind')) return undefined;
    // `output y: x * 2`
    const typed = tokens[index - 2]?.image === ':' && tokens[index - 4]?.image === 'output' && /^[-+*/(.]$|^\|>$/.test(found);
    if (typed) return { note: 'An output is bound by `=`; behind a `:` stands its type, `output y: TYPE = VALUE`.', fixes: change(scene, 'Write `=`', endOf(tokens[index - 3]), endOf(tokens[index - 2]), ' =') };
    const again = next === '=' && tokens.slice(0, index).some((token, i) => token.image === found && tokens[i - 1]?.image === 'output');
    return { note: 'An output says at once what it is: `output y: TYPE = VALUE`.', fixes: again ? change(scene, 'Join the two', endOf(tokens[index - 1]), startOf(scene, index + 1), ' ') : [] };
  },
];

/** `let y: TYPE = VALUE`, and the `:` of a type behind any name that has none. */
const typedLet: Recognise = (scene) => {
  const { rule, found, tokens, index, source } = scene;
  if (rule !== 'letStatement' || found !== ':' || tokens[index - 2]?.image !== 'let') return undefined;
  const bind = tokens.findIndex(({ image, startOffset }, i) => i > index && image === '=' && !/[\r\n]/.test(source.text.slice(endOf(tokens[index]), startOffset)));
  const note = 'A `let` has the type of its value. What a value has to be is said where it goes to: `output y: TYPE = VALUE`, the type of a parameter, the result of a part.';
  return { note, fixes: bind < 0 ? [] : change(scene, 'Leave out the type', endOf(tokens[index - 1]), startOf(scene, bind), ' ') };
};

const values: readonly Recognise[] = [
  typedLet,
  (scene) => {
    const { rule, found, tokens, index } = scene;
    if (!inBody.has(rule) || (found !== '|' && found !== '->' && found !== '>>')) return undefined;
    return { note: 'A value goes on by `|>`: `x |> relu`.', fixes: change(scene, 'Write `|>`', startOf(scene, index), endOf(tokens[index]), '|>') };
  },
  ({ rule, found, before }) => (found === ',' && rule === 'group' && before !== '(' ? { note: 'Several values are a record, by their names: `{ a: x, b: y }`.' } : undefined),
  (scene) => {
    const { tokens, index, before, found } = scene;
    if (found !== '*' || before !== '*') return undefined;
    const [base, exponent] = [tokens[index - 2], tokens[index + 1]];
    const plain = isName(base) && tokens[index - 3]?.image !== '.' && /^\d/.test(exponent?.image ?? '');
    return { note: 'A power is `onnx.Pow(x, 2)`.', fixes: plain ? change(scene, 'Write `onnx.Pow`', base!.startOffset, endOf(exponent), `onnx.Pow(${base!.image}, ${exponent!.image})`) : [] };
  },
  ({ rule, found, before }) =>
    inBody.has(rule) && /^[<>]=?$|^==$/.test(found) && before !== 'tensor' ? { note: 'Values are compared element by element by an operator: `onnx.Greater(x, y)`, `onnx.Less(x, y)`, `onnx.Equal(x, y)`.' } : undefined,
];

/** `float32` and its like, as they are called here. */
function elementName(written: string): string | undefined {
  const parts = /^(float|int|uint|bfloat)(8|16|32|64)$/.exec(written);
  return parts === null ? { long: 'i64', bool: 'bool' }[written] : `${{ float: 'f', int: 'i', uint: 'u', bfloat: 'bf' }[parts[1]!]}${parts[2]}`;
}

const types: readonly Recognise[] = [
  // `x: torch.float32[batch, 8]`
  (scene) => {
    const { found, next, before, tokens, index } = scene;
    const element = found === '.' && /^(?:torch|tf|np|numpy|jnp)$/.test(before) ? elementName(next) : undefined;
    return element === undefined ? undefined : { note: 'An element type has one short name: `f32`, `f16`, `i64`, `u8`, `bool`.', fixes: change(scene, `Write \`${element}\``, startOf(scene, index - 1), endOf(tokens[index + 1]), element) };
  },
  // `f32[0x10]`
  (scene) => {
    const { found, before, tokens, index } = scene;
    if (before !== '0' || !/^x[\da-f]{1,12}$/i.test(found) || endOf(tokens[index - 1]) !== startOf(scene, index)) return undefined;
    const number = String(Number(`0${found}`));
    return { note: 'Numbers are written with ten digits.', fixes: change(scene, `Write \`${number}\``, startOf(scene, index - 1), endOf(tokens[index]), number) };
  },
  ({ found, before }) => (found === '<' && /^(?:tensor|array|list|vector|seq)/i.test(before) ? { note: 'A type is its element type and its axes: `f32[batch, 4]`.' } : undefined),
  (scene) => {
    const { rule, found, next, before } = scene;
    if (rule !== 'dims' || found !== '-' || !/^\d/.test(next)) return undefined;
    const name = before === '[' ? 'batch' : 'n';
    return { note: 'A size that each run decides has a name of your choice.', fixes: change(scene, `Write \`${name}\``, startOf(scene, scene.index), endOf(scene.tokens[scene.index + 1]), name) };
  },
  (scene) => {
    const { tokens, index, rule, found, before } = scene;
    if (rule !== 'dims' || !/^==?$/.test(found) || !isName(tokens[index - 1])) return undefined;
    return { note: `A label stands before its size: \`${before}: 3\`.`, fixes: change(scene, 'Write `:`', endOf(tokens[index - 1]), startOf(scene, index + 1), ': ') };
  },
  (scene) => {
    const { tokens, index, found, next } = scene;
    if (found !== '+' || next !== '/' || tokens[index + 2]?.image !== '-') return undefined;
    return { note: 'A tolerance is written `+-`.', fixes: change(scene, 'Write `+-`', startOf(scene, index), endOf(tokens[index + 2]), '+-') };
  },
  (scene) =>
    (scene.rule === 'facts' || scene.rule === 'fact') && scene.found === '{' && scene.before === ','
      ? { note: 'Behind the last fact stands no comma.', fixes: change(scene, 'Remove `,`', startOf(scene, scene.index - 1), endOf(scene.tokens[scene.index - 1]), '') }
      : undefined,
];

/** Whether tokens end in `on violation MODE`, a number in parentheses included. */
const endsInViolation = (tokens: readonly IToken[], end: number): boolean =>
  [2, 5, 6].some((length) => tokens[end - length]?.image === 'violation' && tokens[end - length - 1]?.image === 'on');

const clauses: readonly Recognise[] = [
  // `where m == 2 * n`
  ({ found, before, tokens, index }) =>
    /^[-+*/]$|^(?:div|mod)$/.test(found) && /^(?:\d|\w+$)/.test(before) && /^(?:[<>]=?|==)$/.test(tokens[index - 2]?.image ?? '') && isName(tokens[index - 3]) && /^(?:where|,)$/.test(tokens[index - 4]?.image ?? '')
      ? { note: `A size is compared with a name or a number. What is computed of others stands in the type: \`x: f32[2 * n]\` in place of \`${tokens[index - 3]!.image}\`.` }
      : undefined,
  ({ found, tokens, index }) =>
    found === ',' && endsInViolation(tokens, index)
      ? { note: '`on violation` stands once, behind all facts of its `where`. For a demand of another mode, make a contract of the contract: `contract B = A where finite on violation reject`.' }
      : undefined,
  (scene) =>
    scene.rule === 'paramStatement' && scene.awaited.includes('Colon') && scene.found === '='
      ? { note: 'Behind a `param` stands its type, and behind `=` what it begins with: `param w: float[d, 8] = zeros`.', fixes: change(scene, 'Write `:`', endOf(scene.tokens[scene.index - 1]), endOf(scene.tokens[scene.index]), ':') }
      : undefined,
  (scene) => {
    const { tokens, index, rule, awaited, source } = scene;
    if (rule !== 'importClause' || !awaited.includes('LCurly')) return undefined;
    const note = 'An import names what it needs: `import { linear } from "std/nn"`.';
    if (pythonPackages.has(tokens[index]?.image ?? '')) return { note: importOfPython, fixes: withoutLine(scene, index) };
    let end = index;
    while (isName(tokens[end]) && tokens[end + 1]?.image === ',') end += 2;
    if (!isName(tokens[end]) || tokens[end + 1]?.image !== 'from') return { note };
    const names = source.text.slice(startOf(scene, index), endOf(tokens[end]));
    return { note, fixes: change(scene, 'Put braces around', startOf(scene, index), endOf(tokens[end]), `{ ${names} }`) };
  },
  ({ rule, found }) => (rule === 'module' && /^(?:weights|where|keeps)$/.test(found) ? { note: `\`${found}\` stands before the body; the order is \`where\`, \`keeps\`, \`weights\`.` } : undefined),
  (scene) =>
    scene.found === '=' && /^(?:loss|method|seed|tolerance|require|source|through|taps)$/.test(scene.before)
      ? { note: `\`${scene.before}\` stands before its value without a sign.`, fixes: change(scene, 'Remove `=`', endOf(scene.tokens[scene.index - 1]), endOf(scene.tokens[scene.index]), '') }
      : undefined,
  (scene) =>
    scene.awaited.includes('With') && /^(?:for|by|to)$/.test(scene.found)
      ? { note: 'The second part stands in for the first one.', fixes: change(scene, 'Write `with`', startOf(scene, scene.index), endOf(scene.tokens[scene.index]), 'with') }
      : undefined,
  ({ rule, found }) => (rule === 'tool' && trainingWords.has(found) ? { note: 'How long and how fast it learns is said to the method: `method adam(lr: 1e-3, epochs: 20, batch: 256)`.' } : undefined),
  ({ rule, found, next }) =>
    rule === 'backbone' && found === '=' && next === 'learned'
      ? { note: 'What is learned inside of a backbone belongs to an adapter: `replace layer = layer |> A`, where `A` has `weights "FILE" = learned`.' }
      : undefined,
];

const all: readonly Recognise[] = [...declarationIdioms, ...pythonIdioms, ...bodies, ...values, ...types, ...clauses, callBelow, afterValue];

/** What is said of a place at which reading stumbled, where it looks like something of another language. */
export function idiomAt(stumble: Stumble, awaited: readonly string[]): Idiom | undefined {
  const image = (index: number): string => stumble.tokens[index]?.image ?? '';
  const { index } = stumble;
  const scene: Scene = { ...stumble, awaited, found: image(index), before: image(index - 1), next: image(index + 1) };
  for (const recognise of all) {
    const idiom = recognise(scene);
    if (idiom !== undefined) return idiom;
  }
  return undefined;
}
