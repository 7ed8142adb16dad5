/** `fit NAME { data … let … loss … method … seed … }`: what a part owns is learned from data. */
import { toolCodes } from '../../diagnostics/codes/tools.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Expr, FitDecl, FreezeClause, MethodClause, PartDecl } from '../../syntax/ast.ts';
import { removeClause } from '../edits.ts';
import type { OwnedWeights } from '../model.ts';
import { lookupKind, unknownName } from '../types/declarations.ts';
import { text } from '../source-text.ts';
import { reachedFrom } from '../expressions/reached.ts';
import { applyMeasure, dottedName, lookupRow, namedCall, readOptions } from './measures.ts';
import type { Applied, CheckedFit, Term, WeightedLoss } from './model.ts';
import { checkSpaces } from './measured-spaces.ts';
import { quantityOf } from './quantities.ts';
import { checkData, declareTool, nameLocation, reportIncomplete, reportUnusedLocals, single, type ToolScope } from './scope.ts';
import { warnOfTask } from './task-loss.ts';
import { losses, methods, type MeasureRow, type MethodRow } from './tables.ts';
import { calledBy, evaluateTerm, isSameTerm } from './terms.ts';

export function checkFit(declaration: FitDecl, scope: ToolScope): CheckedFit | undefined {
  const target = lookupKind(declaration.name, scope.module, ['PartDecl'], 'part', scope.report);
  const { members } = declaration;
  const data = checkData(members.filter((m) => m.kind === 'DataClause'), scope);
  for (const member of members) if (member.kind === 'Let') declareTool(member.name, { kind: 'let', value: evaluateTerm(member.value, scope) }, scope);
  const lossClause = single(members.filter((m) => m.kind === 'LossClause'), 'loss', scope);
  const methodClause = single(members.filter((m) => m.kind === 'MethodClause'), 'method', scope);
  const seedClause = single(members.filter((m) => m.kind === 'SeedClause'), 'seed', scope);
  if (!members.some((m) => m.kind === 'DataClause')) reportIncomplete('no data', ['Write `data d = "./pairs.jsonl"`, and take columns of it: `d.text`.'], scope);
  if (lossClause === undefined) reportIncomplete('no loss', [`Write \`loss\` and one of ${Object.keys(losses).map((n) => `\`${n}\``).join(', ')}.`], scope);
  const loss = lossClause && checkLoss(lossClause.value, scope);
  const method = methodClause ? checkMethod(methodClause.value, scope) : auto(scope);
  const seed = checkSeed(seedClause?.value, scope);
  reportUnusedLocals(scope);
  const weights = target && learnedWeights(target, scope);
  const clauses = members.filter((m) => m.kind === 'FreezeClause');
  const frozen = weights && checkFreeze(clauses, weights, scope);
  if (loss === undefined || target === undefined || !reaches(target, loss, scope)) return undefined;
  if (method === undefined || weights === undefined || frozen === undefined || data.length === 0 || !minimises(method, loss, methodClause, scope) || !isOfTwo(method, loss, scope) || !areInOneSpace(method, loss, scope)) return undefined;
  if (!withoutTarget.includes(method.name)) warnOfTask(target, loss, method, lossClause!, scope);
  return { kind: 'fit', declaration, uri: scope.module.uri, location: nameLocation(scope), data, target, weights, loss, method, frozen, seed: seed ?? 0 };
}

/** What a fit of a part learns; undefined where that is nothing, which is reported, or where the part is at fault. */
function learnedWeights(target: Symbol<PartDecl>, scope: ToolScope): OwnedWeights | undefined {
  const { name, declaration, module } = target;
  const owned = scope.checker.weights.find((weights) => weights.owner === target);
  if (declaration.weights?.learned) return owned;
  const { weights } = declaration;
  const why = weights === undefined ? 'it has no weights of its own' : 'its weights are given, not learned';
  const end = weights && at(module, { start: weights.span.end, end: weights.span.end });
  scope.report(
    toolCodes.report('fit-target', { name, why }, nameLocation(scope), {
      related: [{ location: at(module, weights?.span ?? declaration.name.span), text: weights === undefined ? 'this part' : 'these' }],
      notes: [weights === undefined ? 'Write `weights "./FILE.safetensors" = learned` behind its result type.' : 'A fit writes the file of `weights "…" = learned`.'],
      fixes: end === undefined ? [] : [{ title: 'let a fit write them', edits: [{ location: end, text: ' = learned' }] }],
    }),
  );
  return undefined;
}

// ---------------------------------------------------------------- loss

/** A sum of losses, each perhaps times a number. */
function checkLoss(expr: Expr, scope: ToolScope): readonly WeightedLoss[] | undefined {
  const all = summandsOf(expr, 1, scope).map((summand) => summand && checkSummand(summand, scope));
  return all.every((summand) => summand !== undefined) ? all : undefined;
}

interface Summand {
  readonly weight: number;
  readonly loss: Expr;
}

/** The products of a sum; undefined for each that is none of a number and a loss, which is reported. */
function summandsOf(expr: Expr, weight: number, scope: ToolScope): readonly (Summand | undefined)[] {
  if (expr.kind === 'MissingExpr') return [undefined];
  if (expr.kind === 'CallExpr') return [{ weight, loss: expr }];
  if (expr.kind === 'BinaryExpr') {
    const [left, right] = [quantityOf(expr.left), quantityOf(expr.right)];
    if (expr.op === '+') return [...summandsOf(expr.left, weight, scope), ...summandsOf(expr.right, weight, scope)];
    if (expr.op === '*' && left !== undefined) return summandsOf(expr.right, weight * left.value, scope);
    if (expr.op === '*' && right !== undefined) return summandsOf(expr.left, weight * right.value, scope);
    if (expr.op === '/' && right !== undefined && right.value !== 0) return summandsOf(expr.left, weight / right.value, scope);
  }
  const found = expr.kind === 'BinaryExpr' ? `a value with \`${expr.op}\`` : expr.kind === 'NameExpr' ? `\`${expr.name.text}\`` : 'this value';
  scope.report(
    toolCodes.report('loss-form', { found }, at(scope.module, expr.span), {
      notes: [`A loss is one of ${Object.keys(losses).map((n) => `\`${n}\``).join(', ')}, or a sum of them: \`mse(x, y) + 0.5 * kl(a, b)\`.`],
    }),
  );
  return [undefined];
}

