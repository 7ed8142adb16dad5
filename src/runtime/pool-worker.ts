/** A thread of a pool: holds sessions of its own, and does one task after the other. */
import { parentPort } from 'node:worker_threads';
import { MdlRuntimeError } from './errors.ts';
import { createSession, importOrt } from './ort.ts';
import type { Session } from './session.ts';
import type { Outcomes, Reply, Request, Task } from './pool-protocol.ts';

const sessions = new Map<number, Session>();

async function perform(task: Task): Promise<Outcomes[keyof Outcomes]> {
  switch (task.kind) {
    case 'open': {
      const session = await createSession(await importOrt(), task.model, task.settings);
      sessions.set(task.session, session);
      return { inputs: session.inputs, outputs: session.outputs, loadedIn: session.loadedIn };
    }
    case 'run':
      return sessions.get(task.session)!.run(task.feeds, task.outputs);
    case 'release':
      await sessions.get(task.session)?.release();
      sessions.delete(task.session);
      return undefined;
    case 'end':
      for (const session of sessions.values()) await session.release();
      return undefined;
  }
}

async function answer({ id, ...task }: Request): Promise<Reply> {
  try {
    return { id, value: await perform(task as Task) };
  } catch (error) {
    if (error instanceof MdlRuntimeError) return { id, error: error.finding };
    return { id, error: error instanceof Error ? error.message : String(error) };
  }
}

/** One task ends before the next begins: a session that is released is not run. */
let turn: Promise<void> = Promise.resolve();

async function serve(request: Request, before: Promise<void>): Promise<void> {
  await before;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origins
  parentPort!.postMessage(await answer(request));
  if (request.kind === 'end') parentPort!.close();
}

parentPort?.on('message', (request: Request) => {
  turn = serve(request, turn);
});
