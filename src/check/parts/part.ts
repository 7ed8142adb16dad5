/** A part's signature with its body checked: what callers may rely on. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl, PartDecl } from '../../syntax/ast.ts';
import { at, type Location } from '../../text/source.ts';
import { substituteType, type Bindings } from '../../types/bindings.ts';
import type { Type } from '../../types/type.ts';
import { symbolDim } from '../../types/dim.ts';
import { backboneSignature } from '../files/backbone.ts';
import { checkPartResult } from './claims.ts';
import type { Callable, Checker } from '../context.ts';
import { isKind } from '../types/declarations.ts';
import { derivedSignature } from '../files/derived.ts';
import { plainEnv, type Env, type Local } from '../env.ts';
import { evaluateBlock, reportShadowing } from '../expressions/block.ts';
import { checkFilePart } from '../files/file-part.ts';
import { hasLearnedForm, learnedForm } from './learned-form.ts';
import { classesOfFile, withTrained } from './classes.ts';
import { passedGuards } from '../joints/guards.ts';
import { checkKeptPlaces } from './kept-places.ts';
import { checkKeptSpace } from './kept-space.ts';
import { reportForeignMasks } from '../joints/masks.ts';
import { reportMixtures } from '../joints/mixtures.ts';
import { withMeasurements } from '../measured.ts';
import type { Joint } from '../model.ts';
import { saysOfInputs, withGiven, withGivenInputs } from './given-inputs.ts';
import { partSignature, tensorsOf, type Signature } from './signature.ts';
import { equalSizes } from '../types/size-facts.ts';
import { sizeKey, type Report } from '../types/type-scope.ts';
import { checkOnce, noteNeeded } from '../recording.ts';
import { reportUnused } from '../models/unused.ts';
import { asMade, asValue } from '../types/several-versions.ts';
import { valueOf, type Value } from '../expressions/values.ts';
import { checkWeights, collectParameters, weightsOf } from './weights.ts';

/** The signature of a part or backbone, its body checked on first use; undefined inside a cycle, which is reported. */
export function signatureOf(symbol: Symbol<Callable>, checker: Checker, from: Location, report: Report): Signature | undefined {
  noteNeeded(symbol, checker);
  const known = checker.signatures.get(symbol);
  if (known !== undefined) return known;
  if (checker.pending.includes(symbol)) {
    checker.unsettled++;
    reportCircle(checker.pending.slice(checker.pending.indexOf(symbol)), from, checker, report);
    return undefined;
  }
  checker.pending.push(symbol);
  checkOnce(symbol, checker, (needed) => void signatureOf(needed, checker, from, report), () => {
    const signature = isKind(symbol, 'BackboneDecl') ? checkBackbone(symbol, checker) : checkPart(symbol as Symbol<PartDecl>, checker);
    if (signature !== undefined) checker.signatures.set(symbol, { ...signature, result: withMeasurements(resultOf(signature), symbol, checker.measured) });
  });
  checker.pending.pop();
  return checker.signatures.get(symbol);
}

/** What callers get: of a body that is known by its claims. */
const resultOf = ({ symbol: { declaration }, result }: Signature): Type => (declaration.kind === 'BackboneDecl' || declaration.source !== undefined ? asMade(result) : result);

function reportCircle(members: readonly Symbol[], from: Location, { circles }: Checker, report: Report): void {
  const key = members.map(({ name, module }) => `${module.uri}#${name}`).sort().join(' ');
  if (circles.has(key)) return;
  circles.add(key);
  const [first] = members;
  const next = (i: number): Symbol => members[i + 1] ?? first!;
  const isBackbone = first!.declaration.kind === 'BackboneDecl';
  report(
    nameCodes.report('declaration-cycle', { cycle: [...members, first!].map(({ name }) => name) }, from, {
      label: isBackbone ? `made of \`${first!.name}\` again` : 'called here',
      related: members.length < 2 ? [] : members.map((member, i) => ({ location: at(member.module, member.declaration.name.span), text: `${isBackbone ? 'is made of' : 'calls'} \`${next(i).name}\`` })),
      notes: [isBackbone ? 'A backbone is made of a file, or of another backbone that is, at last, made of one.' : 'A model is a finite graph: a part cannot contain itself.'],
    }),
  );
}

function checkBackbone(symbol: Symbol<BackboneDecl>, checker: Checker): Signature | undefined {
  if (symbol.declaration.base !== undefined) return derivedSignature(symbol, checker);
  const signature = backboneSignature(symbol, checker);
  const source = symbol.declaration.members.find((member) => member.kind === 'SourceClause');
  if (source !== undefined) checker.joints.set(symbol, classesOfFile(signature, source.path));
  return signature;
}

