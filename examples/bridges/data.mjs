/** `node examples/bridges/data.mjs` writes the data that gates.mdl and words.mdl are verified on, from those of the other examples; the same every time. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readBytes, readLines } from '../project.mjs';

const here = import.meta.dirname;

/** Pictures to learn from; the others verify. */
const learned = 2000;
const noiseColumns = 16;
const livingTopics = ['animal', 'person', 'plant'];

/** The generator of Park and Miller (1988). */
function createRandom(seed) {
  let state = seed;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647;
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()), integer: (below) => Math.floor(below * uniform()) };
}

function writeNpy(file, descr, dims, data) {
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${dims.join(', ')}${dims.length === 1 ? ',' : ''}), }`;
  const padded = `${header}${' '.repeat(63 - ((10 + header.length) % 64))}\n`;
  const start = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, padded.length & 255, padded.length >> 8]);
  writeFileSync(file, Buffer.concat([start, Buffer.from(padded, 'latin1'), Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}

/** For each row another one of its class: the rows of a class are drawn into a cycle (Sattolo 1986). */
function othersOfClass(labels, random) {
  const order = Array.from(labels, (_, i) => i);
  for (const label of new Set(labels)) {
    const own = order.filter((row) => labels[row] === label);
    const drawn = [...own];
    for (let i = drawn.length - 1; i > 0; i--) {
      const j = random.integer(i);
      [drawn[i], drawn[j]] = [drawn[j], drawn[i]];
    }
    own.forEach((row, i) => (order[row] = drawn[i]));
  }
  return order;
}

/** Writes them into a folder; without one into that of the example. */
export async function writeData(folder = path.join(here, 'data')) {
  const file = (name) => path.join(folder, name);
  const images = await readBytes(path.join(here, '../fashion/data/test.images.npy'));
  const { data: labels } = await readBytes(path.join(here, '../fashion/data/test.labels.npy'));
  const [rows, ...sides] = images.dims;
  const size = sides[0] * sides[1];
  const picture = (row) => images.data.subarray(row * size, (row + 1) * size);
  const random = createRandom(7);

  const points = Float32Array.from({ length: 10 * noiseColumns }, () => 3 * random.normal());
  const width = size + noiseColumns;
  const marked = new Uint8Array(rows * width);
  for (let row = 0; row < rows; row++) {
    marked.set(picture(row), row * width);
    for (let i = 0; i < noiseColumns; i++) marked[row * width + size + i] = Math.min(255, Math.max(0, Math.round(128 + 10 * (points[labels[row] * noiseColumns + i] + random.normal()))));
  }
  const others = Uint8Array.from(othersOfClass(labels.subarray(0, learned), random).flatMap((row) => [...picture(row)]));

  const part = (name, from, to) => {
    writeNpy(file(`${name}.images.npy`), '|u1', [to - from, ...sides], images.data.subarray(from * size, to * size));
    return () => writeNpy(file(`${name}.labels.npy`), '|u1', [to - from], labels.subarray(from, to));
  };
  part('pairs', 0, learned);
  writeNpy(file('pairs.others.npy'), '|u1', [learned, ...sides], others);
  writeNpy(file('pairs.marked.npy'), '|u1', [learned, width], marked.subarray(0, learned * width));
  part('test', learned, rows)();
  writeNpy(file('test.marked.npy'), '|u1', [rows - learned, width], marked.subarray(learned * width));
  part('forty', learned, learned + 40)();

  const glosses = await readLines(path.join(here, '../glosses/data/test.jsonl'));
  const held = glosses.map(({ text, label }) => JSON.stringify({ text, label, living: livingTopics.includes(label) ? 'living' : 'other' }));
  writeFileSync(file('held.jsonl'), `${held.join('\n')}\n`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await writeData();
