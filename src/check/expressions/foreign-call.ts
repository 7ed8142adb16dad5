/** Calls as PyTorch, Keras and NumPy write them: `nn.Linear(8, 4)(x)`, `x.mean(dim=-1)`, `dropout(x, 0.1)`. What is meant is said, and where all of it is known, written. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Edit, Fix, Place } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import type { CallExpr, Expr, Name } from '../../syntax/ast.ts';
import { at, type Span } from '../../text/source.ts';
import { isDType } from '../../types/dtype.ts';
import { replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import { libraryImportEdits } from '../imports.ts';
import { text } from '../source-text.ts';
import { isKind } from '../types/declarations.ts';
import { spelledOut } from '../types/element-type.ts';
import { functions, layers, without, type Counterpart } from './counterparts.ts';
import type { Argument } from './call.ts';

interface Given {
  readonly name: string | undefined;
  readonly expr: Expr;
}

/** What is called, by the name that it has elsewhere. */
interface Called {
  readonly name: string;
  readonly how: 'name' | 'member' | 'method' | 'layer';
  /** The value whose method it is. */
  readonly object?: Expr;
  /** What a layer is made with. */
  readonly made?: CallExpr;
}

/** Reports the call of what is known elsewhere by this name and not here; false where it is nothing of the kind. */
export function reportForeignCall(callee: Expr, args: readonly Argument[], span: Span, env: Env): boolean {
  const called = calledAs(callee, env);
  const counterpart = called && counterpartOf(called, env);
  if (called === undefined || counterpart === undefined) return false;
  const location = at(env.scope.module, callee.span);
  const place = placeOf(called, counterpart, args, span, env);
  env.report(called.how === 'name'
    ? nameCodes.report('unknown-name', { name: called.name, what: 'part' }, location, place)
    : partCodes.report('not-callable', { name: text(callee, env), found: 'an expression' }, location, place));
  return true;
}

/** A part of the library with the arguments that it has elsewhere, `linear(x, 8, 4)` and `softmax(x, dim: -1)`, as it is called here. */
export function libraryCallFix(part: Symbol, own: readonly string[], args: readonly Argument[], span: Span, env: Env): Fix[] {
  const plain = part.name.replaceAll('_', '');
  const counterpart = part.module.package === 'std' && Object.hasOwn(layers, plain) ? layers[plain] : undefined;
  return counterpart?.call === part.name && env.scope.module.names.get(part.name) === part ? rewriteFix({ name: part.name, how: 'name' }, counterpart, args, span, env, own) : [];
}

// ---------------------------------------------------------------- what is called

/** `torch.nn.functional`, by its first name. */
function rootOf(expr: Expr): Name | undefined {
  if (expr.kind === 'NameExpr') return expr.name;
  return expr.kind === 'FieldExpr' ? rootOf(expr.object) : undefined;
}

export const isUnknown = (name: string, { locals, scope: { module } }: Env): boolean => !locals.has(name) && !module.names.has(name) && !module.unresolved.has(name);

function calledAs(callee: Expr, env: Env): Called | undefined {
  if (callee.kind === 'NameExpr') return isUnknown(callee.name.text, env) ? { name: callee.name.text, how: 'name' } : undefined;
  if (callee.kind === 'FieldExpr') {
    const root = rootOf(callee.object);
    if (root !== undefined && isUnknown(root.text, env) && root.text !== 'onnx') return { name: callee.field.text, how: 'member' };
    const isValue = root === undefined || env.locals.has(root.text);
    return isValue ? { name: callee.field.text, how: 'method', object: callee.object } : undefined;
  }
  if (callee.kind !== 'CallExpr') return undefined;
  const made = calledAs(callee.callee, env);
  return made === undefined || made.how === 'method' ? undefined : { name: made.name, how: 'layer', made: callee };
}

function counterpartOf({ name, how }: Called, env: Env): Counterpart | undefined {
  const plain = name.replaceAll('_', '').toLowerCase();
  const tables = how === 'layer' ? [without, layers, functions] : [without, functions, layers];
  const counterpart = tables.find((table) => Object.hasOwn(table, plain))?.[plain];
  if (how !== 'name' || counterpart === undefined) return counterpart;
  // A part of the library is imported, and a near name of this module is likelier meant.
  const inScope = [...env.scope.module.names].some(([other, symbol]) => isKind(symbol, 'PartDecl', 'BackboneDecl') && other.toLowerCase() === name.toLowerCase() && other !== counterpart.call);
  return counterpart.call === name || inScope ? undefined : counterpart;
}

// ---------------------------------------------------------------- what is said

