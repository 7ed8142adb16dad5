/** A model's body: its inputs, values and outputs. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { ModelDecl, ModelInput, ModelOutput, Name, PartDecl } from '../../syntax/ast.ts';
import { weightsFileOf } from '../../text/paths.ts';
import { substituteType } from '../../types/bindings.ts';
import { constantOf } from '../../types/dim.ts';
import { showType } from '../../types/show.ts';
import { unknownType, type TensorType, type Type } from '../../types/type.ts';
import type { Checker } from '../context.ts';
import { withOwnSizes } from '../types/chosen-sizes.ts';
import { checkOutputClaim } from '../parts/claims.ts';
import { collectingSink, reportTooLarge } from '../expressions/collect.ts';
import { closingFix, restNote } from '../parts/closed-type.ts';
import { insertAt, renameAgain, replaceAt } from '../edits.ts';
import { followFrom, plainEnv, type Deep, type Env, type Parameter } from '../env.ts';
import { declareLocal, evaluateLet } from '../expressions/block.ts';
import { evaluate, observe } from '../expressions/expr.ts';
import { meantBy } from '../expressions/misuse.ts';
import { leavesParameters } from '../expressions/reached.ts';
import { reportUnboundInputs, reportUnusableOutputs } from './model-ports.ts';
import { followedValue } from '../joints/followed-values.ts';
import { guardValue, isSeenTo } from '../joints/guards.ts';
import { reportForeignMasks } from '../joints/masks.ts';
import { reportMixedRows, reportMixtures } from '../joints/mixtures.ts';
import type { CheckedPort, CheckedState, Joint } from '../model.ts';
import { placeJoint } from '../joints/places.ts';
import { evaluateNext, evaluateState, noStates, settleStates } from './state.ts';
import { evaluateType } from '../types/type-expr.ts';
import { openPart, tensorsOf } from '../parts/signature.ts';
import { asValue } from '../types/several-versions.ts';
import { equalSizes } from '../types/size-facts.ts';
import { forPort, rootScope } from '../types/type-scope.ts';
import { text } from '../source-text.ts';
import { reportPaddingSide } from './padding-side.ts';
import { reportUncarried } from './uncarried-ports.ts';
import { reportUnused } from './unused.ts';
import { describeValue, valueOf, type Value } from '../expressions/values.ts';
import { withTestedFacts } from './tested.ts';

/** A checked model's ports and the values that its outputs are. */
export interface ModelValues {
  readonly inputs: readonly CheckedPort[];
  readonly outputs: readonly (CheckedPort & { readonly value: Value })[];
  readonly states: readonly (CheckedState & { readonly next: Value })[];
}

/** Checks a model's body for itself, then that all parameters below it have weights. */
export function checkModel(symbol: Symbol<ModelDecl>, checker: Checker): void {
  const before = checker.diagnostics.length;
  const joints: Joint[] = [];
  checker.joints.set(symbol, joints);
  const env: Env = { ...modelEnv(symbol, checker, (d) => void checker.diagnostics.push(d), joints, undefined), mixtures: [] };
  const ports = evaluateModel(symbol, env, () => undefined);
  const { inputs, outputs } = ports;
  reportUnboundInputs(symbol, inputs, env);
  reportPaddingSide(inputs, env);
  reportUncarried(ports, env);
  reportUnusableOutputs(symbol, env);
  if (!symbol.declaration.members.some((m) => m.kind === 'ModelOutput') && symbol.name !== '') {
    env.report(partCodes.report('no-output', { model: symbol.name }, at(symbol.module, symbol.declaration.name.span), { notes: ['Write `output NAME = VALUE`.'], fixes: outputFix(symbol) }));
  }
  reportMixtures(env);
  reportMixedRows(outputs, env);
  reportForeignMasks(env);
  reportUnused(env);
  if (!checker.diagnostics.slice(before).some((d) => d.severity === 'error') && leavesParameters(symbol, checker)) reportUnowned(symbol, checker);
}

export function modelEnv(symbol: Symbol<ModelDecl>, checker: Checker, report: Env['report'], joints: Joint[] | undefined, deep: Deep | undefined): Env {
  const root = rootScope(symbol.module, symbol.name, report);
  // The sizes of one program meet no others: called alike in all programs, they are what bodies were followed with before.
  const scope = deep === undefined ? root : { ...root, key: 'program' };
  return { ...plainEnv({ checker, symbol, scope, report }), joints, deep };
}

