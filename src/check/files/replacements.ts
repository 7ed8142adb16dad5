/** `replace layer4 = layer4 |> adapter`: a value of ours in the middle of a foreign graph. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Graph } from '../../ir/graph.ts';
import { reach } from '../../ir/needs.ts';
import type { Symbol } from '../../names/modules.ts';
import type { BackboneDecl, Expr, Name, ReplaceMember } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { at, type Location } from '../../text/source.ts';
import type { RecordType, TensorType } from '../../types/type.ts';
import { givenBy } from './backbone.ts';
import { checkReplacementClaim } from '../parts/claims.ts';
import { collectingSink, reportTooLarge } from '../expressions/collect.ts';
import type { Checker } from '../context.ts';
import { isKind, reportRepeated, unknownName } from '../types/declarations.ts';
import { removal, removeClause } from '../edits.ts';
import { followFrom, plainEnv, type Env, type Local, type Parameter } from '../env.ts';
import { evaluate } from '../expressions/expr.ts';
import type { FileBinding, Replacement } from './file-ports.ts';
import type { Joint } from '../model.ts';
import { factsBehind, inputTypes, type BackboneFile } from './replaced-facts.ts';
import type { Signature } from '../parts/signature.ts';
import { valueOf } from '../expressions/values.ts';
import { checkWeights } from '../parts/weights.ts';

const replacesOf = ({ declaration }: Symbol<BackboneDecl>): ReplaceMember[] => declaration.members.filter((m) => m.kind === 'ReplaceMember');

/**
 * Checks the replacements of a backbone whose ports are bound; answers with what they make of its taps, and with what
 * follows behind them.
 */
export function checkReplacements(signature: Signature, symbol: Symbol<BackboneDecl>, checker: Checker): Signature {
  const members = replacesOf(symbol);
  const binding = checker.bindings.get(symbol);
  const { weights } = symbol.declaration;
  if (members.length === 0 && weights !== undefined) checker.diagnostics.push(foreignCodes.report('weight-unneeded', { owner: symbol.name }, at(symbol.module, weights.span), { label: 'nothing to fill', notes: ['They are of what `replace` puts into the base.'], fixes: [removeClause('leave out the weights', weights, symbol.module)] }));
  if (binding === undefined || signature.result.kind !== 'record' || (members.length === 0 && symbol.declaration.base === undefined)) return signature;
  const before = checker.diagnostics.length;
  const env = replacementEnv(signature, symbol, checker);
  reportRepeated(members, `the replacements of \`${symbol.name}\``, symbol.module, env.report);
  const own = members.flatMap((member) => newReplacement(member, signature.result as RecordType, binding, env));
  const all = inOrder([...binding.replacements, ...own], binding.model.graph, symbol, checker);
  const settled = settle(all, signature.result.fields, { signature, symbol, binding, env });
  const sound = !checker.diagnostics.slice(before).some((d) => d.severity === 'error');
  const given = givenBy(symbol).flatMap((member) => settled.fields.get(member.name.text) ?? []);
  checkWeights(signature, given, env, members.length > 0 && sound ? () => collectFrom(members, symbol, env) : undefined);
  checker.bindings.set(symbol, { ...binding, replacements: settled.replacements });
  for (const replacement of own) reportUnread(replacement, binding, symbol, checker);
  return { ...signature, result: { ...signature.result, fields: settled.fields } };
}

type Fields = ReadonlyMap<string, TensorType>;

/** A replacement whose value is not looked at yet; none where there is no such tap, which is reported. */
function newReplacement(member: ReplaceMember, { fields }: RecordType, binding: FileBinding, env: Env): Replacement[] {
  const symbol = env.symbol as Symbol<BackboneDecl>;
  const type = fields.get(member.name.text);
  const onnx = binding.outputs.get(member.name.text);
  if (type !== undefined && onnx !== undefined) return [{ symbol, member, onnx, type, taps: new Map(), reads: tapsIn(member.value, binding.outputs) }];
  if (member.name.text !== '') env.report(unknownName(member.name.text, 'tap', [...fields.keys()], at(symbol.module, member.name.span)));
  evaluate(member.value, env);
  return [];
}

