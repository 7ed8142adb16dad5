/** What a project declares of a model beside itself, for its bundle: golden rows, and rollouts with their arms and verdicts. */
import { referenceOf, type Reference } from '../../bundle/reference.ts';
import type { ManifestVerdict, Signal } from '../../bundle/rollout.ts';
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedGolden, CheckedRollback, CheckedRollout, CheckedSlot, CheckedVerify } from '../../check/tools/index.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { DeclaredArm, DeclaredGolden, DeclaredRollout, DeclaredSlot, DeclaredTools } from '../../emit/index.ts';
import type { Symbol } from '../../names/modules.ts';
import type { PartDecl } from '../../syntax/ast.ts';
import { refuse } from '../../toolkit/errors.ts';
import { goldenRows } from '../../toolkit/verify/golden.ts';
import { budgetsAmong, fingerprintOfGrounds, verdictGrounds } from '../../toolkit/verify/verdicts.ts';
import type { ProjectCheck, ProjectTool } from '../project/project.ts';

type Found<K extends ProjectTool['tool']['kind']> = ProjectTool & { readonly tool: Extract<ProjectTool['tool'], { kind: K }> };

/** Golden rows, and who is to answer them. */
export interface GoldenToRun extends DeclaredGolden {
  readonly tool: CheckedGolden;
  /** The model as it stands, or with one head in the place of another. */
  readonly model: CheckedModel;
}

export interface FoundTools extends DeclaredTools {
  readonly golden: readonly GoldenToRun[];
}

/** Throws a `ToolError` where something declared cannot be built. `mayLack`: golden rows that are yet to be recorded are left out. */
export function declaredTools(model: CheckedModel, check: ProjectCheck, mayLack: boolean): FoundTools {
  const isThere = ({ data }: CheckedGolden): boolean => !mayLack || data.every(({ uri }) => check.host.stat(uri) !== undefined);
  const golden = toolsOf(check, 'golden').filter(({ tool }) => isOf(tool, model) && isThere(tool)).map((found) => goldenToRun(found, model, check));
  const rollouts = toolsOf(check, 'rollout').filter(({ tool }) => isOf(tool, model)).map((found) => declaredRollout(found, model, golden, check));
  return { golden, rollouts };
}

const isOf = ({ model }: CheckedGolden | CheckedRollout, { name, uri }: CheckedModel): boolean => model.name === name && model.module.uri === uri;

const toolsOf = <K extends ProjectTool['tool']['kind']>({ tools }: ProjectCheck, kind: K): readonly Found<K>[] => tools.filter((found): found is Found<K> => found.tool.kind === kind);

function goldenToRun({ tool, lowerSwapped }: Found<'golden'>, model: CheckedModel, { host }: ProjectCheck): GoldenToRun {
  const { swap, tolerance } = tool;
  const declared = { tool, rows: goldenRows(tool, model, host), ...(tolerance === undefined ? {} : { tolerance }) };
  // After the exchange was made in the source, the model's own head is the one that the rows are of.
  if (swap === undefined || swap.standing === 'replacement') return { ...declared, model };
  const swapped = lowerSwapped(tool.model, new Map([[swap.part, swap.replacement]]));
  if (typeof swapped === 'string') return refuse(toolkitCodes.finding('tool-open', { tool: `\`golden ${model.name}\``, why: swapped }), tool.location);
  return { ...declared, model: swapped, arm: swap.replacement.name };
}

function declaredRollout(found: Found<'rollout'>, model: CheckedModel, golden: readonly GoldenToRun[], check: ProjectCheck): DeclaredRollout {
  return { name: found.tool.name, slots: found.tool.slots.map((slot) => declaredSlot(slot, found, model, golden, check)) };
}