/** Evaluates the members in order; `place` names the program's tensor of an input. */
export function evaluateModel(symbol: Symbol<ModelDecl>, env: Env, place: (port: string) => string | undefined): ModelValues {
  const inputs: CheckedPort[] = [];
  const outputs: (CheckedPort & { value: Value })[] = [];
  const states = noStates();
  const named = firstNamed(symbol);
  for (const member of symbol.declaration.members) {
    if (member.kind === 'Let') {
      evaluateLet(member, env);
    } else if (member.kind === 'ModelInput') {
      const type = guarded(closed(member, withOwnSizes(evaluateType(member.type, forPort(env.scope, member.name.text)), env.scope), env));
      const promised = parted(type, 'app');
      inputs.push(port(member, promised));
      if (env.deep === undefined) reportEmpty(member, promised, env);
      for (const [key, size] of equalSizes([type]).sizes) env.bindings.sizes.set(key, size);
      env.deep?.sink.given(substituteType(promised, env.bindings));
      const given = placed(asValue(substituteType(promised, env.bindings), member.name.text), member.name.text, place);
      const site = { location: at(env.scope.module, member.type.span), to: `${env.symbol.name}.${member.name.text}`, from: member.name.text };
      declareLocal(member.name, guardValue(given, substituteType(parted(type, 'graph'), env.bindings), site, env), env);
    } else if (member.kind === 'StateMember') {
      evaluateState(member, states, env, place);
    } else if (member.kind === 'NextMember') {
      evaluateNext(member, states, env);
    } else if (member.kind === 'ModelOutput') {
      const value = evaluateOutput(member, named, env);
      if (value !== undefined) outputs.push(value);
    }
  }
  return { inputs, outputs, states: settleStates(states, inputs, env) };
}

const port = (member: ModelInput | ModelOutput, type: Type): CheckedPort => ({
  name: member.name.text,
  type,
  ...(member.doc === undefined ? {} : { doc: member.doc }),
});

/** A model is one program: the dtypes and ranks of its inputs are numbers and names, not families and `...`. */
function closed(member: ModelInput, type: Type, env: Env): Type {
  const open = openPart(type);
  if (open === undefined) return type;
  const args = { port: member.name.text, type: showType(type), open };
  env.report(partCodes.report('open-type', args, at(env.scope.module, member.type.span), { notes: ['A part may leave that to its callers; nobody calls a model.', ...restNote(member.type, type, env.scope.module)], fixes: closingFix(member.type, type, env.scope.module) }));
  return unknownType;
}

/** What is proved of a model holds for sizes from 1 on; no run could give such an input anything. */
function reportEmpty(member: ModelInput, type: Type, env: Env): void {
  const empty = type.kind === 'unknown' ? undefined : tensorsOf(type).find(({ shape }) => shape.axes.some(({ size }) => constantOf(size) === 0));
  if (empty === undefined) return;
  env.report(partCodes.report('empty-input', { input: member.name.text, type: showType(empty) }, at(env.scope.module, member.type.span), { label: 'an axis of size 0', notes: ['An axis whose size each run decides has a name of your choice, and it is at least 1: `f32[batch, n]`.'], fixes: nameFix(member, env) }));
}

/** A name in the place of a 0 that is written. */
function nameFix({ type: { base } }: ModelInput, env: Env): Fix[] {
  const dims = base.kind === 'TensorTypeExpr' ? base.dims : [];
  const zero = dims.findIndex((dim) => dim.kind === 'DimItem' && dim.size.kind === 'DimInt' && dim.size.value === 0);
  const dim = dims[zero];
  const name = zero === 0 ? 'batch' : 'n';
  return dim?.kind === 'DimItem' ? [{ title: `write \`${name}\``, edits: [replaceAt(dim.size.span, name, env.scope.module)] }] : [];
}

/** What the model makes last, and nothing reads, was made to be given. */
function outputFix({ declaration, module }: Symbol<ModelDecl>): Fix[] {
  const last = declaration.members.findLast((member) => member.kind === 'Let');
  const end = declaration.members.at(-1)?.span.end;
  return last?.kind !== 'Let' || end === undefined ? [] : [{ title: `give \`${last.name.text}\``, edits: [insertAt(end, `\n  output ${last.name.text} = ${last.name.text}`, module)] }];
}

/** A model's inputs are tested at run time, as far as that can be done. */
function guarded(type: Type): Type {
  if (type.kind === 'unknown') return type;
  const guard = (tensor: TensorType): TensorType => ({ ...withTestedFacts(tensor), evidence: 'enforced' });
  if (type.kind === 'tensor') return guard(type);
  return { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, guard(field)])) };
}

/** The type with those of its facts to which the graph sees, or with those to which the app does. */
function parted(type: Type, by: 'graph' | 'app'): Type {
  const part = (tensor: TensorType): TensorType => ({ ...tensor, facts: tensor.facts.filter((fact) => isSeenTo(fact) === (by === 'graph')) });
  if (type.kind === 'tensor') return part(type);
  return type.kind === 'record' ? { ...type, fields: new Map([...type.fields].map(([name, field]) => [name, part(field)])) } : type;
}

function placed(type: Type, name: string, place: (port: string) => string | undefined): Value {
  const value = valueOf(type);
  if (value.kind === 'tensor') {
    const ref = place(name);
    return ref === undefined ? value : { ...value, ref };
  }
  if (value.kind !== 'record') return value;
  const refs = new Map([...value.type.fields.keys()].flatMap((field) => {
    const ref = place(`${name}.${field}`);
    return ref === undefined ? [] : [[field, ref] as const];
  }));
  return { ...value, refs };
}

