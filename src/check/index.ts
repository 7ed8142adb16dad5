/** The checker: every declaration of the modules, then the models of the entry modules as programs. */
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import type { Host } from '../host/host.ts';
import type { ModuleScope, Modules, Symbol } from '../names/modules.ts';
import { at } from '../text/source.ts';
import type { ModelDecl, Node } from '../syntax/ast.ts';
import { backbonesOf } from './files/cards.ts';
import { checkDeclaration } from './check-declaration.ts';
import type { Checker, ForeignFiles } from './context.ts';
import { isKind } from './types/declarations.ts';
import type { Swaps } from './env.ts';
import { explain, explainable, type Explanation } from './explain.ts';
import { gatherIdentities } from './files/files.ts';
import { reportIdentityConflicts } from './types/identities.ts';
import { offerImports } from './imports.ts';
import { lowerModel } from './programs/lower.ts';
import { withoutConsequences } from './consequences.ts';
import { rememberLowered, rememberModule, type CheckMemory } from './memory.ts';
import { filesOf, tokenizersOf } from './files/model-files.ts';
import type { Measured } from './measured.ts';
import type { CheckedModel, ForeignUse, IdentityUse, Joint, OwnedWeights, UnfittedModel } from './model.ts';
import { placesOf } from './joints/places.ts';
import { gatherUsed } from './recording.ts';
import { reachedFrom } from './expressions/reached.ts';
import type { Signature } from './parts/signature.ts';
import { partsOf } from './models/costs.ts';
import { reportExchangedStates } from './models/exchanged-states.ts';
import { enforceBudget } from './tools/enforce-budget.ts';
import { checkTools, type CheckedTool } from './tools/index.ts';
import { lowerTerms, type LowerTerms } from './tools/lower.ts';
import { importedModules, reportUnusedDeclarations, reportUnusedImports } from './models/unused-declarations.ts';
import type { Value } from './expressions/values.ts';
import { reportSharedWeights } from './parts/shared-weights.ts';
import { reportUnfitted, waitsFor } from './parts/unfitted.ts';
import { reportUnread } from './parts/weight-types.ts';

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** The models of the entry modules; empty while there are errors. */
  readonly models: readonly CheckedModel[];
  readonly foreign: readonly ForeignUse[];
  readonly identities: readonly IdentityUse[];
  /** Of the parts and backbones, as far as they could be made out. */
  readonly signatures: ReadonlyMap<Symbol, Signature>;
  /** What the parts with `weights` own, where nothing is wrong with them: the tensors of their files, and what a fit begins with. */
  readonly weights: readonly OwnedWeights[];
  /** Budgets, `fit`, `verify`, `probe`, `golden` and `rollout` of all modules, where nothing is wrong with them. */
  readonly tools: readonly CheckedTool[];
  /** A tool's terms as a program; only where there are no errors. */
  readonly lowerTerms: LowerTerms;
  /** A model with heads in the place of others; only where there are no errors. */
  readonly lowerSwapped: LowerSwapped;
  /** What expressions and the names that bodies declare come to; empty unless the compiler was asked to keep them. */
  readonly values: ReadonlyMap<Node, Value>;
  /** Models of the entries that wait for a `fit`; empty while there are errors. */
  readonly unfitted: readonly UnfittedModel[];
  /** How it is known what a port is: `Glosses.topic`, `Encode.result`; undefined where the entries have no such port. */
  readonly explain: (target: string) => Explanation | undefined;
  /** What can be explained. */
  readonly explainable: () => readonly string[];
}

/** A clause that says why, where it cannot become a program. */
export type LowerSwapped = (model: Symbol<ModelDecl>, swaps: Swaps) => CheckedModel | string;

export interface CheckOptions {
  readonly host: Host;
  readonly files: ForeignFiles;
  /** Whether errors were found before. */
  readonly faulty: boolean;
  /** Whether the values of expressions are wanted. */
  readonly keepValues: boolean;
  /** Whether learned weights are to be learned again. */
  readonly refits: boolean;
  /** What probes found true of what is declared. */
  readonly measured: Measured;
  /** What earlier checks found out, with the same measurements. */
  readonly memory: CheckMemory;
}

