/** The steps of an upgrade on a staged project: declare, plan, probe, fit, verify, build. */
import type { Advice } from '../align/index.ts';
import type { ModelDecl } from '../syntax/ast.ts';
import type { Symbol } from '../names/modules.ts';
import { isKind } from '../check/declarations.ts';
import { toolkitCodes } from '../diagnostics/codes/toolkit.ts';
import { hasErrors } from '../diagnostics/summary.ts';
import { emptySpan } from '../text/source.ts';
import { suggest } from '../text/suggest.ts';
import { runFit, type FitResult } from '../toolkit/fit.ts';
import { runProbe } from '../toolkit/probe.ts';
import { runVerify, type VerifyResult } from '../toolkit/verify.ts';
import { answerOf, type Answered } from '../toolkit/upgrade/answer.ts';
import { dataAt } from '../toolkit/upgrade/bind-data.ts';
import { reachedBy, type Encoder } from '../toolkit/upgrade/call-sites.ts';
import { declareBackbone, nameOfFile, spaceFor } from '../toolkit/upgrade/declare-backbone.ts';
import { kebab } from '../toolkit/upgrade/new-modules.ts';
import { planUpgrade, type UpgradePlan } from '../toolkit/upgrade/plan.ts';
import type { Study } from '../toolkit/study/study.ts';
import { studyVerify } from '../toolkit/study/verify-study.ts';
import { recallKept, type RecallKept } from '../toolkit/recall.ts';
import type { Workbench } from '../toolkit/workbench.ts';
import type { Compilation } from '../pipeline.ts';
import { existing, sourceUri } from './sources.ts';
import type { Io } from './io.ts';
import { checkProject, type ProjectCheck } from './project.ts';
import { stageText, type Staged } from './staged.ts';
import { refuse } from './stop.ts';
import { withoutUnusedImports } from './unused-imports.ts';
import { withWorkbench } from './workbench.ts';
import { pathToFileURL } from 'node:url';

export interface UpgradeCall {
  readonly uri: string;
  readonly old: string;
  readonly next: string;
  readonly data: string | undefined;
  readonly test: string | undefined;
  readonly label: string | undefined;
  readonly columns: ReadonlyMap<string, string>;
  readonly margin: number;
  /** Whether a page of it is wanted, too. */
  readonly reports: boolean;
}

/** For what names no encoder. */
const unknownEncoder = (old: string, next: string, why: string) => toolkitCodes.finding('upgrade-refused', { old, next, why });

export interface Upgraded {
  readonly answered: Answered;
  readonly plan: UpgradePlan;
  readonly advice: Advice;
  readonly fitted: FitResult | undefined;
  readonly verified: readonly VerifyResult[];
  readonly recall: readonly RecallKept[];
  /** What a report shows of the verifications; empty where none is wanted. */
  readonly studies: readonly Study[];
}

/** The patched sources have errors: nothing can be run. */
export class StagedFault extends Error {
  readonly check: ProjectCheck;

  constructor(check: ProjectCheck) {
    super('the patched sources do not check');
    this.name = 'StagedFault';
    this.check = check;
  }
}

