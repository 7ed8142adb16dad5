import { expect, test, vi } from 'vitest';
import { connect } from './client.ts';

vi.mock('../../src/ide/index.ts', async (original) => ({
  ...(await original<typeof import('../../src/ide/index.ts')>()),
  hover: () => {
    throw new Error('a bug in hover');
  },
}));

test('a bug in one feature is told to the log, and the others go on', async () => {
  const client = connect();
  await client.initialize();
  const uri = 'file:///nowhere/a.mdl';
  client.open(uri, 'space a @ 1.0.0\n');
  expect(await client.ask('hover', uri, { position: { line: 0, character: 7 } })).toBeNull();
  expect(client.log.join('\n')).toContain('a bug in hover');
  expect(await client.ask('documentSymbol', uri)).toMatchObject([{ name: 'a' }]);
});
