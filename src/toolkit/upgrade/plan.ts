/** What an upgrade changes in the sources, before anything was run. */
import type { CheckedModel } from '../../check/model.ts';
import type { CheckedData } from '../../check/tools/index.ts';
import type { Signature } from '../../check/parts/signature.ts';
import { toolkitCodes } from '../../diagnostics/codes/toolkit.ts';
import type { Host } from '../../host/host.ts';
import type { ModuleScope, Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Expr, ModelDecl, PartDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { refuse } from '../errors.ts';
import type { Table } from '../data/table.ts';
import { bindInputs, openTable, type DataChoice } from './bind-data.ts';
import { bindLabels, showJudged } from './bind-labels.ts';
import { callerBehind, callSites, reachedBy, replaceCall, type Caller, type CallSite, type Edit, type Encoder } from './call-sites.ts';
import { encoderOfModels, modelsAmong, vectorsOf, type EncoderVectors } from './encoder.ts';
import { bridgeModule, inputsRead, kebab, namesFor, retypedText, toolsModule, type JudgedModel, type NewNames, type ToolsRequest } from './new-modules.ts';
import { createModuleText, type ChangedText, type ModuleText } from './module-text.ts';
import { unsuitableColumn, unsuitableInputs, unsuitableLabels } from './suitable.ts';
import { directEdits, vectorOutputs, type DirectRequest } from './reindex.ts';
import { argumentAt, inputBehind, isSameType, retypedInputs, typedInputs, type Retyped } from './retype.ts';

export interface UpgradeRequest extends DataChoice {
  readonly file: ModuleScope;
  /** Those of the file. */
  readonly models: readonly Symbol<ModelDecl>[];
  /** Those of other files that call parts which the exchange changes. */
  readonly others: readonly Symbol<ModelDecl>[];
  /** The same, as programs. */
  readonly checked: readonly CheckedModel[];
  readonly old: Encoder;
  readonly next: Encoder;
  readonly signatures: ReadonlyMap<Symbol, Signature>;
  /** Asked for where something is to be learned, or verified. */
  readonly pairs: () => CheckedData;
  readonly test: () => CheckedData;
  /** Whether indexes of vectors are made anew, so that outputs that are vectors need no bridge. */
  readonly reindex: boolean;
  /** How much accuracy may be lost: 0.02. */
  readonly margin: number;
  readonly host: Host;
}

export interface UpgradePlan {
  readonly old: EncoderVectors;
  readonly next: EncoderVectors;
  readonly names: NewNames;
  readonly bridgeUri: string;
  readonly toolsUri: string;
  readonly weightsUri: string;
  /** Of new and of changed modules, not yet formatted. */
  readonly texts: ReadonlyMap<string, ChangedText>;
  /** Of the module of tools, which stands at `toolsUri`; undefined where nothing is bridged, and so nothing verified. */
  readonly tools: string | undefined;
  readonly models: readonly JudgedModel[];
  /** Outputs that are the vectors themselves, by the verification of their model. */
  readonly indexed: ReadonlyMap<string, readonly string[]>;
  /** The same of all models, for messages: `embedding` of `Search`, in backticks. */
  readonly vectors: readonly string[];
  /** What the user has to know. */
  readonly notes: readonly string[];
}

export function planUpgrade(request: UpgradeRequest): UpgradePlan {
  const { file, host, signatures } = request;
  const all = [...request.models, ...request.others];
  const reached = reachedBy(all);
  const stop = (why: string): never => refuse(toolkitCodes.finding('upgrade-refused', { old: request.old.name, next: request.next.name, why }), at(file, { start: 0, end: 0 }));
  const found = encoderOfModels(request.old, reached, signatures);
  if (typeof found === 'string') return stop(found);
  const { vectors: old, sites } = found;
  const next = vectorsOf(request.next, signatures)[0] ?? stop(`\`${request.next.name}\` gives no vector of a known size for each example, f32[batch, …]: name an adapter that does`);
  if (request.next === old.symbol) stop('both are the same');
  const unsuitable = unsuitableInputs(old, next);
  if (unsuitable !== undefined) stop(unsuitable);
  const foreign = sites.find(({ caller }) => caller.module.package !== file.package);
  if (foreign !== undefined) stop(`\`${foreign.caller.name}\`, which calls it, is of the package ${foreign.caller.module.package}`);

  const names = namesFor(old.symbol.name, next.symbol.name);
  const beside = (name: string): string => new URL(name, file.uri).href;
  const into = moduleInCircle(sites, [old, next]);
  if (into !== undefined && into !== next.symbol.module && callerBehind([next.symbol.module], sites) !== undefined) stop(importedByBoth(next.symbol, into, host));
  const [bridgeUri, toolsUri] = [into?.uri ?? beside(`${kebab(names.part)}.mdl`), beside(`${kebab(names.part)}.verify.mdl`)];
  const weightsUri = new URL(names.weights, bridgeUri).href;
  for (const uri of into === undefined ? [bridgeUri, toolsUri] : [toolsUri]) if (host.stat(uri) !== undefined) stop(`${host.display(uri)} is there already`);
  const taken = into && [names.part, names.bridge, names.vector].find((name) => into.names.has(name));
  if (taken !== undefined) stop(`\`${taken}\` is declared already`);

  const sitesOf = (part: Symbol<PartDecl>): readonly CallSite[] => callersAmong(reached).flatMap((caller) => sitesIn(part, caller));
  const changes = old.inputs.flatMap((input, place) => (isSameType(input.written, next.inputs[place]!.written) ? [] : [{ name: input.name, place, from: input.written, to: next.inputs[place]!.written }]));
  const retyped = retypedInputs(sites, changes, sitesOf);

  const tainted = taintedBy(old.symbol, reached);
  const affected = modelsAmong(reached).filter((model) => all.includes(model) && sites.some((one) => one.caller === model || tainted.has(one.caller)) && outputsOn(model, tainted).length > 0);
  const isAlone = (model: Symbol<ModelDecl>): boolean => sites.every(({ caller }) => caller === model || !reachedBy([model]).includes(caller)) && vectorOutputs(sites, model).length === outputsOn(model, tainted).length;
  const alone = new Set(request.reindex ? affected.filter(isAlone) : []);
  const vectors = affected.flatMap((model) => vectorOutputs(sites, model).map(({ output }) => `\`${output.name.text}\` of \`${model.name}\``));
  if (request.reindex && vectors.length === 0) stop('no output of the models is the vectors themselves, so there is no index to be made anew: leave --reindex out');
  const notes: string[] = [];
  if (old.symbol !== request.old) notes.push(`The models call \`${request.old.name}\` through \`${old.symbol.name}\`: that is what is exchanged.`);
  for (const { name, module } of request.others) notes.push(`\`${name}\` of ${host.display(module.uri)} rests on parts that change with it: it gets the new encoder, too.`);
  if (affected.every((model) => alone.has(model))) {
    const unbridged = affected.map((model): JudgedModel => ({ model, name: nameAmong(model, affected), columns: new Map(), requirements: [], labels: [] }));
    const texts = new Map(editedModules({ old, next, alone, reindex: true, sites, retyped, names, bridgeUri, bridge: undefined, host }));
    return { old, next, names, bridgeUri, toolsUri, weightsUri, texts, tools: undefined, models: unbridged, indexed: new Map(), vectors, notes };
  }

  const { site, inputOf } = fedSite(sites, old, sitesOf) ?? stop(`the models call it through ${[...new Set(sites.map(({ caller }) => `\`${caller.name}\``))].join(' and ')}, and what they hand to that is computed: name an adapter that takes what a model is fed`);
  const [pairsData, testData] = [request.pairs(), request.test()];
  const [pairsTable, testTable] = [openTable(pairsData, host), openTable(testData, host)];
  const named = (columns: Iterable<string>, table: Table, isInput: boolean): void => {
    const why = [...columns].map((column) => unsuitableColumn(column, table, isInput)).find((one) => one !== undefined);
    if (why !== undefined) stop(why);
  };
  const fed = inputsRead(site, old);
  const read = new Set([...fed.map(inputOf), ...all.flatMap((model) => [...typedInputs(model).keys()])]);
  const stray = [...request.columns.keys()].find((input) => !read.has(input));
  if (stray !== undefined) stop(`no model of the file has an input \`${stray}\`, which --column speaks of; the inputs are ${[...read].map((input) => `\`${input}\``).join(', ')}`);
  const answers = (model: Symbol<ModelDecl>): readonly string[] => outputsOn(model, tainted).filter((name) => !vectorOutputs(sites, model).some(({ output }) => output.name.text === name));
  const wrongLabel = unsuitableLabels(request, [...new Set(affected.flatMap(answers))], testTable);
  if (wrongLabel !== undefined) stop(wrongLabel);
  const bound = bindInputs(fed.map(inputOf), pairsTable, request, pairsData.location);
  const pairs = { uri: pairsData.uri, columns: new Map(fed.map((name) => [name, bound.get(inputOf(name))!])) };
  named(pairs.columns.values(), pairsTable, true);
  const models = affected.map((model): JudgedModel => {
    const checked = request.checked.find(({ name, uri }) => name === model.name && uri === model.module.uri) ?? stop(`\`${model.name}\` cannot be built yet: weights of it are yet to be learned`);
    const columns = bindInputs(checked.inputs.map(({ name }) => name), testTable, request, testData.location);
    const labels = bindLabels({ model: checked, declaration: model.declaration, outputs: answers(model), table: testTable, read: new Set(columns.values()), choice: request });
    if (typeof labels === 'string') return stop(labels);
    notes.push(...showJudged(model.name, labels, testTable.name));
    named([...columns.values(), ...labels.judged.map(({ column }) => column)], testTable, false);
    const requirements = labels.judged.map(({ output, column, metric }) => `${metric}(y.${output}, d.${column}) >= baseline - ${Number((100 * request.margin).toPrecision(12))}%`);
    return { model, name: nameAmong(model, affected), columns, requirements, labels: labels.judged.map(({ column }) => column) };
  });
  const judged = models.filter(({ requirements }) => requirements.length > 0);
  if (request.label !== undefined && !models.some(({ labels }) => labels.includes(request.label!))) stop(`--label names \`${request.label}\` of ${testTable.name}, and no output that rests on \`${old.symbol.name}\` can be judged by it: the values of \`${request.label}\` are none of its classes`);
  if (judged.length === 0) stop(`${testTable.name} has no column with the classes of an output that rests on \`${old.symbol.name}\`, so that nothing can be verified: name it by --label`);
  for (const { name, requirements } of models) if (requirements.length === 0) notes.push(`Nothing of \`${name}\` is verified.`);

  const tools = toolsModule({ uri: toolsUri, bridgeUri, old, next, names, site, retyped, pairs, test: testData.uri, models: judged } satisfies ToolsRequest, host);
  const bridge = bridgeModule(bridgeUri, { old, next, names }, host, into);
  const edited = editedModules({ old, next, alone, reindex: request.reindex, sites, retyped, names, bridgeUri, bridge: into && bridge, host });
  const texts = new Map([...(into === undefined ? [[bridgeUri, { text: bridge.text() }] as const] : []), ...edited]);
  const indexed = new Map(models.map(({ model, name }) => [names.verify(name), vectorOutputs(sites, model).map(({ output }) => output.name.text)] as const).filter(([, outputs]) => outputs.length > 0));
  return { old, next, names, bridgeUri, toolsUri, weightsUri, texts, tools, models: judged, indexed, vectors, notes };
}

