/**
 * Traffic for the service, from a process of its own: `node client.mjs ADDRESS TRUTH`. TRUTH is a JSON file of the pictures, and of the
 * classes that each head gives them, by the head's fingerprint. Every answer is compared with the truth for the
 * version that is stamped on it. Some requests are wrong, and some are abandoned. Ends when standard input does, with one line of JSON.
 */
import { readFileSync } from 'node:fs';

const [address, file] = process.argv.slice(2);
const { pictures, truth } = JSON.parse(readFileSync(file, 'utf8'));
const counts = { answered: 0, wrong: 0, lost: 0, refused: 0, abandoned: 0, versions: {} };
const atOnce = 4;
const stop = new AbortController();
process.stdin.on('end', () => stop.abort()).resume();

const post = (body, signal) => fetch(`${address}/classify`, { method: 'POST', body: JSON.stringify(body), signal });

/** Each request is one picture; every 20th is half a picture, every 25th is abandoned. */
async function ask(n) {
  const i = (n * 7) % pictures.length;
  const half = n % 20 === 19;
  const body = { pictures: half ? pictures[i].slice(0, 520) : pictures[i], rows: 1, key: `user ${n % 50}` };
  if (n % 25 === 24) {
    const abandon = new AbortController();
    const answer = post(body, abandon.signal).then(() => 'answered', () => 'abandoned');
    setTimeout(() => abandon.abort(), 1);
    await answer;
    counts.abandoned++;
    return;
  }
  const response = await post(body);
  const answer = await response.json();
  if (half) return void (answer.code === 'input-shape' ? counts.refused++ : counts.wrong++);
  const head = answer.versions?.heads.clothes;
  if (response.status !== 200 || head === undefined) return void counts.lost++;
  counts.answered++;
  counts.versions[head] = (counts.versions[head] ?? 0) + 1;
  if (truth[head]?.[i] !== answer.classes[0]) counts.wrong++;
}

let next = 0;
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    while (!stop.signal.aborted) await ask(next++).catch(() => counts.lost++);
  }),
);
console.log(JSON.stringify(counts));
