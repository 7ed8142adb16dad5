/** The programs of the guides: those of an example are as they stand there, the others compile with what is around them here. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { briefly, checkText, encoder, tokenizerJson } from './world.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string): string => readFileSync(new URL(file, root), 'utf8');
const blocksOf = (page: string): string[] => [...read(`docs/${page}.md`).matchAll(/^```mdl\n([^]*?)^```$/gm)].map((match) => match[1]!);

const encoding = `import { Tokens } from "std/text"

tokenizer words @ 1.0.0 from "./words.tokenizer.json"
contract Sentences = Tokens(by: words)

backbone Encoder @ 1.0.0 {
  source "./encoder.onnx"
  input tokens: Sentences from { ids: "input_ids", mask: "attention_mask" }
  output embedding: f32[batch, 8]
  tap layer4: f32[batch, seq, 1] from "column"
}
`;

/** By page, block by block: the file of the example that has it, or what stands around it. */
const guides: Readonly<Record<string, readonly (string | ((block: string) => string))[]>> = {
  fit: [
    'examples/upgrade/fit.mdl',
    (block) => `${encoding}
adapter Encode(tokens: Sentences) -> f32[batch, 8] { Encoder(tokens).embedding }
adapter Standard(x: f32[batch, 8]) -> f32[batch, 8] weights "./standard.safetensors" = learned
${block}`,
  ],
  probe: [
    (block) => `${encoding}
adapter Old(tokens: Sentences) -> f32[batch, 8] { Encoder(tokens).embedding }
adapter New(tokens: Sentences) -> f32[batch, 8] { Encoder(tokens).embedding * 2 }
${block}`,
  ],
  verify: [
    'examples/upgrade/verify.mdl',
    (block) => `contract X = f32[batch, 8]\nadapter Old(x: X) -> X { x * 2 }\nadapter ByNew(x: X) -> X { x * 3 }\n${block}`,
    (block) => `model M {\n  input x: f32[batch, 8]\n  output y = x * 2\n  ${block}}\n`,
  ],
  library: [(block) => block],
};

test.each(Object.keys(guides))('docs/%s.md', (page) => {
  const blocks = blocksOf(page);
  expect(blocks.length).toBe(guides[page]!.length);
  for (const [i, around] of guides[page]!.entries()) {
    if (typeof around === 'string') expect(read(around)).toContain(blocks[i]);
    else expect(briefly(checkText(around(blocks[i]!), { 'encoder.onnx': encoder(), 'words.tokenizer.json': tokenizerJson(20) }))).toEqual([]);
  }
});