/** Checks all modules; models are lowered only where nothing is wrong. */
export function checkModules(modules: Modules, entries: readonly string[], { host, files, faulty, keepValues, refits, measured, memory }: CheckOptions): Checked {
  const observed: [Node, Value][] = [];
  const checker: Checker = {
    host,
    refits,
    faulty,
    modules,
    files,
    measured,
    diagnostics: [],
    foreign: [],
    looked: [],
    bound: [],
    identities: new Map(),
    signatures: new Map(),
    bindings: new Map(),
    joints: new Map(),
    pending: [],
    circles: new Set(),
    calls: new Map(),
    leaving: new Map(),
    reads: [],
    weights: [],
    depth: 0,
    deepest: 0,
    unsettled: 0,
    followed: memory.followed,
    templates: memory.templates,
    sealedTemplates: memory.sealedTemplates,
    bodyGraphs: memory.bodyGraphs,
    large: memory.large,
    nodeFacts: memory.nodeFacts,
    observed,
    observe: keepValues ? (node, value) => void observed.push([node, value]) : undefined,
    recorded: memory.declarations,
    recordings: [],
  };
  const findings = [...modules.scopes.values()].map((module) => rememberModule(module, checker, memory, () => checkModule(module, checker)));
  gatherIdentities(checker);
  const imported = importedModules(modules.scopes.values());
  for (const uri of entries) {
    const module = modules.scopes.get(uri);
    // Who else imports from it depends on what else is checked.
    if (module !== undefined) reportUnusedDeclarations(module, imported, (d) => void checker.diagnostics.push(d));
  }
  reportIdentityConflicts(checker);
  reportUnread(checker);
  reportSharedWeights(checker);
  const sound = !faulty && !checker.diagnostics.some((d) => d.severity === 'error');
  const waiting = sound ? entries.flatMap((uri) => unfittedModels(uri, checker)) : [];
  const models = sound ? entries.flatMap((uri) => lowerModels(uri, waiting, checker, memory)) : [];
  const failed = checker.diagnostics.some((d) => d.severity === 'error');
  return {
    diagnostics: offerImports(withoutConsequences(withoutRepeats(checker.diagnostics), modules), modules, host),
    models: failed ? [] : models,
    foreign: checker.foreign,
    identities: [...checker.identities.values()],
    signatures: checker.signatures,
    weights: checker.weights,
    tools: findings.flatMap((found) => found.tools),
    lowerTerms: (request) => lowerTerms(request, checker),
    lowerSwapped: (model, swaps) => lowerSwapped(model, swaps, checker),
    values: new Map(observed),
    unfitted: failed ? [] : waiting,
    explain: (target) => explain(target, entries, checker),
    explainable: () => explainable(entries, checker),
  };
}

function checkModule(module: ModuleScope, checker: Checker): readonly CheckedTool[] {
  const report = (d: Diagnostic): void => void checker.diagnostics.push(d);
  const own = ownSymbols(module);
  for (const symbol of own) checkDeclaration(symbol, checker);
  gatherUsed(module, own, checker);
  const tools = checkTools(module, checker);
  reportUnusedImports(module, report);
  return tools;
}

const ownSymbols = (module: ModuleScope): Symbol[] => [...module.names.values()].filter((symbol) => symbol.module === module);

// ---------------------------------------------------------------- models

function modelsOf(uri: string, { modules }: Checker): Symbol<ModelDecl>[] {
  const module = modules.scopes.get(uri);
  return module ? ownSymbols(module).filter((s): s is Symbol<ModelDecl> => isKind(s, 'ModelDecl')) : [];
}