function declaredSlot(slot: CheckedSlot, found: Found<'rollout'>, model: CheckedModel, golden: readonly GoldenToRun[], check: ProjectCheck): DeclaredSlot {
  const { output, arms, shadows, sticky, flags, rollback } = slot;
  const arm = (head: Symbol<PartDecl>, share: number): DeclaredArm => {
    if (head === slot.head) return { name: head.name, share };
    const verdict = verdictOf(slot.head, head, found.tool, check);
    return { name: head.name, share, model: armModel(slot, head, found), ...(verdict === undefined ? {} : { verdict }) };
  };
  const reference = recorded(output, model, golden);
  if (rollback?.metric === 'drift' && reference === undefined) {
    const why = `\`drift\` of \`${output}\` is held against golden data, and there are none with a column \`${output}\``;
    refuse(toolkitCodes.finding('rollout-build', { rollout: found.tool.name, why }, [`Declare \`golden ${model.name} { data "./golden.jsonl" }\`.`]), found.tool.location);
  }
  return {
    output,
    arms: arms.map(({ head, share }) => arm(head, share)),
    shadows: shadows.map((head) => arm(head, 0)),
    ...(sticky === undefined ? {} : { sticky }),
    flags: flags.map(({ flag, head }) => ({ flag, arm: head.name })),
    ...(rollback === undefined ? {} : { rollback: rule(rollback) }),
    ...(reference === undefined ? {} : { reference }),
  };
}

/** The checker takes no bound from below. */
const rule = ({ to, metric, op, bound, over }: CheckedRollback): NonNullable<DeclaredSlot['rollback']> => ({ to: to.name, signal: metric as Signal, op: op === '>=' ? '>=' : '>', bound, over });

function armModel({ output, head: own }: CheckedSlot, head: Symbol<PartDecl>, { tool, lowerSwapped }: Found<'rollout'>): CheckedModel {
  const model = lowerSwapped(tool.model, new Map([[own, head]]));
  if (typeof model !== 'string') return model;
  return refuse(toolkitCodes.finding('rollout-build', { rollout: tool.name, why: `the arm \`${head.name}\` of \`${output}\`: ${model}` }), tool.location);
}

/** The stored answer of the `verify` that exchanges these two heads in the model, and nothing else; of several a PASS that still holds. */
function verdictOf(own: Symbol, head: Symbol, { model }: CheckedRollout, check: ProjectCheck): ManifestVerdict | undefined {
  const exchanges = ({ swaps: [swap, ...more] }: CheckedVerify): boolean => more.length === 0 && swap?.part === own && swap.replacement === head && swap.model === model;
  const stored = toolsOf(check, 'verify').flatMap(({ tool, lowerTerms, verdicts }): ManifestVerdict[] => {
    const known = exchanges(tool) ? verdicts.get(tool.name) : undefined;
    if (known === undefined) return [];
    const { verdict, date, rows, fingerprint } = known;
    const grounds = verdictGrounds(tool, { host: check.host, lowerTerms, budgets: budgetsAmong(check.tools) });
    const current = grounds !== undefined && fingerprintOfGrounds(grounds) === fingerprint;
    return [{ name: tool.name, verdict, date, rows, fingerprint, ...(current ? {} : { stale: true as const }) }];
  });
  return stored.find(({ verdict, stale }) => verdict === 'PASS' && stale === undefined) ?? stored[0];
}

/** How the answers of an output are distributed over the golden rows that have it. */
function recorded(output: string, model: CheckedModel, golden: readonly DeclaredGolden[]): Reference | undefined {
  const type = model.outputs.find(({ name }) => name === output)?.type;
  if (type?.kind !== 'tensor') return undefined;
  const answers = golden.filter(({ arm }) => arm === undefined).flatMap(({ rows }) => rows).flatMap(({ outputs }) => (outputs[output] === undefined ? [] : [numbersIn(outputs[output])]));
  return referenceOf(answers, type.shape.axes.at(-1)?.classes?.values.length);
}

const numbersIn = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(numbersIn) : [Number(value)]);
