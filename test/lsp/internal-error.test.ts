import { afterAll, expect, test, vi } from 'vitest';

const ide = '../../src/ide/index.ts';

/** A client of a server whose hover fails; test files share a process, so the modules are loaded anew before and after. */
async function connectToFaulty() {
  vi.resetModules();
  vi.doMock(ide, async (original) => ({
    ...(await original<typeof import('../../src/ide/index.ts')>()),
    hover: () => {
      throw new Error('a bug in hover');
    },
  }));
  const { connect } = await import('./client.ts');
  return connect();
}

afterAll(() => {
  vi.doUnmock(ide);
  vi.resetModules();
});

test('a bug in one feature is told to the log, and the others go on', async () => {
  const client = await connectToFaulty();
  await client.initialize();
  const uri = 'file:///nowhere/a.mdl';
  client.open(uri, 'space a @ 1.0.0\n');
  expect(await client.ask('hover', uri, { position: { line: 0, character: 7 } })).toBeNull();
  expect(client.log.join('\n')).toContain('a bug in hover');
  expect(await client.ask('documentSymbol', uri)).toMatchObject([{ name: 'a' }]);
});