function checkPart(symbol: Symbol<PartDecl>, checker: Checker): Signature {
  const before = checker.diagnostics.length;
  const report: Report = (diagnostic) => void checker.diagnostics.push(diagnostic);
  const signature = partSignature(symbol, report);
  const { body, source } = symbol.declaration;
  if (source !== undefined) {
    const held = checkFilePart(signature, source, checker);
    checker.joints.set(symbol, classesOfFile(held, source.path));
    return held;
  }
  if (body === undefined && !hasLearnedForm(symbol.declaration)) return signature;
  const joints: Joint[] = [];
  checker.joints.set(symbol, joints);
  const inner = bodyEnv(signature, checker, report, joints);
  const { weights } = symbol.declaration;
  const owned = weights === undefined ? undefined : { told: [], gap: false };
  const env: Env = { ...inner, mixtures: [], given: { values: givenValues(signature, inner), judged: new Map() }, owned };
  if (body !== undefined) for (const { name } of symbol.declaration.params) reportShadowing(name, env);
  const value = body === undefined ? learnedForm(signature, env) : evaluateBlock(body, env);
  const promised = checkPartResult(signature, value, env);
  reportMixtures(env);
  reportForeignMasks(env);
  if (value.kind !== 'unknown') {
    checkKeptSpace(signature, env);
    checkKeptPlaces(signature, env);
  }
  // Of a body without a value nobody knows what it was to read.
  if (body !== undefined && body.result.kind !== 'MissingExpr') reportUnused(env);
  const sound = !checker.diagnostics.slice(before).some((d) => d.severity === 'error');
  const result = sound && body !== undefined ? provedWhereGiven(signature, promised, joints, env) : promised;
  const checked = { ...signature, result };
  if (weights === undefined) return checked;
  checkWeights(checked, tensorsOf(checked.result), env, sound ? () => collectParameters(checked, env) : undefined);
  const held = checker.refits && weights.learned ? undefined : weightsOf(symbol, checker);
  return held === undefined ? checked : { ...checked, result: withTrained(result, held.file, checker.host.display(held.uri), at(symbol.module, weights.path.span)) };
}

/** The values of the inputs, with what they are where they are as the signature says. */
function givenValues(signature: Signature, { locals, bindings }: Env): ReadonlyMap<Value, Value> {
  if (!saysOfInputs(signature)) return new Map();
  const given = parameterLocals(withGivenInputs(signature), bindings);
  return new Map(signature.tensors.map(({ name }) => [locals.get(name)!.value, given.get(name)!.value]));
}

/** Judges the joints of a body again, with inputs that are as they should be, where any rests on them; the result with what follows. */
function provedWhereGiven(signature: Signature, result: Type, joints: Joint[], { checker, given: inputs }: Env): Type {
  const { body } = signature.symbol.declaration as PartDecl;
  const resting = joints.filter(({ requirements }) => requirements.some(({ evidence }) => evidence === 'declared'));
  if (body === undefined || resting.length === 0 || !saysOfInputs(signature)) return result;
  // Where only inputs themselves are handed on, nothing else in the body can become known better.
  if (resting.every((joint) => inputs?.judged.has(joint))) {
    joints.forEach((joint, i) => (joints[i] = { ...joint, requirements: inputs?.judged.get(joint) ?? joint.requirements }));
    return result;
  }
  const given = withGivenInputs(signature);
  const again: Joint[] = [];
  // What it finds of the nodes of values, and tells, is for this one purpose.
  const aside: Checker = { ...checker, diagnostics: [], observe: undefined, nodeFacts: new Map() };
  const env = bodyEnv(given, aside, () => {}, again);
  const found = checkPartResult(given, evaluateBlock(body, env), env);
  if (again.length === joints.length) joints.splice(0, joints.length, ...again);
  return withGiven(result, found);
}

/** What a part's body is checked in, for itself. */
export function bodyEnv(signature: Signature, checker: Checker, report: Report, joints: Joint[] | undefined): Env {
  // What inputs say to be equal is one size in the body.
  const bindings = equalSizes(signature.tensors.map((t) => t.type));
  const { symbol, scope } = signature;
  return { ...plainEnv({ checker, symbol, scope, report }), bindings, locals: parameterLocals(signature, bindings), joints };
}

/** Inside a body its inputs are as declared, and their facts rest on its guards, or on whoever calls it. */
function parameterLocals(signature: Signature, bindings: Bindings): Map<string, Local> {
  const locals = new Map<string, Local>();
  const { symbol, scope } = signature;
  const params = (symbol.declaration as PartDecl).params;
  const spanOf = (name: string) => params.find((p) => p.name.text === name)!.name.span;
  for (const { name, type } of signature.tensors) locals.set(name, { value: valueOf(asValue(passedGuards(substituteType(type, bindings)), name)), span: spanOf(name), used: false });
  for (const parameter of signature.statics) {
    locals.set(parameter.name, { value: staticLocal(parameter, scope, bindings), span: spanOf(parameter.name), used: false });
  }
  return locals;
}

function staticLocal(parameter: Signature['statics'][number], scope: Signature['scope'], bindings: Bindings): Value {
  switch (parameter.of) {
    case 'int':
    case 'labels':
      return { kind: 'size', ...(bindings.sizes.get(sizeKey(scope, parameter.name)) ?? { size: symbolDim({ key: sizeKey(scope, parameter.name), name: parameter.name, kind: 'rigid' }) }) };
    case 'float':
      return { kind: 'number', value: parameter.default?.kind === 'number' ? parameter.default.value : 1, assumed: true };
    case 'bool':
      return { kind: 'flag', value: parameter.default?.kind === 'flag' ? parameter.default.value : false, assumed: true };
    case 'str':
      return { kind: 'text', value: parameter.default?.kind === 'text' ? parameter.default.value : '' };
    case 'initializer':
      return { kind: 'initializer', name: parameter.name, initializer: { kind: 'constant', value: 0 }, assumed: true };
    case 'dtype':
      return { kind: 'dtype', dtype: scope.dtypes.get(parameter.name)! };
    case 'space':
    case 'tokenizer':
      return { kind: 'nominal', ...scope.nominals.get(parameter.name)! };
  }
}