function lowerModels(uri: string, waiting: readonly UnfittedModel[], checker: Checker, memory: CheckMemory): CheckedModel[] {
  const models = modelsOf(uri, checker).filter((symbol) => !waiting.some((w) => w.uri === uri && w.name === symbol.name));
  const toolsOf = (symbol: Symbol): readonly CheckedTool[] => memory.modules.get(symbol.module)?.tools ?? [];
  return models.flatMap((symbol) => rememberLowered(symbol, checker, memory, () => withinBudget(lower(symbol, checker), symbol, toolsOf(symbol), checker)) ?? []);
}

type Unbounded = Omit<CheckedModel, 'budget'>;

/** A model with what is known of its budget; what it breaks is reported. */
function withinBudget(model: Unbounded | undefined, symbol: Symbol<ModelDecl>, tools: readonly CheckedTool[], checker: Checker): CheckedModel | undefined {
  if (model === undefined) return undefined;
  const limits = tools.flatMap((tool) => (tool.kind === 'budget' && tool.model === symbol ? tool.limits : []));
  const { entries, diagnostics } = enforceBudget(limits, model, symbol);
  checker.diagnostics.push(...diagnostics);
  return { ...model, budget: entries };
}

function lowerSwapped(symbol: Symbol<ModelDecl>, swaps: Swaps, checker: Checker): CheckedModel | string {
  const reached = new Set([...swaps.values()].flatMap((instead) => reachedFrom(instead, checker)));
  const waiting = checker.weights.find(({ owner, present }) => !present && reached.has(owner));
  if (waiting !== undefined) return waitsFor(waiting, checker);
  const { length } = checker.diagnostics;
  const model = lower(symbol, checker, swaps);
  return model === undefined ? checker.diagnostics[length]!.message : { ...model, budget: [] };
}

function lower(symbol: Symbol<ModelDecl>, checker: Checker, swaps?: Swaps): Unbounded | undefined {
  const { uri } = symbol.module;
  const lowered = lowerModel(symbol, checker, swaps);
  if (lowered === undefined) return undefined;
  const { program, inputs, outputs, states, guards, needless, places, demands } = lowered;
  if (swaps === undefined) reportExchangedStates(symbol, program, states, checker);
  const { declaration } = symbol;
  const joints = jointsBelow(symbol, checker);
  const tokenizers = tokenizersOf(inputs.map((i) => i.type), checker);
  return {
    name: symbol.name,
    ...(declaration.doc === undefined ? {} : { doc: declaration.doc }),
    uri,
    location: at(symbol.module, declaration.name.span),
    inputs,
    outputs,
    states: states.map(({ name, doc, type, init, next }) => ({ name, type, init, next, ...(doc === undefined ? {} : { doc }) })),
    backbones: backbonesOf(reachedFrom(symbol, checker), checker),
    joints,
    demands,
    places: placesOf(joints, places),
    guards,
    needlessGuards: needless,
    program,
    parts: partsOf(program, checker),
    files: filesOf(program, tokenizers),
    tokenizers,
  };
}

/** The joints of a model's body and of all parts that it reaches, the library's own left out. */
function jointsBelow(symbol: Symbol, checker: Checker): Joint[] {
  return reachedFrom(symbol, checker).filter((s) => s.module.package !== 'std').flatMap((s) => checker.joints.get(s) ?? []);
}

/** The models of a module whose parts have weights that are yet to be learned. */
function unfittedModels(uri: string, checker: Checker): UnfittedModel[] {
  if (checker.weights.every(({ present }) => present)) return [];
  return modelsOf(uri, checker).flatMap((symbol) => {
    const reached = new Set(reachedFrom(symbol, checker));
    const absent = checker.weights.filter(({ owner, present }) => !present && reached.has(owner));
    const missing = absent.map((weights) => reportUnfitted(weights, symbol, checker));
    return missing.length === 0 ? [] : [{ name: symbol.name, uri, location: at(symbol.module, symbol.declaration.name.span), missing }];
  });
}

/** A contract's error is found at each use of it. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics.filter((d) => {
    const key = `${d.code} ${d.location.uri} ${d.location.span.start} ${d.location.span.end} ${d.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