interface Settling {
  readonly signature: Signature;
  readonly symbol: Symbol<BackboneDecl>;
  readonly binding: FileBinding;
  readonly env: Env;
}

/** Each replacement with the type of its value, and what the backbone gives behind all of them. */
function settle(all: readonly Replacement[], declared: Fields, { signature, symbol, binding, env }: Settling) {
  const { checker } = env;
  const file: BackboneFile = { binding, inputs: inputTypes(signature.tensors, binding), location: signature.resultLocation, written: new Map(givenBy(symbol).map(({ name, type }) => [name.text, at(symbol.module, type.span)])), checker };
  const declares = new Set<string>(givenBy(symbol).map(({ name }) => name.text));
  const settled: Replacement[] = [];
  const isBehind = (onnx: string): boolean => settled.some((one) => one.symbol === symbol && one.onnx !== onnx && dependsOn(binding.model.graph, onnx, one.onnx));
  // What a backbone says of its outputs holds no longer behind what another one replaces.
  const said = (names: Iterable<string>): Fields =>
    new Map([...names].flatMap((name) => {
      const type = declared.get(name);
      return type === undefined ? [] : [[name, declares.has(name) || !isBehind(binding.outputs.get(name) ?? '') ? type : { ...type, facts: [] }] as const];
    }));
  for (const one of all) {
    const taps = factsBehind(said(one.reads.keys()), settled, file).fields;
    const isStale = one.symbol !== symbol && [...one.reads.values()].some((onnx) => isBehind(onnx) || settled.some((other) => other.symbol === symbol && other.onnx === onnx));
    const type = one.symbol === symbol ? valueType(one, taps, env) : isStale ? { ...one.type, facts: [] } : one.type;
    settled.push({ ...one, taps, type });
  }
  const { fields, contradictions } = factsBehind(said(declared.keys()), settled, file);
  for (const [name, contradiction] of contradictions) if (declares.has(name)) checker.diagnostics.push(contradiction);
  // Of several in one place it is the last that callers get; what the backbone itself says of it was held against that.
  const standing = new Map(settled.map(({ onnx, type }) => [onnx, type]));
  const typeOf = (name: string, type: TensorType): TensorType => (declares.has(name) ? type : (standing.get(binding.outputs.get(name) ?? '') ?? type));
  return { replacements: settled, fields: new Map([...fields].map(([name, type]) => [name, typeOf(name, type)])) };
}

/** What a replacement makes of the taps that it reads. */
function valueType({ symbol, member, type: declared }: Replacement, taps: Fields, env: Env): TensorType {
  const locals = new Map(env.locals);
  for (const [name, type] of taps) locals.set(name, { ...locals.get(name)!, value: valueOf(type) });
  const value = evaluate(member.value, { ...env, locals, letName: member.name.text });
  const type = checkReplacementClaim(member, declared, tapPlace(member.name, symbol), value, env);
  return type.kind === 'tensor' ? type : declared;
}

/** The parameters of what a backbone with weights puts in; undefined where not all of it can be followed. */
function collectFrom(members: readonly ReplaceMember[], symbol: Symbol<BackboneDecl>, env: Env): readonly Parameter[] | undefined {
  const found: Parameter[] = [];
  const deep = followFrom(symbol, collectingSink(found, env.checker), symbol);
  for (const { name, value } of members) evaluate(value, { ...env, report: () => {}, joints: undefined, deep, letName: name.text });
  if (reportTooLarge(symbol, deep, env.checker) || deep.budget.circular || deep.budget.gap) return undefined;
  return found.filter((parameter) => parameter.owner === symbol);
}

/** Where a tap is declared: in the backbone or in the one that it is made of. */
function tapPlace(name: Name, symbol: Symbol<BackboneDecl>): Location {
  for (let owner: Symbol | undefined = symbol; isKind(owner, 'BackboneDecl'); ) {
    const tap = owner.declaration.members.find((m) => (m.kind === 'TapMember' || m.kind === 'BackboneOutput') && m.name.text === name.text);
    if (tap?.kind === 'TapMember' || tap?.kind === 'BackboneOutput') return at(owner.module, tap.type.span);
    const { base }: BackboneDecl = owner.declaration;
    owner = base && owner.module.names.get(base.text);
  }
  return at(symbol.module, name.span);
}

