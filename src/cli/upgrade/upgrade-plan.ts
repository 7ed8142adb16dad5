/** What a call of `mdl upgrade` means: which encoders, which models, which data; a bare ONNX file is declared first. */
import { pathToFileURL } from 'node:url';
import { isKind } from '../../check/types/declarations.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import { hasErrors } from '../../diagnostics/summary.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import type { Compilation } from '../../pipeline.ts';
import type { BackboneDecl, ModelDecl, PartDecl } from '../../syntax/ast.ts';
import { emptySpan } from '../../text/source.ts';
import { suggest } from '../../text/suggest.ts';
import { dataAt } from '../../toolkit/upgrade/bind-data.ts';
import { callerBehind, reachedBy, type Encoder } from '../../toolkit/upgrade/call-sites.ts';
import { aroundOf, declareBackbone, nameOfFile, nameTakenIn, spaceFor } from '../../toolkit/upgrade/declare-backbone.ts';
import { encoderOfModels } from '../../toolkit/upgrade/encoder.ts';
import type { ModuleText } from '../../toolkit/upgrade/module-text.ts';
import { kebab } from '../../toolkit/upgrade/new-modules.ts';
import { changedParts, planUpgrade, type UpgradePlan } from '../../toolkit/upgrade/plan.ts';
import { vocabularyFor } from '../../toolkit/upgrade/vocabulary.ts';
import type { Io } from '../io.ts';
import type { ProjectCheck } from '../project/project.ts';
import { existing, sourceUri } from '../project/sources.ts';
import { stageText, type Staged } from '../project/staged.ts';
import { refuse } from '../stop.ts';
import { StagedFault, type UpgradeCall } from './upgrade-call.ts';
import { othersOn } from './upgrade-others.ts';

const stop = ({ old, next }: UpgradeCall, why: string, notes: readonly string[] = []): never => refuse(toolkitCodes.finding('upgrade-refused', { old, next, why }, notes));

export async function planned(call: UpgradeCall, check: ProjectCheck, staged: Staged, io: Io): Promise<UpgradePlan> {
  const { host, project } = staged;
  const before = project.compiler.check([call.uri]);
  const models = modelsOf(call, check, before);
  const { next, compilation } = await nextEncoder(call, models, before, staged, io);
  if (hasErrors(compilation.diagnostics)) throw new StagedFault({ ...check, diagnostics: compilation.diagnostics, sources: compilation.sources, host });
  const old = find(compilation, call.uri, call.old, call);
  const own = modelsOf(call, check, compilation);
  const others = othersOn(changedParts(own, old, compilation.signatures), own, { staged, call, io });
  // Symbols of one plan are those of one compilation.
  const whole = others.length === 0 ? compilation : project.compiler.check([...new Set([call.uri, next.module.uri, ...others.map(({ uri }) => uri)])]);
  const location = { uri: call.uri, span: emptySpan };
  const tools = check.tools.filter(({ tool }) => tool.uri === call.uri).map(({ tool }) => tool);
  const dataOf = (kinds: readonly string[]): string | undefined => tools.flatMap((tool) => (kinds.includes(tool.kind) && 'data' in tool ? tool.data.map(({ uri }) => uri) : []))[0];
  const missing = (option: string, what: string): never => stop(call, `no data say ${what}: give ${option} FILE`);
  return planUpgrade({
    file: whole.scopes.get(call.uri)!,
    models: modelsOf(call, check, whole),
    others: others.map(({ uri, name }) => whole.scopes.get(uri)!.names.get(name) as Symbol<ModelDecl>),
    checked: project.compiler.check([...new Set([call.uri, ...models.map(({ module }) => module.uri), ...others.map(({ uri }) => uri)])]).models,
    old: find(whole, call.uri, call.old, call),
    next: find(whole, next.module.uri, next.name, call),
    signatures: whole.signatures,
    pairs: () => dataAt(call.data ?? dataOf(['fit', 'probe']) ?? missing('--data', 'what the bridge is to be learned from'), location),
    test: () => dataAt(call.test ?? dataOf(['verify']) ?? missing('--test', 'what the heads are to be verified on'), location),
    columns: call.columns,
    label: call.label,
    labels: call.labels,
    margin: call.margin,
    reindex: call.reindex,
    host,
  });
}

/** The models of the file; where it has none, those whose parts its `verify` swap. */
function modelsOf({ uri }: UpgradeCall, { tools }: ProjectCheck, { scopes }: Compilation): readonly Symbol<ModelDecl>[] {
  const file = scopes.get(uri)!;
  const visible = [...file.names.values()].filter((symbol): symbol is Symbol<ModelDecl> => isKind(symbol, 'ModelDecl'));
  const own = visible.filter(({ module }) => module === file);
  if (own.length > 0) return own;
  const swapped = tools.flatMap(({ tool }) => (tool.kind === 'verify' && tool.uri === uri ? tool.swaps.map((swap) => swap.model.name) : []));
  return visible.filter(({ name }) => swapped.includes(name));
}