export async function carryOutUpgrade(call: UpgradeCall, check: ProjectCheck, staged: Staged, io: Io): Promise<Upgraded> {
  const plan = await planned(call, check, staged, io);
  for (const [uri, text] of plan.texts) await stageText(staged, uri, text);
  await stageText(staged, plan.toolsUri, plan.tools);
  const entries = [call.uri, plan.toolsUri];
  await withoutUnusedImports(staged, [...plan.texts.keys()], entries);

  const probed = await onBench(staged, entries, io, ({ bench, toolOf }) => runProbe(toolOf('probe'), bench));
  const advice = probed.joints.find(({ from, to }) => from === plan.names.newVectors && to === plan.names.oldVectors)!.advice;
  if (advice.remedy === 'refuse') return { answered: answerOf({ advice, verified: [], recall: [] }), plan, advice, fitted: undefined, verified: [], recall: [], studies: [] };
  const fitted = await onBench(staged, entries, io, ({ bench, toolOf }) => runFit(toolOf('fit'), bench));
  staged.host.put(plan.weightsUri, fitted.file);
  return onBench(staged, entries, io, async ({ check: patched, bench, toolsOf }) => {
    const verified: VerifyResult[] = [];
    const recall: RecallKept[] = [];
    const studies: Study[] = [];
    for (const tool of toolsOf('verify')) {
      const result = await runVerify(tool, bench);
      verified.push(result);
      if (call.reports) studies.push(await studyVerify(tool, result, bench));
      const outputs = plan.indexed.get(tool.swaps[0]!.model.name) ?? [];
      for (const output of outputs) recall.push(await recallKept(bench.kernels, output, result.swaps[0]!.data));
    }
    // That every model can be built and loaded is part of the answer.
    for (const model of patched.models.filter(({ uri }) => uri === call.uri)) await (await bench.open(model)).close();
    return { answered: answerOf({ advice, verified, recall }), plan, advice, fitted, verified, recall, studies };
  }, plan.toolsUri);
}

// ---------------------------------------------------------------- running

type Kind = 'probe' | 'fit' | 'verify';
type ToolOf<K extends Kind> = Extract<ProjectCheck['tools'][number]['tool'], { kind: K }>;

interface OnBench {
  readonly check: ProjectCheck;
  readonly bench: Workbench;
  toolsOf<K extends Kind>(kind: K): readonly ToolOf<K>[];
  toolOf<K extends Kind>(kind: K): ToolOf<K>;
}

/** Works with the sources as they are staged now. */
async function onBench<T>(staged: Staged, entries: readonly string[], io: Io, work: (on: OnBench) => Promise<T>, toolsUri = entries[1]!): Promise<T> {
  const check = await checkProject(staged.project, entries, 'accept');
  if (hasErrors(check.diagnostics)) throw new StagedFault(check);
  const own = check.tools.filter(({ tool }) => tool.uri === toolsUri);
  const toolsOf = <K extends Kind>(kind: K): readonly ToolOf<K>[] => own.flatMap(({ tool }) => (tool.kind === kind ? [tool as ToolOf<K>] : []));
  return withWorkbench(staged.project, check, own[0]!.lowerTerms, io, (bench) => work({ check, bench, toolsOf, toolOf: (kind) => toolsOf(kind)[0]! }));
}

// ---------------------------------------------------------------- what is meant

async function planned(call: UpgradeCall, check: ProjectCheck, staged: Staged, io: Io): Promise<UpgradePlan> {
  const { host, project } = staged;
  const [named, fragment] = call.next.endsWith('.onnx') ? [undefined, undefined] : call.next.includes('#') ? call.next.split('#', 2) : [undefined, call.next];
  const other = named === undefined ? [] : [sourceUri(named, io.cwd)];
  let compilation = project.compiler.check([call.uri, ...other]);
  const old = find(compilation, call.uri, call.old, call);
  if (call.next.endsWith('.onnx')) compilation = await declared(call, old, compilation, staged, io);
  const home = other[0] ?? call.uri;
  const next = call.next.endsWith('.onnx') ? find(compilation, declaredUri(call, io), nameOfFile(onnxUri(call, io)), call) : find(compilation, home, fragment!, call);
  if (compilation.diagnostics.some(({ severity }) => severity === 'error')) throw new StagedFault({ ...check, diagnostics: compilation.diagnostics, sources: compilation.sources, host });
  const file = compilation.scopes.get(call.uri)!;
  const models = [...file.names.values()].filter((symbol): symbol is Symbol<ModelDecl> => symbol.module === file && isKind(symbol, 'ModelDecl'));
  const swapped = check.tools.flatMap(({ tool }) => (tool.kind === 'verify' && tool.uri === call.uri ? tool.swaps.map((swap) => swap.model.name) : []));
  const reachable = models.length > 0 ? models : [...file.names.values()].filter((symbol): symbol is Symbol<ModelDecl> => isKind(symbol, 'ModelDecl') && swapped.includes(symbol.name));
  const location = { uri: call.uri, span: emptySpan };
  const tools = check.tools.filter(({ tool }) => tool.uri === call.uri).map(({ tool }) => tool);
  const dataOf = (kinds: readonly string[]): string | undefined => tools.flatMap((tool) => (kinds.includes(tool.kind) && 'data' in tool ? tool.data.map(({ uri }) => uri) : []))[0];
  const missing = (option: string, what: string): never => refuse(unknownEncoder(call.old, call.next, `no data say ${what}: give ${option} FILE`));
  return planUpgrade({
    file,
    models: reachable,
    checked: project.compiler.check([...new Set([call.uri, ...reachable.map(({ module }) => module.uri)])]).models,
    old: find(compilation, call.uri, call.old, call),
    next,
    signatures: compilation.signatures,
    pairs: dataAt(call.data ?? dataOf(['fit', 'probe']) ?? missing('--data', 'what the bridge is to be learned from'), location),
    test: dataAt(call.test ?? dataOf(['verify']) ?? missing('--test', 'what the heads are to be verified on'), location),
    columns: call.columns,
    label: call.label,
    margin: call.margin,
    host,
  });
}

