/** The arms of a model's rollouts: a file each beside those of the model's own heads, and what the manifest says of them. */
import type { ManifestFile, ManifestHead } from '../bundle/files.ts';
import type { GoldenRow, ManifestArm, ManifestRollout, ManifestSlot } from '../bundle/rollout.ts';
import type { CheckedModel } from '../check/model.ts';
import { toolkitCodes } from '../diagnostics/codes/toolkit.ts';
import { fail, succeed, type Outcome } from '../diagnostics/diagnostic.ts';
import { splitProgram, type Split } from '../ir/passes/split.ts';
import { rowsOf } from '../ir/rows.ts';
import { printProgram } from '../ir/print.ts';
import type { Program } from '../ir/program.ts';
import type { OnnxArtefact } from './onnx.ts';

/** A head that a rollout names. */
export interface DeclaredArm extends Omit<ManifestArm, 'head'> {
  /** The model with it in the place of its own head; absent of that one. */
  readonly model?: CheckedModel;
}

export interface DeclaredSlot extends Omit<ManifestSlot, 'arms' | 'shadows'> {
  readonly arms: readonly DeclaredArm[];
  readonly shadows: readonly DeclaredArm[];
}

export interface DeclaredRollout {
  readonly name: string;
  readonly slots: readonly DeclaredSlot[];
}

export interface DeclaredGolden {
  readonly rows: readonly GoldenRow[];
  readonly tolerance?: number;
  /** The head that answered in the place of the model's own. */
  readonly arm?: string;
}

/** What is declared of a model beside itself. */
export interface DeclaredTools {
  readonly rollouts: readonly DeclaredRollout[];
  readonly golden: readonly DeclaredGolden[];
}

/** The file of an arm. */
export interface EmittedArm {
  readonly output: string;
  readonly name: string;
  readonly program: Program;
  readonly artefact: OnnxArtefact;
}

export const noTools: DeclaredTools = { rollouts: [], golden: [] };

const armsOf = ({ arms, shadows }: DeclaredSlot): readonly DeclaredArm[] => [...arms, ...shadows];

/** The models of which arms are heads. */
export const armModels = ({ rollouts }: DeclaredTools): readonly CheckedModel[] =>
  rollouts.flatMap(({ slots }) => slots.flatMap(armsOf)).flatMap(({ model }) => model ?? []);

/** Composes each arm once, however many rollouts name it. Refuses one that needs another encoder than the model has. */
export function emitArms(
  { rollouts }: DeclaredTools,
  own: Split,
  programOf: (model: CheckedModel) => Program,
  emit: (program: Program, path: string, part: string) => Outcome<{ readonly artefact: OnnxArtefact }>,
): Outcome<readonly EmittedArm[]> {
  const made = new Map<string, EmittedArm>();
  for (const { name: rollout, slots } of rollouts) {
    for (const { output, ...slot } of slots) {
      for (const { name, model } of armsOf({ output, ...slot })) {
        const key = `${output}.${name}`;
        if (model === undefined || made.has(key)) continue;
        const program = armProgram(own, splitProgram(programOf(model)), output);
        if (typeof program === 'string') return fail(toolkitCodes.finding('rollout-build', { rollout, why: `the arm \`${name}\` of \`${output}\`: ${program}` }));
        const emitted = emit(program, `arm.${key}.onnx`, key);
        if (!emitted.ok) return emitted;
        made.set(key, { output, name, program, artefact: emitted.value.artefact });
      }
    }
  }
  return succeed([...made.values()]);
}

/** The head of an output in a model that is split, where it goes on from the encoder of the other; a clause that says why not. */
function armProgram(own: Split, split: Split | undefined, output: string): Program | string {
  const [before, after] = [own, split].map((each) => each?.heads.find(({ name }) => name === output)?.program);
  if (before === undefined || after === undefined) return `\`${output}\` is no head of its own: it shares all that it is made of with other outputs`;
  const core = (encoder: Program): string => printProgram({ ...encoder, outputs: [] });
  if (core(own.encoder) !== core(split!.encoder)) return 'with it, the model has another encoder';
  const given = new Set([...own.encoder.outputs, ...own.encoder.inputs, ...before.inputs].map((port) => port.name));
  const lacking = after.inputs.find((port) => !given.has(port.name));
  if (lacking !== undefined) return `it reads \`${lacking.name}\`, which the encoder does not give to the other heads`;
  const hidden = (head: Program): string => head.outputs.map((port) => port.name).sort().join();
  return hidden(before) === hidden(after) ? after : 'it is guarded otherwise than the head of the model';
}

/** Rollouts for the manifest, once the arms are written. */
export function describeRollouts({ rollouts }: DeclaredTools, files: ReadonlyMap<string, ManifestFile>, arms: readonly EmittedArm[]): readonly ManifestRollout[] {
  const headOf = (output: string, name: string): ManifestHead | undefined => {
    const arm = arms.find((each) => each.output === output && each.name === name);
    return arm && { ...files.get(arm.artefact.path)!, name: output, inputs: arm.program.inputs.map((port) => port.name), outputs: arm.program.outputs.map((port) => port.name), rows: rowsOf(arm.program) };
  };
  return rollouts.map(({ name, slots }) => ({
    name,
    slots: slots.map((slot) => {
      const describe = ({ model, ...arm }: DeclaredArm): ManifestArm => {
        const head = model === undefined ? undefined : headOf(slot.output, arm.name);
        return { ...arm, ...(head === undefined ? {} : { head }) };
      };
      return { ...slot, arms: slot.arms.map(describe), shadows: slot.shadows.map(describe) };
    }),
  }));
}

/** The path of the golden rows of one declaration, in the order of all. */
export const goldenPath = (i: number): string => (i === 0 ? 'golden.json' : `golden.${i + 1}.json`);

/** One row a line, so that what differs between two files is seen. */
export const printGolden = (rows: readonly GoldenRow[]): string => `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