interface NextEncoder {
  readonly next: Encoder;
  /** Of the file and of what declares the new encoder. */
  readonly compilation: Compilation;
}

/** What stands for the new encoder: a name, `FILE.mdl#NAME`, or an ONNX file, the declaration of which is staged. */
async function nextEncoder(call: UpgradeCall, models: readonly Symbol<ModelDecl>[], before: Compilation, staged: Staged, io: Io): Promise<NextEncoder> {
  const { compiler } = staged.project;
  if (call.next.endsWith('.onnx')) {
    const { uri, name } = await declared(call, models, before, staged, io);
    const compilation = compiler.check([call.uri, uri]);
    return { next: find(compilation, uri, name, call), compilation };
  }
  const [named, fragment] = call.next.includes('#') ? call.next.split('#', 2) : [undefined, call.next];
  const home = named === undefined ? call.uri : sourceUri(named, io.cwd);
  const compilation = compiler.check([...new Set([call.uri, home])]);
  // Who is not there at all is told before how the other suits.
  find(compilation, call.uri, call.old, call);
  return { next: find(compilation, home, fragment!, call), compilation };
}

/** A part or backbone by the name that it has in a module, or in one that is reached from there. */
function find(compilation: Compilation, uri: string, name: string, call: UpgradeCall): Encoder {
  const isEncoder = (symbol: Symbol | undefined): symbol is Encoder => symbol !== undefined && isKind(symbol, 'PartDecl', 'BackboneDecl');
  const visible = compilation.scopes.get(uri)?.names.get(name);
  if (isEncoder(visible)) return visible;
  const all = [...compilation.scopes.values()].filter((scope) => scope.package !== 'std').flatMap((scope) => [...scope.names.values()].filter((symbol) => symbol.module === scope && isEncoder(symbol)));
  const found = all.filter((symbol) => symbol.name === name);
  if (found.length === 1 && isEncoder(found[0])) return found[0];
  const near = suggest(name, all.map((symbol) => symbol.name));
  return stop(call, found.length > 1 ? `several modules declare \`${name}\`: write FILE.mdl#${name}` : `no backbone or part is named \`${name}\``, near === undefined ? [] : [`Did you mean \`${near}\`?`]);
}

// ---------------------------------------------------------------- a bare file

/** Stages a declaration of the file, which takes what the old encoder takes; the module that holds it, and its name. */
async function declared(call: UpgradeCall, models: readonly Symbol<ModelDecl>[], compilation: Compilation, { host, project }: Staged, io: Io): Promise<{ readonly uri: string; readonly name: string }> {
  const source = pathToFileURL(existing(call.next, io.cwd)).href;
  const name = nameOfFile(source);
  const old = encoderOfModels(find(compilation, call.uri, call.old, call), reachedBy(models), compilation.signatures);
  if (typeof old === 'string') return stop(call, old);
  const { vectors: { symbol }, sites } = old;
  const backbones = reachedBy([symbol]).filter((one): one is Symbol<BackboneDecl> => isKind(one, 'BackboneDecl'));
  const [like] = backbones;
  if (like === undefined || backbones.length > 1) return stop(call, `\`${symbol.name}\` rests on ${backbones.length} backbones, and the file is to take the place of one`);
  const model = project.compiler.files.model(source);
  if (!model.ok) return refuse(model.finding);
  const vocabulary = vocabularyFor(call.tokenizer, source, like, host);
  if (typeof vocabulary === 'string') return stop(call, vocabulary);
  const around = isKind(symbol, 'PartDecl') ? aroundOf(symbol as Symbol<PartDecl>, like) : undefined;
  if (typeof around === 'string') return stop(call, around);
  const taken = new Set([...compilation.scopes.values()].flatMap((scope) => [...scope.names.keys()]));
  const request = { name, space: spaceFor(name, taken), source, model: model.value, like, vocabulary, around, host };
  const apart = new URL(`${kebab(name)}.mdl`, call.uri).href;
  const written = (uri: string, into: ModuleScope | undefined): ModuleText => {
    const text = declareBackbone({ ...request, uri, into });
    return typeof text === 'string' ? stop(call, text) : text;
  };
  const alone = written(apart, undefined);
  // What speaks of names of the module that is to call it stands there, too: modules do not import each other.
  const into = callerBehind(alone.spokenOf(), sites);
  if (into === undefined) {
    if (host.stat(apart) !== undefined) stop(call, `${host.display(apart)} is there already`);
    await stageText({ host, project }, apart, { text: alone.text() });
    return { uri: apart, name };
  }
  const other = nameTakenIn(into, request);
  if (other !== undefined) stop(call, `\`${other}\` is declared already in ${host.display(into.uri)}, where the new encoder would be: give the file another name, or declare it in MDL, and name that`);
  await stageText({ host, project }, into.uri, written(into.uri, into).into(into));
  return { uri: into.uri, name };
}