/** The parts whose text changes where the encoder under these models is exchanged; none where it cannot be. */
export function changedParts(models: readonly Symbol<ModelDecl>[], old: Encoder, signatures: ReadonlyMap<Symbol, Signature>): readonly Symbol[] {
  const found = encoderOfModels(old, reachedBy(models), signatures);
  return typeof found === 'string' ? [] : [...new Set(found.sites.map(({ caller }) => caller))].filter(({ declaration }) => declaration.kind === 'PartDecl');
}

/** What the tools call a model: `App`, and `App2` for one of another module. */
function nameAmong(model: Symbol<ModelDecl>, models: readonly Symbol<ModelDecl>[]): string {
  const place = models.filter(({ name }) => name === model.name).indexOf(model);
  return place === 0 ? model.name : `${model.name}${place + 1}`;
}

const callersAmong = (reached: readonly Symbol[]): readonly Caller[] => reached.filter((symbol): symbol is Caller => symbol.declaration.kind === 'PartDecl' || symbol.declaration.kind === 'ModelDecl');

function sitesIn(part: Symbol<PartDecl>, caller: Caller): readonly CallSite[] {
  const sites = callSites(part, undefined, caller);
  return typeof sites === 'string' ? [] : sites;
}

/**
 * A call from which it follows what the encoder is given of an example: in a model, or in a part to which models hand their inputs
 * as they are. `inputOf` names the model's input for each of the caller's. Undefined where there is none.
 */