/** The inputs, states and outputs of a model by their names; of one that is given twice, the first. */
function firstNamed({ declaration }: Symbol<ModelDecl>): ReadonlyMap<string, Name> {
  const named = declaration.members.flatMap((m) => (m.kind === 'ModelInput' || m.kind === 'ModelOutput' || m.kind === 'StateMember' ? [[m.name.text, m.name] as const] : []));
  return new Map(named.toReversed());
}

function evaluateOutput(member: ModelOutput, named: ReadonlyMap<string, Name>, env: Env): (CheckedPort & { value: Value }) | undefined {
  const found = evaluate(member.value, { ...env, letName: member.name.text });
  const declared = member.type && evaluateType(member.type, forPort(env.scope, member.name.text));
  const value = declared === undefined ? found : followedValue(found, substituteType(declared, env.bindings), member.value, env);
  const location = at(env.scope.module, member.name.span);
  const first = named.get(member.name.text);
  if (first !== undefined && first !== member.name && member.name.text !== '') {
    const where = `the inputs, states and outputs of \`${env.symbol.name}\``;
    env.report(nameCodes.report('duplicate-name', { name: member.name.text, where }, location, { label: 'declared again here', related: [{ location: at(env.scope.module, first.span), text: 'first here' }], fixes: [renameAgain(member.name, named.keys(), env.scope.module)] }));
  }
  if (value.kind === 'unknown') return undefined;
  if (value.kind !== 'tensor' && value.kind !== 'record') {
    const args = { found: describeValue(value), where: `the output \`${member.name.text}\`` };
    env.report(partCodes.report('tensor-needed', args, at(env.scope.module, member.value.span), { notes: value.kind === 'number' ? ['An output is made of the inputs; what is the same at every run an app knows without a model.'] : meantBy(value) }));
    return undefined;
  }
  const type = declared === undefined ? value.type : checkOutputClaim(member, declared, value, env);
  observe(member.name, valueOf(type), env);
  const site = { location: at(env.scope.module, member.value.span), to: `${env.symbol.name}.${member.name.text}`, from: text(member.value, env) };
  if (declared === undefined) return { ...port(member, type), value };
  const passed = guardValue(value, declared, site, env);
  placeJoint(site, declared, passed, env.bindings, env);
  return { ...port(member, type), value: passed };
}

/** Parameters that are below no `weights`. */
function reportUnowned(symbol: Symbol<ModelDecl>, checker: Checker): void {
  const found: Parameter[] = [];
  const deep = followFrom(symbol, collectingSink(found, checker), undefined);
  evaluateModel(symbol, modelEnv(symbol, checker, () => {}, undefined, deep), () => '');
  if (reportTooLarge(symbol, deep, checker)) return;
  const unownedOnes = found.filter((p) => p.owner === undefined);
  for (const parameter of unownedOnes) {
    const alike = unownedOnes.filter((p) => placeOf(p) === placeOf(parameter));
    if (alike[0] === parameter) checker.diagnostics.push(unowned(alike, symbol));
  }
}

/** A file that is not there yet is one that a fit is to write. */
function learnFix({ name, declaration: { result, keeps }, module }: Symbol<PartDecl>): Fix[] {
  return [{ title: 'let a fit learn them', edits: [insertAt((keeps.at(-1) ?? result).span.end, ` weights "${weightsFileOf(name)}" = learned`, module)] }];
}

/** A head or an adapter is meant to have weights; of a part, the call is what lacks an owner. */
function lacking({ below }: Parameter): Symbol | undefined {
  const declaration = below?.symbol.declaration;
  return declaration?.kind === 'PartDecl' && declaration.role !== 'part' ? below!.symbol : undefined;
}

function placeOf(parameter: Parameter): string {
  const owner = lacking(parameter);
  const { uri, span } = owner ? at(owner.module, owner.declaration.name.span) : parameter.below!.site;
  return `${uri}:${span.start}`;
}

function unowned(parameters: readonly Parameter[], symbol: Symbol<ModelDecl>) {
  const [first] = parameters;
  const owner = lacking(first!);
  // A path begins with the call that the model makes.
  const paths = [...new Set(parameters.map((p) => p.path.split('.').slice(1).join('.')))];
  const args = { part: first!.below!.symbol.name, parameters: paths.map((path) => `\`${path}\``).join(', '), model: symbol.name };
  const location = owner ? at(owner.module, owner.declaration.name.span) : first!.below!.site;
  return foreignCodes.report('unowned-parameters', args, location, {
    label: owner ? 'has no weights' : 'called here',
    related: [{ location: first!.location, text: 'declared here' }],
    fixes: owner ? learnFix(owner as Symbol<PartDecl>) : [],
    notes: [owner ? 'Write `weights "./FILE.safetensors"` behind its result type.' : 'Call it inside a head or an adapter that has `weights "./FILE.safetensors"` behind its result type.'],
  });
}
