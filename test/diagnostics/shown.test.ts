/** Each code is shown as a user reads it by a golden file that a real call made, or stands here with the reason why none can. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { allRows } from './tables.ts';

const unshown: Readonly<Record<string, string>> = {
  'onnx-too-large': 'One file holds 2 GiB; `test/onnx/compose.test.ts` reads the message of a program that is said to be so large.',
  'opset-mismatch': 'A check says it before a build could, as `opset-too-old` or `opset-conflict`.',
  'opset-conversion': 'A check says it before a build could, as a note of `opset-too-old` or `opset-conflict`.',
  'onnx-link': 'A check holds declarations to their file before they are connected: only a file that changes in between comes to it.',
  'onnx-program': 'A checked program can be written: only who makes one by hand, as `test/onnx/compose.test.ts` does, comes to it.',
};

/** The codes in files called `golden/…`, as the terminal or Node prints them. */
function shownCodes(): ReadonlySet<string> {
  const root = path.resolve(import.meta.dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((file) => /\bgolden[\\/].*\.txt$/.test(file));
  const texts = files.map((file) => readFileSync(path.join(root, file), 'utf8'));
  return new Set(texts.flatMap((text) => [...text.matchAll(/^(?:\S+: )?(?:error|warning|info|MdlRuntimeError )\[([a-z0-9-]+)\]/gm)].map(([, code]) => code!)));
}

test('each code has a golden file, or a reason', async () => {
  const [shown, all] = [shownCodes(), (await allRows()).map(({ code }) => code)];
  expect(all.filter((code) => !shown.has(code) && unshown[code] === undefined), 'neither').toEqual([]);
  expect(Object.keys(unshown).filter((code) => shown.has(code) || !all.includes(code)), 'shown after all').toEqual([]);
});
