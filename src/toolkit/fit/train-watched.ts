/** Training that can be stopped: a signal ends it with its state kept, from which the same call goes on. */
import { train, type Split, type Trained, type TrainingFault, type TrainingPlan, type TrainingProblem } from '../../align/index.ts';
import { openCheckpoint, runKey } from './checkpoint.ts';
import { Interrupted, valueOf } from '../errors.ts';
import { listen } from '../interrupt.ts';
import type { Workbench } from '../workbench.ts';

/** Every so often the state is kept, for a process that is killed; of a signal it is told. */
const millisecondsBetweenCheckpoints = 30_000;

export async function trainWatched(name: string, problem: TrainingProblem, split: Split, plan: TrainingPlan, bench: Workbench): Promise<Trained | TrainingFault> {
  const checkpoint = openCheckpoint(bench.cache, runKey(problem, plan, [split.train, split.held], bench.version, (uri) => valueOf(bench.host.sha256(uri), problem.losses[0]!.location)));
  const interrupt = listen();
  let lastTried = performance.now();
  let isKept = false;
  let at = { done: 0, total: 0 };
  try {
    const trained = await train(problem, split, plan, (program) => bench.openProgram(program), {
      from: checkpoint.load(),
      async pause(state, done, total) {
        bench.progress.update(`fit ${name}, steps`, done, total);
        at = { done, total };
        const asked = await interrupt.asked();
        if (asked || performance.now() - lastTried > millisecondsBetweenCheckpoints) {
          isKept = checkpoint.save(state());
          lastTried = performance.now();
        }
        return asked;
      },
    });
    if (trained.ok && !trained.finished) throw new Interrupted(`${name}: stopped at step ${at.done.toLocaleString('en-US')} of ${at.total.toLocaleString('en-US')}${isKept ? '; the same call goes on from there' : ''}`);
    checkpoint.remove();
    return trained;
  } finally {
    bench.progress.clear();
    interrupt.release();
  }
}