/** In a replacement the taps and inputs of the backbone are values. */
function replacementEnv(signature: Signature, symbol: Symbol<BackboneDecl>, checker: Checker): Env {
  const joints: Joint[] = [];
  checker.joints.set(symbol, joints);
  const fields = signature.result.kind === 'record' ? [...signature.result.fields] : [];
  const { span } = symbol.declaration.name;
  const locals = new Map<string, Local>(signature.tensors.map(({ name, type }) => [name, { value: valueOf(type), span, used: true }]));
  for (const [name, type] of fields) locals.set(name, { value: valueOf(type), span, used: true });
  const report: Env['report'] = (d) => void checker.diagnostics.push(d);
  const scope = { ...signature.scope, module: symbol.module, report };
  return { ...plainEnv({ checker, symbol, scope, report }), locals, joints };
}

/** The taps that an expression names, with their tensors. */
function tapsIn(expr: Expr, outputs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  visit(expr, {
    enter: (node) => {
      const onnx = node.kind === 'NameExpr' ? outputs.get(node.name.text) : undefined;
      if (node.kind === 'NameExpr' && onnx !== undefined) found.set(node.name.text, onnx);
    },
  });
  return found;
}

/** Whether a tensor of a graph is made of another one. */
export const dependsOn = (graph: Graph, tensor: string, other: string): boolean => reach(graph, [tensor], new Set()).values.has(other);

/** Each after those on which what it reads depends; where they go in a circle that is reported, and the order is as written. */
function inOrder(replacements: readonly Replacement[], graph: Graph, symbol: Symbol, checker: Checker): readonly Replacement[] {
  const before = new Map(replacements.map((one, i) => [one, replacements.filter((other, j) => needs(one, other, j < i, graph))]));
  const ordered: Replacement[] = [];
  const path: Replacement[] = [];
  const place = (one: Replacement): boolean => {
    if (ordered.includes(one)) return true;
    if (path.includes(one)) {
      reportCircle([...path.slice(path.indexOf(one)), one], symbol, checker);
      return false;
    }
    path.push(one);
    const sound = before.get(one)!.every(place);
    path.pop();
    ordered.push(one);
    return sound;
  };
  return replacements.every(place) ? ordered : replacements;
}

/** A replacement reads of its own tensor what stood there before it, the base's replacement or the original, and of all others what replaces them. */
function needs(one: Replacement, other: Replacement, isBefore: boolean, graph: Graph): boolean {
  if (one.onnx === other.onnx && one !== other) return isBefore;
  const reads = [...one.reads.values()].filter((onnx) => one !== other || onnx !== one.onnx);
  return reads.some((onnx) => dependsOn(graph, onnx, other.onnx));
}

function reportCircle(circle: readonly Replacement[], symbol: Symbol, checker: Checker): void {
  const [first] = circle;
  const cycle = circle.map(({ member }) => member.name.text);
  checker.diagnostics.push(
    nameCodes.report('declaration-cycle', { cycle }, at(first!.symbol.module, first!.member.value.span), {
      label: 'reads what is made of it',
      notes: [`A replacement may read its own tensor as it was before, and others that do not depend on it. All of \`${symbol.name}\` that reads \`${cycle[0]}\` reads the replacement.`],
    }),
  );
}

function reportUnread({ member, onnx }: Replacement, { model, outputs }: FileBinding, symbol: Symbol, checker: Checker): void {
  // An output may be the tensor itself, by another name.
  const isRead = [...outputs].some(([name, output]) => (output === onnx ? name !== member.name.text : dependsOn(model.graph, output, onnx)));
  if (isRead) return;
  const args = { name: member.name.text, backbone: symbol.name };
  checker.diagnostics.push(foreignCodes.report('replace-unread', args, at(symbol.module, member.name.span), { label: 'nothing depends on it', notes: ['What it is replaced by reaches callers only as itself: that is a call behind the backbone.'], fixes: removal([member], `replace ${member.name.text}`, symbol.module) }));
}
