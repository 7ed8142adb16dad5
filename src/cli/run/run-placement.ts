/** Which device ran each node of a model. */
import { plural } from '../../diagnostics/index.ts';
import type { Model, NodeRun } from '../../runtime/index.ts';
import type { Io } from '../io.ts';

/** A line a device, then one a node that ran elsewhere than on the device that the model is on. */
export function printPlacement(model: Model, runs: readonly NodeRun[], io: Io): void {
  const { used, reason } = model.device;
  io.stdout.write(`\n${model.name} on ${used}. ${reason}\n`);
  for (const provider of new Set(runs.map((run) => run.provider))) {
    const own = runs.filter((run) => run.provider === provider);
    const milliseconds = own.reduce((sum, run) => sum + run.microseconds, 0) / 1000;
    io.stdout.write(`  ${provider}: ${plural(own.length, 'node')}, ${milliseconds.toFixed(1)} ms\n`);
  }
  const elsewhere = runs.filter((run) => run.provider !== used);
  if (elsewhere.length === 0) return;
  io.stdout.write(`not on ${used}:\n`);
  for (const { file, node, operator, provider } of elsewhere) io.stdout.write(`  ${provider}: ${operator} at ${node} in ${file}\n`);
}
