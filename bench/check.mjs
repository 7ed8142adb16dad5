/** Checking 40 parts in 10 modules: with a new compiler, again, after a comment at the end of one module, after changes of parts, and after a line above all that others rest on. */
import { readFileSync, readdirSync } from 'node:fs';
import { compare } from './measure.mjs';

export const options = {
  modules: { type: 'string', default: '10' },
  parts: { type: 'string', default: '4' },
  rounds: { type: 'string', default: '51' },
};

const library = Object.fromEntries(
  readdirSync('stdlib').filter((file) => file.endsWith('.mdl')).map((file) => [file.slice(0, -'.mdl'.length), readFileSync(`stdlib/${file}`, 'utf8')]),
);

/** A safetensors file of zeros: the length of its header, the header, the bytes. */
function safetensors(tensors) {
  let offset = 0;
  const header = {};
  for (const [name, dims] of Object.entries(tensors)) {
    const bytes = 4 * dims.reduce((a, b) => a * b, 1);
    header[name] = { dtype: 'F32', shape: dims, data_offsets: [offset, (offset += bytes)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  return file;
}

const weights = safetensors({ 'down.w': [64, 32], 'down.b': [32], 'up.w': [32, 64], 'up.b': [64] });

/** A module of adapters with weights; each calls the first of the module below, and a model calls them all. */
function moduleText(index, parts) {
  const below = index === 0 ? '' : `import { step${index - 1}_0 as below } from "./m${index - 1}.mdl"\n`;
  const numbers = Array.from({ length: parts }, (_, part) => part);
  const bodies = numbers.map(
    (part) => `/// Part ${part} of module ${index}.
adapter step${index}_${part}(e: Embedding) -> Embedding weights "./w.safetensors" {
  let down = ${index === 0 ? 'e' : 'below(e)'} |> linear(out: 32)
  let up = down |> gelu |> linear(out: 64, init: zeros)
  (e + up) |> l2_normalize
}
`,
  );
  return `import { gelu, linear } from "std/nn"
import { l2_normalize } from "std/norm"
${below}
contract Embedding = f32[batch, 64] where norm(-1) == 1 +- 1e-3

${bodies.join('\n')}
model M${index} {
  input e: Embedding
${numbers.map((part) => `  output y${part} = step${index}_${part}(e)`).join('\n')}
}
`;
}

export async function run({ modules, parts, rounds }) {
  const { createCompiler, createMemoryHost } = await import('../dist/js/index.js');
  const count = Number(modules);
  const files = { 'w.safetensors': weights };
  for (let i = 0; i < count; i++) files[`m${i}.mdl`] = moduleText(i, Number(parts));
  const entries = Array.from({ length: count }, (_, i) => `memory:///m${i}.mdl`);
  const host = createMemoryHost(files, library);
  const compiler = createCompiler(host);
  let edits = 0;
  const check = (used = compiler) => {
    const { diagnostics, models } = used.check(entries);
    if (models.length < count) throw new Error(diagnostics.map((d) => `${d.location.uri}: ${d.message}`).join('\n'));
  };
  const edited = (file) => () => {
    files[file] = files[file].replace(/(?:\/\/ edit \d+\n)?$/, `// edit ${edits++}\n`);
    check();
  };
  /** The body of one part of a module; that of the first one, all modules above follow. */
  const changed = (file, part) => () => {
    let n = 0;
    files[file] = files[file].replace(/\(e \+ up\)|\(up \+ e\)/g, (sum) => (n++ !== part ? sum : sum === '(e + up)' ? '(up + e)' : '(e + up)'));
    check();
  };
  /** Everything below stands on another line. */
  const moved = (file) => () => {
    files[file] = files[file].startsWith('\n') ? files[file].slice(1) : `\n${files[file]}`;
    check();
  };
  const top = `m${count - 1}.mdl`;
  return compare(
    {
      'a new compiler': () => check(createCompiler(host)),
      'a new compiler, the library taken over': () => check(createCompiler(host, { library: compiler })),
      'again': () => check(),
      'after an edit at the top': edited(top),
      'after an edit in the middle': edited(`m${count >> 1}.mdl`),
      'after an edit at the bottom': edited('m0.mdl'),
      'after a change of the last part at the top': changed(top, Number(parts) - 1),
      'after a change of the first part at the top': changed(top, 0),
      'after a line above the module in the middle': moved(`m${count >> 1}.mdl`),
      'after a change of the part at the bottom': changed('m0.mdl', 0),
    },
    Number(rounds),
  );
}