function fedSite(sites: readonly CallSite[], old: EncoderVectors, sitesOf: (part: Symbol<PartDecl>) => readonly CallSite[]): { readonly site: CallSite; readonly inputOf: (name: string) => string } | undefined {
  const inModel = sites.find(({ caller }) => caller.declaration.kind === 'ModelDecl');
  if (inModel !== undefined) return { site: inModel, inputOf: (name) => name };
  for (const site of sites) {
    const found = new Map(inputsRead(site, old).map((name) => [name, inputOfModel(site.caller, name, sitesOf)]));
    if ([...found.values()].every((input) => input !== undefined)) return { site, inputOf: (name) => found.get(name)! };
  }
  return undefined;
}

/** The input of a model that a parameter is handed. */
function inputOfModel(caller: Caller, name: string, sitesOf: (part: Symbol<PartDecl>) => readonly CallSite[]): string | undefined {
  if (caller.declaration.kind === 'ModelDecl') return name;
  const place = [...typedInputs(caller).keys()].indexOf(name);
  for (const above of sitesOf(caller as Symbol<PartDecl>)) {
    const given = argumentAt(above, name, place);
    const input = given && inputBehind(given, above.caller);
    const found = input === undefined ? undefined : inputOfModel(above.caller, input, sitesOf);
    if (found !== undefined) return found;
  }
  return undefined;
}