function placeOf(called: Called, counterpart: Counterpart, args: readonly Argument[], span: Span, env: Env): Place {
  const { example, why, from, call } = counterpart;
  const notes = why === undefined ? [] : [why];
  if (example === undefined) return { label: Object.values(without).includes(counterpart) ? 'leave it out' : 'there is none here', notes, fixes: withoutFix(called, counterpart, args, span, env) };
  const home = from === undefined ? '' : `, of "std/${from}"`;
  const fixes = rewriteFix(called, counterpart, args, span, env);
  return { label: call === undefined ? 'written otherwise here' : `here it is \`${call}\`${home}`, notes: [...notes, `It is written \`${example}\`.`], fixes };
}

/** What stands for the tensors of a call: those behind a pipe stand before it. */
interface Operands {
  readonly piped: Expr | undefined;
  readonly given: readonly Given[];
}

function operandsOf({ object, made }: Called, args: readonly Argument[], span: Span): Operands {
  const [first] = args;
  const piped = first !== undefined && first.name === undefined && first.expr.span.end <= span.start ? first.expr : undefined;
  const inside = args.slice(piped === undefined ? 0 : 1).map(({ name, expr }): Given => ({ name: name?.text, expr }));
  const ofLayer = (made?.args ?? []).map(({ name, value }): Given => ({ name: name?.text, expr: value }));
  // A layer takes its tensors by position, and then what it was made with.
  return { piped, given: [...(object === undefined ? [] : [{ name: undefined, expr: object }]), ...inside, ...ofLayer] };
}

/** The value alone, where nothing is to be done with it. */
function withoutFix(called: Called, counterpart: Counterpart, args: readonly Argument[], span: Span, env: Env): Fix[] {
  if (!Object.values(without).includes(counterpart)) return [];
  const { module } = env.scope;
  const { piped, given } = operandsOf(called, args, span);
  const title = `leave out \`${called.name}\``;
  if (piped !== undefined) {
    const between = module.source.text.slice(piped.span.end, span.start);
    return between.includes('//') ? [] : [{ title, edits: [replaceAt({ start: piped.span.end, end: span.end }, '', module)] }];
  }
  const [value] = given;
  return value === undefined || value.name !== undefined || value.expr.kind === 'NumberLit' ? [] : [{ title, edits: [replaceAt(span, whole(value.expr, env), module)] }];
}

/** An expression that may stand anywhere. */
const whole = (expr: Expr, { scope: { module } }: Env): string => {
  const written = writtenAt(expr, module);
  return expr.kind === 'PipeExpr' || expr.kind === 'BinaryExpr' || expr.kind === 'UnaryExpr' ? `(${written})` : written;
};

// ---------------------------------------------------------------- what is written instead

function rewriteFix(called: Called, counterpart: Counterpart, args: readonly Argument[], span: Span, env: Env, own: readonly string[] = []): Fix[] {
  const { piped, given } = operandsOf(called, args, span);
  const tensors = hasRank(counterpart, args) ? tensorsOf(counterpart, given, piped !== undefined) : undefined;
  const named = tensors && argumentsOf(counterpart, given.slice(tensors.taken), own, env);
  if (tensors === undefined || named === undefined || counterpart.call === undefined) return [];
  const axis = named.values.get('axis');
  const along = counterpart.along !== undefined && axis !== undefined;
  const other = along && axis !== '-1';
  if (along && !other) named.values.delete('axis');
  const call = other ? counterpart.along : counterpart.call;
  const imports = other || counterpart.from === undefined ? [] : imported(counterpart.call, counterpart.from, env);
  const after = named.activation === undefined ? undefined : layers[named.activation] ?? functions[named.activation];
  const activates = after?.call === undefined || after.from === undefined ? [] : imported(after.call, after.from, env);
  if (imports === undefined || activates === undefined || (named.activation !== undefined && after?.call === undefined)) return [];
  const written = [...tensors.exprs.map((expr) => writtenAt(expr, env.scope.module)), ...[...named.values].map(([name, value]) => (name === 'min' || name === 'max' ? value : `${name}: ${value}`))];
  const stage = `${call}${piped !== undefined && written.length === 0 ? '' : `(${written.join(', ')})`}${after?.call === undefined ? '' : ` |> ${after.call}`}`;
  return [{ title: `write \`${stage}\``, edits: [replaceAt(span, stage, env.scope.module), ...imports, ...activates] }];
}

const imported = (name: string, module: string, { scope, locals }: Env): Edit[] | undefined =>
  locals.has(name) ? undefined : libraryImportEdits(name, `std/${module}`, scope.module);