function checkSummand({ weight, loss: expr }: Summand, scope: ToolScope): WeightedLoss | undefined {
  const call = namedCall(expr);
  const row = call && lookupRow<MeasureRow>(losses, 'loss', call.name, call.callee, scope);
  const applied = row && applyMeasure(call!.name, row, call!.args, expr, scope);
  if (weight <= 0 || !Number.isFinite(weight)) {
    scope.report(toolCodes.report('loss-form', { found: `a loss times ${weight}` }, at(scope.module, expr.span), { notes: ['A weight is above 0: what is minimised is to become small.'] }));
    return undefined;
  }
  return applied && { ...applied, weight };
}

/** Whether the loss depends on what is learned. */
function reaches(target: Symbol<PartDecl>, loss: readonly WeightedLoss[], scope: ToolScope): boolean {
  const called = loss.flatMap(({ inputs }) => [...inputs.values()].flatMap(calledBy));
  if (called.some((symbol) => reachedFrom(symbol, scope.checker).includes(target))) return true;
  const why = 'its loss does not depend on it';
  scope.report(toolCodes.report('fit-target', { name: target.name, why }, nameLocation(scope), { related: [{ location: loss[0]!.location, text: `nothing here calls \`${target.name}\`` }] }));
  return false;
}

// ---------------------------------------------------------------- method and seed

const auto = (scope: ToolScope): Applied => ({ name: 'auto', inputs: new Map(), options: new Map(), location: nameLocation(scope) });

function checkMethod(expr: Expr, scope: ToolScope): Applied | undefined {
  if (expr.kind === 'MissingExpr') return undefined;
  const call = namedCall(expr);
  if (call === undefined) {
    scope.report(toolCodes.report('tool-value', { found: 'no method', needs: `it is one of ${Object.keys(methods).map((n) => `\`${n}\``).join(', ')}` }, at(scope.module, expr.span)));
    return undefined;
  }
  const row = lookupRow<MethodRow>(methods, 'method', call.name, call.callee, scope);
  const options = row && readOptions(call.name, row.options, call.args, scope);
  return options && { name: call.name, inputs: new Map(), options, location: at(scope.module, expr.span) };
}

/** A closed form has a loss of its own. */
function minimises(method: Applied, loss: readonly WeightedLoss[], clause: MethodClause | undefined, scope: ToolScope): boolean {
  const row: MethodRow = methods[method.name as keyof typeof methods];
  if (row.minimises === 'any') return true;
  const sum = loss.length > 1;
  const wrong = sum ? loss[0] : loss.find(({ name }) => !row.minimises.includes(name));
  if (wrong === undefined) return true;
  scope.report(
    toolCodes.report('method-loss', { method: method.name, loss: sum ? 'a sum of losses' : `\`${wrong.name}\`` }, method.location, {
      label: row.words,
      related: [{ location: wrong.location, text: 'this is to be minimised' }],
      notes: [`It minimises ${(row.minimises as readonly string[]).map((n) => `\`${n}\``).join(' or ')} alone. Leave \`method\` out, and \`mdl fit\` takes a closed form for the loss, where there is one.`],
      fixes: clause === undefined ? [] : [removeClause('leave the method to `mdl fit`', clause, scope.module)],
    }),
  );
  return false;
}