// ---------------------------------------------------------------- what rests on the encoder

/** The encoder, and the parts that call it, directly or through others. */
function taintedBy(encoder: Symbol, reached: readonly Symbol[]): ReadonlySet<Symbol> {
  const tainted = new Set([encoder]);
  for (let before = 0; before < tainted.size;) {
    before = tainted.size;
    for (const symbol of reached) if (symbol.declaration.kind === 'PartDecl' && mentions(symbol.declaration, symbol.module, tainted)) tainted.add(symbol);
  }
  return tainted;
}

function mentions(node: Parameters<typeof visit>[0], module: ModuleScope, symbols: ReadonlySet<Symbol>): boolean {
  let found = false;
  visit(node, {
    enter(inner) {
      const symbol = inner.kind === 'NameExpr' ? module.names.get(inner.name.text) : undefined;
      found ||= symbol !== undefined && symbols.has(symbol);
    },
  });
  return found;
}

/** The outputs of a model that rest on one of these. */
function outputsOn({ declaration, module }: Symbol<ModelDecl>, tainted: ReadonlySet<Symbol>): readonly string[] {
  const lets = new Set<string>();
  const rests = (expr: Expr): boolean => {
    let found = mentions(expr, module, tainted);
    visit(expr, { enter: (inner) => void (found ||= inner.kind === 'NameExpr' && lets.has(inner.name.text)) });
    return found;
  };
  const outputs: string[] = [];
  for (const member of declaration.members) {
    if (member.kind === 'Let' && rests(member.value)) lets.add(member.name.text);
    if (member.kind === 'ModelOutput' && rests(member.value)) outputs.push(member.name.text);
  }
  return outputs;
}

