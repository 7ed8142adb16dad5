import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { violations } from './layering.ts';

const src = path.resolve(import.meta.dirname, '../../src');

function sourceFiles(): readonly string[] {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => file.replaceAll(path.sep, '/'));
}

test('every import of src runs the right way', () => {
  const found = sourceFiles().flatMap((file) => violations(file, readFileSync(path.join(src, file), 'utf8')));
  expect(found).toEqual([]);
});

describe('the rules catch', () => {
  const cases = [
    ['an import upwards', 'syntax/parser.ts', `\nimport { check } from '../check/check.ts';`],
    ['an import of a type', 'types/dim.ts', `\nimport type { Graph } from '../ir/graph.ts';`],
    ['a re-export', 'runtime/index.ts', `\nexport * from '../syntax/ast.ts';`],
    ['a dynamic import', 'check/joints.ts', `\nconst load = () => import('../emit/card.ts');`],
    ['an import type', 'ir/graph.ts', `\ntype Model = import('../check/model.ts').CheckedModel;`],
    ['another file of a room seen in part', 'runtime/load.ts', `\nimport '../diagnostics/codes/syntax.ts';`],
    ['an import out of src', 'text/source.ts', `\nimport '../../scripts/build.mjs';`],
    ['Node in the front end', 'check/check.ts', `\nimport { readFileSync } from 'node:fs';`],
    ['a package out of its room', 'emit/onnx.ts', `\nimport proto from 'onnx-proto';`],
    ['a package out of its file', 'runtime/load.ts', `\nimport type { Tensor } from 'onnxruntime-node';`],
    ['a package that nobody placed', 'cli/main.ts', `\nimport yargs from '@yargs/core/deep';`],
    ['a room that nobody placed', 'cellar/wine.ts', `\nimport '../text/source.ts';`],
  ] as const;
  test.each(cases)('%s', (_, file, text) => {
    expect(violations(file, text)).toEqual([expect.stringContaining(`src/${file}:2 imports `)]);
  });

  test('and lets through what is allowed', () => {
    const text = `
      import { readFileSync } from 'node:fs';
      import type { Host } from './host.ts';
      import { positionAt } from '../text/source.ts';`;
    expect(violations('host/node.ts', text)).toEqual([]);
  });
});