/** Methods that look at no target: the loss only says of which vectors. */
const withoutTarget: readonly string[] = ['standardise', 'whitening', 'relative'];

/** What is learned from vectors of another space than its result promises would give those, under the wrong name. */
const areInOneSpace = (method: Applied, loss: readonly WeightedLoss[], scope: ToolScope): boolean =>
  withoutTarget.includes(method.name) || loss.map((summand) => checkSpaces(summand, scope)).every(Boolean);

/** What is compared with itself is the same whatever is learned. */
function isOfTwo(method: Applied, loss: readonly WeightedLoss[], scope: ToolScope): boolean {
  const alone = withoutTarget.includes(method.name) ? undefined : loss.find(({ inputs }) => inputs.size === 2 && isSameTerm(...([...inputs.values()] as [Term, Term])));
  if (alone === undefined) return true;
  scope.report(toolCodes.report('measure-inputs', { measure: alone.name, why: 'both sides are the same value, and so nothing is learned from it' }, alone.location, {
    label: 'held to itself',
    notes: [`One side is what \`${scope.symbol.name}\` gives, the other what it is to give. ${withoutTarget.map((name) => `\`${name}\``).join(', ').replace(/, (?=[^,]*$)/, ' and ')} are the methods that look at no target.`],
  }));
  return false;
}

/** What stays as it is: every parameter at or below a name, until the epoch that is given. */
function checkFreeze(clauses: readonly FreezeClause[], { owner, parameters }: OwnedWeights, scope: ToolScope): ReadonlyMap<string, number> | undefined {
  const frozen = new Map<string, number>();
  const layers = layersOf(parameters.map(({ path }) => path));
  let sound = true;
  for (const { layers: named, until } of clauses) {
    const epochs = until?.value ?? Infinity;
    if (until !== undefined && !(Number.isSafeInteger(epochs) && epochs > 0)) {
      scope.report(toolCodes.report('option-value', { of: scope.tool, option: 'until', needs: 'a whole number of epochs, at least 1', found: `\`${until.value}\`` }, at(scope.module, until.span)));
      sound = false;
    }
    for (const layer of named) {
      const name = dottedName(layer);
      const below = parameters.filter(({ path }) => path === name || path.startsWith(`${name}.`));
      for (const { path } of below) frozen.set(path, Math.max(epochs, frozen.get(path) ?? 0));
      if (below.length > 0 || layer.kind === 'MissingExpr') continue;
      sound = false;
      scope.report(unknownName(name ?? text(layer, scope.env), `layer of \`${owner.name}\``, layers, at(scope.module, layer.span)));
    }
  }
  if (sound && parameters.length > 0 && parameters.every(({ path }) => frozen.get(path) === Infinity)) {
    scope.report(toolCodes.report('fit-target', { name: owner.name, why: 'all of its parameters are frozen' }, at(scope.module, clauses[0]!.span), { notes: ['Leave something to be learned, or write `until` and the number of epochs after which a layer is.'] }));
    return undefined;
  }
  return sound ? frozen : undefined;
}

/** Every name that a path goes through: `branch`, `branch.down`, `branch.down.w`. */
function layersOf(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.flatMap((path) => path.split('.').map((_, i, names) => names.slice(0, i + 1).join('.'))))];
}

function checkSeed(value: { readonly value: number; readonly span: Expr['span'] } | undefined, scope: ToolScope): number | undefined {
  if (value === undefined || Number.isSafeInteger(value.value)) return value?.value;
  scope.report(toolCodes.report('option-value', { of: scope.tool, option: 'seed', needs: 'a whole number', found: `\`${value.value}\`` }, at(scope.module, value.span)));
  return undefined;
}
