/** docs/library.md says of every part and contract what the library's text says: written anew with `vitest -u`. */
import { expect, test } from 'vitest';
import { parse } from '../../src/syntax/index.ts';
import { createSource } from '../../src/text/source.ts';
import { library } from '../check/world.ts';
import { cases } from './cases.ts';

const order = ['text', 'norm', 'nn', 'heads', 'adapters', 'vision'];

const about: Readonly<Record<string, string>> = {
  text: 'From tokens to one vector a text.',
  norm: 'Norms, moments and temperatures.',
  nn: 'Maps and activations.',
  heads: 'From a representation to a task’s answer. Their weights belong to the head that calls them.',
  adapters: 'From one representation space to another. Their weights belong to the adapter that calls them.',
  vision: 'From an image to what a network takes, and from its maps to a vector.',
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
const cell = (text: string): string => oneLine(text).replaceAll('|', '\\|');

/** A declaration as far as its body. */
function headOf(text: string): string {
  const end = /^(?:part|contract) (?:[^{]|\{(?!\n))*/.exec(text)![0];
  return oneLine(end).replace(/^(part|contract) /, '');
}

/** A doc comment's paragraphs: what is said, and the example, which is set in by four spaces. */
function readDoc(doc = ''): { readonly said: string; readonly example: string | undefined } {
  const [said, example] = doc.split('\n\n    ');
  return { said: said!, example };
}

function section(module: string): string {
  const text = library[module]!;
  const { value: ast } = parse(createSource(`std:///${module}.mdl`, text));
  const rows = ast.declarations.flatMap((declaration) => {
    if (declaration.kind !== 'PartDecl' && declaration.kind !== 'ContractDecl') return [];
    const head = headOf(text.slice(declaration.span.start, declaration.span.end));
    const { said, example } = readDoc(declaration.doc);
    return [`| \`${cell(head)}\` | ${cell(said)} | ${example === undefined ? '' : `\`${cell(example)}\``} |`];
  });
  return [`## std/${module}`, '', about[module]!, '', '| Part | What it does, its source, and the degenerate case | A call |', '|---|---|---|', ...rows, ''].join('\n');
}

const introduction = `# The library

The modules of \`std/\`, written in the language itself: their texts are in \`stdlib/\`. A part is a template: what it calls
\`param\` has its values in the weights file of the head or adapter that calls it, under the path of that call.

\`\`\`mdl
import { l2_normalize } from "std/norm"
import { Mask, mean_pool } from "std/text"

contract Hidden = f32[batch, seq, 384]

part sentence(hidden: Hidden, mask: Mask) -> f32[batch, 384] where norm(-1) == 1 +- 1e-3 {
  hidden |> mean_pool(mask: mask) |> l2_normalize
}
\`\`\`

\`...\` stands for any axes, the same ones wherever it stands in a signature; \`float\` for one of f16, bf16, f32 and f64. What
stands behind \`where\` holds of every result, as far as its elements are numbers, and is proved from the body. \`keeps space\`:
the result lies in the space of the argument.

The contracts of pictures label their axes, for exporters put them in two orders, and a label tells \`[N, H, W, C]\` from \`[N, C, H, W]\` where sizes do not.
Those of texts, vectors and scores label none: rows come first and features last everywhere, and labels are compared by name, so that a label of the library's
would refuse a program that calls the same axis otherwise.

Of what ONNX allows a runtime has kernels for less: on the CPU, ONNX Runtime 1.30 computes next to nothing in bf16, and in f64 no \`gelu\`, \`silu\`, \`conv1d\`, \`conv2d\`,
\`resize\`, \`resize_antialias\`, \`resize_bicubic\` and \`resize_nearest\`; where the encoder's file is of an opset before 18, no \`softplus\` and \`hard_sigmoid\` either, and before 16 no
\`leaky_relu\`. Such a model is built, and refused when it is loaded.
`;

test('docs/library.md is what the library says', async () => {
  expect(Object.keys(library).sort()).toEqual([...order].sort());
  await expect([introduction, ...order.map(section)].join('\n')).toMatchFileSnapshot('../../docs/library.md');
});

test('every part and contract is explained', () => {
  for (const [module, text] of Object.entries(library)) {
    const { value: ast } = parse(createSource(`std:///${module}.mdl`, text));
    for (const declaration of ast.declarations) expect(declaration.doc ?? '', `${module}: ${text.slice(declaration.span.start, declaration.span.start + 40)}`).not.toBe('');
  }
});

test('the example of every part is the call that the tests compile and run; its inputs are `x`, and what else it names', () => {
  const run = new Map([...cases.map(({ module, part, call }) => [`${module} ${part}`, call] as const), ['std/heads span', 'span(x, mask: mask)'] as const]);
  const written = Object.entries(library).flatMap(([module, text]) => {
    const { value: ast } = parse(createSource(`std:///${module}.mdl`, text));
    return ast.declarations.flatMap((d) => (d.kind === 'PartDecl' ? [[`std/${module} ${d.name.text}`, readDoc(d.doc).example] as const] : []));
  });
  expect(Object.fromEntries(written)).toEqual(Object.fromEntries(run));
});

/** A paper by its year, a standard, or the library whose operator it is. */
const source = /\b(?:18|19|20)\d\d\b|ONNX|[Tt]orch|scikit-learn|Keras|OpenCV|ITU-R/;

test('every part says where it is from', () => {
  const parts = Object.values(library).flatMap((text) => parse(createSource('std:///module.mdl', text)).value.declarations.filter(({ kind }) => kind === 'PartDecl'));
  expect(parts.filter(({ doc }) => !source.test(doc ?? '')).map(({ name }) => name.text)).toEqual([]);
});