// ---------------------------------------------------------------- changed modules

/** The module with calls of the encoder that one of the encoders rests on: a module beside it would be imported by it, and import it. */
const moduleInCircle = (sites: readonly CallSite[], encoders: readonly EncoderVectors[]): ModuleScope | undefined =>
  callerBehind(encoders.flatMap(({ symbol, written, inputs }) => [symbol.module, written.module, ...inputs.map((input) => input.written.module)]), sites);

/** What to do about a new encoder of another module that speaks of what the module with the calls declares. */
function importedByBoth({ name, module }: Encoder, into: ModuleScope, host: Host): string {
  const [home, caller] = [module, into].map(({ uri }) => host.display(uri));
  return `${caller} would import \`${name}\` from ${home}, which rests on what ${caller} declares: move what both speak of to a module that both import, or declare \`${name}\` in ${caller}`;
}

interface EditRequest extends DirectRequest {
  readonly reindex: boolean;
  readonly retyped: readonly Retyped[];
  readonly names: NewNames;
  readonly bridgeUri: string;
  /** What the module of the bridge is to hold besides, where it is there already. */
  readonly bridge: ModuleText | undefined;
  readonly host: Host;
}

/** The modules that call the encoder, with the new part in its place. */
function editedModules({ old, next, alone, reindex, sites, retyped, names: { part }, bridgeUri, bridge, host }: EditRequest): readonly (readonly [uri: string, changed: ChangedText])[] {
  const modules = new Set([...sites, ...retyped].map(({ caller }) => caller.module));
  return [...modules].map((module) => {
    const called = sites.filter(({ caller }) => caller.module === module);
    const changed = retyped.filter(({ caller }) => caller.module === module);
    const text = bridge !== undefined && module.uri === bridgeUri ? bridge : createModuleText(module.uri, host, module);
    const direct = reindex ? directEdits({ old, next, sites: called, alone }, text) : undefined;
    const bridged = called.filter((site) => direct?.sites.has(site) !== true);
    if (bridged.length > 0) text.useFrom(bridgeUri, part);
    const edits: Edit[] = [
      ...(direct?.edits ?? []),
      // Of an output that is a call of its own now, no field is left to read.
      ...bridged.flatMap((site) => replaceCall(site, part)).filter((edit) => direct?.edits.some((other) => isWithin(edit, other)) !== true),
      ...changed.map((change) => {
        const { node, text: type } = retypedText(change, text);
        return { span: node.span, text: type };
      }),
      ...versionBumps(called, changed),
    ];
    return [module.uri, text.into(module, edits)];
  });
}

const isWithin = (inner: Edit, outer: Edit): boolean => outer.span.start <= inner.span.start && inner.span.end <= outer.span.end;

/** Who gives other vectors has another version; who takes other inputs one that its callers have to look at. */
function versionBumps(called: readonly CallSite[], changed: readonly Retyped[]): readonly Edit[] {
  const callers = new Set([...called, ...changed].map(({ caller }) => caller));
  return [...callers].flatMap(({ declaration }) => {
    const version = declaration.kind === 'PartDecl' ? declaration.version : undefined;
    if (version === undefined) return [];
    const [major = 0, minor = 0] = version.text.split('.').map(Number);
    const isBreaking = changed.some(({ caller }) => caller.declaration === declaration);
    return [{ span: version.span, text: isBreaking ? `${major + 1}.0.0` : `${major}.${minor + 1}.0` }];
  });
}
