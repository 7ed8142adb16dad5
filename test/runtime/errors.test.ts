import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { MdlRuntimeError } from '../../src/runtime/errors.ts';

const finding = { code: 'input-shape', severity: 'error', message: 'It is wrong.', notes: ['Turn it.'] } as const;

test('an error that nobody caught is its code, its message and where', () => {
  const cause = new Error('a long story of the native library');
  const printed = inspect(new MdlRuntimeError(finding, { cause }));
  expect(printed.split('\n').slice(0, 2)).toEqual(['MdlRuntimeError [input-shape]: It is wrong.', 'Turn it.']);
  expect(printed).toContain('errors.test.ts');
  expect(printed).not.toMatch(/long story|node:internal|notes:|\[cause\]/);
});

test('the name is written down, not the one of a class that a minifier renames', () => {
  const error = new MdlRuntimeError(finding);
  for (const named of [MdlRuntimeError, MdlRuntimeError.prototype]) expect(Object.hasOwn(named, 'name')).toBe(true);
  // The stack takes the name that the prototype has when the error is made.
  expect(error.stack).toMatch(/^MdlRuntimeError: /);
  expect(Object.keys(error)).toEqual(['code', 'notes']);
});