/** A part or backbone by the name that it has in a module, or in one that is reached from there. */
function find(compilation: Compilation, uri: string, name: string, { old, next }: UpgradeCall): Encoder {
  const isEncoder = (symbol: Symbol | undefined): symbol is Encoder => symbol !== undefined && isKind(symbol, 'PartDecl', 'BackboneDecl');
  const visible = compilation.scopes.get(uri)?.names.get(name);
  if (isEncoder(visible)) return visible;
  const all = [...compilation.scopes.values()].filter((scope) => scope.package !== 'std').flatMap((scope) => [...scope.names.values()].filter((symbol) => symbol.module === scope && isEncoder(symbol)));
  const found = all.filter((symbol) => symbol.name === name);
  if (found.length === 1 && isEncoder(found[0])) return found[0];
  const near = suggest(name, all.map((symbol) => symbol.name));
  const finding = unknownEncoder(old, next, found.length > 1 ? `several modules declare \`${name}\`: write FILE.mdl#${name}` : `no backbone or part is named \`${name}\``);
  return refuse({ ...finding, notes: near === undefined ? [] : [`Did you mean \`${near}\`?`] });
}

const onnxUri = ({ next }: UpgradeCall, io: Io): string => pathToFileURL(existing(next, io.cwd)).href;
const declaredUri = (call: UpgradeCall, io: Io): string => new URL(`${kebab(nameOfFile(onnxUri(call, io)))}.mdl`, call.uri).href;

/** With a declaration of the file, which takes what the old encoder's backbone takes. */
async function declared(call: UpgradeCall, old: Encoder, compilation: Compilation, staged: Staged, io: Io): Promise<Compilation> {
  const { host, project } = staged;
  const stop = (why: string): never => refuse(unknownEncoder(call.old, call.next, why));
  const source = onnxUri(call, io);
  const uri = declaredUri(call, io);
  if (host.stat(uri) !== undefined) stop(`${host.display(uri)} is there already`);
  const backbones = reachedBy([old as unknown as Symbol<ModelDecl>]).filter((symbol) => isKind(symbol, 'BackboneDecl'));
  const [like] = backbones;
  if (!isKind(like, 'BackboneDecl') || backbones.length > 1) return stop(`\`${old.name}\` rests on ${backbones.length} backbones, and the file is to take the place of one`);
  const model = project.compiler.files.model(source);
  if (!model.ok) return refuse(model.finding);
  const name = nameOfFile(source);
  const taken = new Set([...compilation.scopes.values()].flatMap((scope) => [...scope.names.keys()]));
  const module = declareBackbone({ uri, name, space: spaceFor(name, taken), source, model: model.value, like, host });
  if (typeof module === 'string') return stop(module);
  await stageText(staged, uri, module.text);
  return project.compiler.check([...new Set([call.uri, uri, ...compilation.scopes.keys()])].filter((entry) => entry === uri || entry === call.uri));
}