/** Whether the first argument has as many axes as an edit is meant for. */
function hasRank({ rank }: Counterpart, [first]: readonly Argument[]): boolean {
  if (rank === undefined) return true;
  const type = first?.value.kind === 'tensor' ? first.value.type : undefined;
  return type !== undefined && type.shape.rest === undefined && type.shape.axes.length === rank;
}

/** The tensors that come first, without the piped one, and how many of the arguments they are; undefined where they are not as many. */
function tensorsOf({ tensors = 1 }: Counterpart, given: readonly Given[], piped: boolean): { readonly exprs: readonly Expr[]; readonly taken: number } | undefined {
  if (tensors === 'list') {
    const [list] = given;
    return piped || list?.expr.kind !== 'ListExpr' || list.expr.items.length < 2 ? undefined : { exprs: list.expr.items, taken: 1 };
  }
  const count = tensors - (piped ? 1 : 0);
  const first = given.slice(0, count);
  return first.length === count && first.every(({ name, expr }) => name === undefined && (tensors > 1 || isTensorLike(expr))) ? { exprs: first.map(({ expr }) => expr), taken: count } : undefined;
}

/** Numbers, lists and texts are what a layer is made with. */
const isTensorLike = ({ kind }: Expr): boolean => kind === 'NameExpr' || kind === 'FieldExpr' || kind === 'CallExpr' || kind === 'BinaryExpr' || kind === 'PipeExpr';

interface Renamed {
  readonly values: Map<string, string>;
  readonly activation: string | undefined;
}

/** The other arguments by their names here; undefined where one has none, or what is needed was not given. */
function argumentsOf({ places = [], names = {}, always = {}, needs = [], activates }: Counterpart, given: readonly Given[], own: readonly string[], env: Env): Renamed | undefined {
  const values = new Map<string, string>();
  let activation: string | undefined;
  const positional = given.filter(({ name }) => name === undefined);
  for (const { name, expr } of given) {
    const isActivation = activates === true && (name === 'activation' || (name === undefined && expr.kind === 'StringLit'));
    if (isActivation && expr.kind === 'StringLit') {
      activation = expr.value.replaceAll('_', '').toLowerCase();
      continue;
    }
    const place = positional.findIndex((other) => other.expr === expr);
    const lone = places.length === 2 && places[0] === '' && positional.length === 1 && needs.includes(places[1]!);
    const meant = name === undefined ? (places[0] === 'perm…' ? 'perm…' : places[lone ? 1 : place]) : names[name] ?? own.find((other) => other === name);
    if (meant === undefined) return undefined;
    if (meant === '') continue;
    if (meant.startsWith('=')) {
      if (writtenAt(expr, env.scope.module).toLowerCase().replace(/\.0$/, '') !== meant.slice(1)) return undefined;
      values.set(meant, '');
      continue;
    }
    const value = valueFor(meant, expr, env);
    if (value === undefined) return undefined;
    if (meant === 'one') continue;
    const key = meant === 'perm…' ? 'perm' : meant;
    values.set(key, meant === 'perm…' && values.has('perm') ? `[${values.get('perm')!.slice(1, -1)}, ${value.slice(1, -1)}]` : value);
  }
  for (const [name, value] of Object.entries(always)) if (!values.has(name)) values.set(name, value);
  const complete = needs.every((name) => values.has(name));
  for (const name of values.keys()) if (name.startsWith('=')) values.delete(name);
  return complete ? { values, activation } : undefined;
}

const numeric = /^-?\d+$/;

/** An argument as it is written here. */
function valueFor(name: string, expr: Expr, { scope: { module } }: Env): string | undefined {
  const written = writtenAt(expr, module);
  switch (name) {
    case 'axes':
    case 'perm':
    case 'perm…':
      return numeric.test(written) ? `[${written}]` : expr.kind === 'ListExpr' ? written : undefined;
    case 'axis':
    // A list would be several axes.
    case 'one':
      return numeric.test(written) || (name === 'one' && expr.kind === 'NameExpr') ? written : undefined;
    case 'keepdims':
      return /^(?:true|false)$/i.test(written) ? written.toLowerCase() : undefined;
    case 'to':
      return elementOf(written);
    default:
      return written === 'None' ? undefined : written;
  }
}

/** `torch.float32`, `"float32"` and `f32` as an element type. */
function elementOf(written: string): string | undefined {
  const name = written.replace(/^"|"$/g, '').replace(/^.*\./, '');
  const meant = spelledOut.get(name) ?? { float: 'f32', int: 'i32' }[name] ?? name;
  return isDType(meant) ? meant : undefined;
}
