/** Type expressions to types: contracts are expanded, names become sizes, dtypes, spaces and tokenizers. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import { mistyped } from '../diagnostics/mistyped.ts';
import { at, type Symbol } from '../names/modules.ts';
import type { Arg, ContractDecl, ContractRef, Expr, Param, TensorTypeExpr, TypeExpr } from '../syntax/ast.ts';
import { suggest } from '../text/suggest.ts';
import type { BoundSize } from '../types/bindings.ts';
import { dtypes, isDType, isDTypeFamily } from '../types/dtype.ts';
import { intDim } from '../types/dim.ts';
import type { Nominal } from '../types/fact.ts';
import { unknownType, type Axis, type ElementType, type Shape, type TensorType, type Type } from '../types/type.ts';
import { classesOf, isKind, lookup, lookupKind, nominalOf } from './declarations.ts';
import { evaluateFacts } from './fact-expr.ts';
import { evaluateSize, lookupSize, restKey, sizeKey, type TypeScope } from './type-scope.ts';

export function evaluateType(expr: TypeExpr, scope: TypeScope): Type {
  const base = evaluateBase(expr.base, scope);
  return evaluateFacts(expr.facts, base, scope);
}

function evaluateBase(base: TypeExpr['base'], scope: TypeScope): Type {
  switch (base.kind) {
    case 'MissingType':
      return unknownType;
    case 'TensorTypeExpr':
      return evaluateTensor(base, scope);
    case 'ContractRef':
      return evaluateContract(base, scope);
  }
}

function evaluateTensor(expr: TensorTypeExpr, scope: TypeScope): Type {
  const dtype = evaluateDType(expr, scope);
  if (dtype === undefined) return unknownType;
  return { kind: 'tensor', dtype, shape: evaluateShape(expr, scope), facts: [], evidence: 'proved' };
}

function evaluateDType(expr: TensorTypeExpr, scope: TypeScope): ElementType | undefined {
  const name = expr.dtype.text;
  if (isDType(name)) return name;
  if (isDTypeFamily(name)) return { key: `${scope.key}/${name}`, family: name };
  if (name === '') return undefined;
  const location = at(scope.module, expr.dtype.span);
  const near = suggest(name, [...Object.keys(dtypes), 'float', 'int', 'any']) ?? spelledOut[name];
  scope.report(
    partCodes.report('unknown-dtype', { name }, location, {
      ...mistyped(near, location, 'unknown'),
      notes: near ? [] : ['Element types are f32, f64, f16, bf16, i8 to i64, u8 to u64, bool, string, and others of ONNX.'],
    }),
  );
  return undefined;
}

/** What other languages call them. */
const spelledOut: Readonly<Record<string, string>> = {
  float32: 'f32', float64: 'f64', double: 'f64', float16: 'f16', half: 'f16', bfloat16: 'bf16',
  int8: 'i8', int16: 'i16', int32: 'i32', int64: 'i64', long: 'i64',
  uint8: 'u8', byte: 'u8', uint16: 'u16', uint32: 'u32', uint64: 'u64', boolean: 'bool', str: 'string',
};

function evaluateShape(expr: TensorTypeExpr, scope: TypeScope): Shape {
  const axes: Axis[] = [];
  let rest: Shape['rest'];
  for (const item of expr.dims) {
    if (item.kind === 'EllipsisDim') {
      // A second `...` is a syntax error already.
      rest ??= { key: restKey(scope), at: axes.length };
      continue;
    }
    axes.push({ ...evaluateSize(item.size, scope), ...(item.label ? { label: item.label.text } : {}) });
  }
  return { axes, ...(rest ? { rest } : {}) };
}

// ---------------------------------------------------------------- contracts

function evaluateContract(ref: ContractRef, scope: TypeScope): Type {
  const symbol = lookupKind(ref.name, scope.module, ['ContractDecl'], 'contract', scope.report);
  if (symbol === undefined) return unknownType;
  const id = `${symbol.module.uri}#${symbol.name}`;
  if (scope.expanding.includes(id)) {
    const cycle = [...scope.expanding.slice(scope.expanding.indexOf(id)), id].map((key) => key.slice(key.lastIndexOf('#') + 1));
    scope.report(nameCodes.report('declaration-cycle', { cycle }, at(scope.module, ref.name.span), { label: 'closes the circle' }));
    return unknownType;
  }
  const inner = contractScope(symbol, ref, scope, id);
  const type = evaluateContractBody(symbol, inner);
  reportUnusedRenames(symbol, ref, inner, scope);
  return type.kind === 'unknown' ? type : { ...type, contract: symbol.name };
}

function evaluateContractBody(symbol: Symbol<ContractDecl>, scope: TypeScope): Type {
  const { body } = symbol.declaration;
  if (body.kind === 'TypeExpr') return evaluateType(body, scope);
  const fields = new Map<string, TensorType>();
  for (const field of body.fields) {
    const type = evaluateType(field.type, scope);
    if (type.kind === 'unknown') return type;
    if (type.kind === 'tensor') fields.set(field.name.text, type);
    else scope.report(partCodes.report('unsupported', { what: 'a record inside a record' }, at(scope.module, field.type.span)));
  }
  return { kind: 'record', fields };
}

/** Parameters get their arguments; other named arguments rename the contract's free sizes. */
function contractScope(symbol: Symbol<ContractDecl>, ref: ContractRef, outer: TypeScope, id: string): TypeScope {
  const sizes = new Map<string, BoundSize>();
  const nominals = new Map<string, Nominal>();
  const params = new Map(symbol.declaration.params.map((p) => [p.name.text, p]));
  const given = new Map<string, Arg>();
  for (const arg of ref.args) {
    const name = arg.name?.text;
    const problem = name === undefined ? 'unnamed' : given.has(name) ? 'duplicate' : undefined;
    if (problem === 'duplicate') {
      outer.report(partCodes.report('duplicate-argument', { part: symbol.name, name: name! }, at(outer.module, arg.span)));
    } else if (name === undefined) {
      const [only] = params.keys();
      const location = at(outer.module, arg.span);
      outer.report(
        partCodes.report('unknown-argument', { part: symbol.name, name: outer.module.source.text.slice(arg.span.start, arg.span.end) }, location, {
          label: 'a contract takes its arguments by name',
          fixes: only ? [{ title: `write \`${only}: …\``, edits: [{ location: { ...location, span: { start: arg.span.start, end: arg.span.start } }, text: `${only}: ` }] }] : [],
        }),
      );
    } else {
      given.set(name, arg);
    }
  }
  for (const [name, param] of params) bindParameter(param, given.get(name)?.value ?? param.default, symbol, ref, outer, sizes, nominals);
  for (const [name, arg] of given) if (!params.has(name)) sizes.set(name, sizeArgument(arg.value, symbol, name, outer));
  return {
    module: symbol.module,
    key: outer.key,
    report: outer.report,
    sizes,
    nominals,
    outer,
    seen: new Map(),
    expanding: [...outer.expanding, id],
  };
}

function bindParameter(
  param: Param,
  value: Expr | undefined,
  symbol: Symbol<ContractDecl>,
  ref: ContractRef,
  outer: TypeScope,
  sizes: Map<string, BoundSize>,
  nominals: Map<string, Nominal>,
): void {
  const name = param.name.text;
  const kind = param.type.kind === 'KindType' ? param.type.name : undefined;
  if (value === undefined) {
    outer.report(
      partCodes.report('missing-argument', { part: symbol.name, parameter: name }, at(outer.module, ref.span), {
        label: `write \`${symbol.name}(${name}: …)\``,
        related: [{ location: at(symbol.module, param.span), text: 'declared here' }],
      }),
    );
  } else if (kind === 'space' || kind === 'tokenizer') {
    const nominal = nominalArgument(value, kind, outer);
    if (nominal) nominals.set(name, nominal);
  } else if (kind === 'int') {
    sizes.set(name, sizeArgument(value, symbol, name, outer));
  } else {
    outer.report(partCodes.report('unsupported', { what: `a parameter of this kind in a contract` }, at(symbol.module, param.span)));
  }
}

function nominalArgument(value: Expr, kind: 'space' | 'tokenizer', scope: TypeScope): Nominal | undefined {
  if (value.kind !== 'NameExpr') {
    if (value.kind !== 'MissingExpr') {
      scope.report(partCodes.report('argument-kind', { part: 'the contract', name: kind, expected: `a ${kind}`, found: 'an expression' }, at(scope.module, value.span)));
    }
    return undefined;
  }
  const parameter = lookupNominal(value.name.text, scope);
  if (parameter !== undefined) return parameter;
  const symbol = lookupKind(value.name, scope.module, [kind === 'space' ? 'SpaceDecl' : 'TokenizerDecl'], kind, scope.report);
  return symbol && nominalOf(symbol);
}

/** A contract's own parameter of this name. */
export const lookupNominal = (name: string, scope: TypeScope): Nominal | undefined => scope.nominals.get(name);

function sizeArgument(value: Expr, symbol: Symbol<ContractDecl>, name: string, scope: TypeScope): BoundSize {
  if (value.kind === 'NumberLit' && Number.isSafeInteger(value.value) && value.value >= 0) return { size: intDim(value.value) };
  if (value.kind === 'NameExpr') {
    const labels = scope.sizes.has(value.name.text) ? undefined : lookup(value.name, scope.module);
    if (isKind(labels, 'LabelsDecl')) return { size: intDim(classesOf(labels).values.length), classes: classesOf(labels) };
    return lookupSize(value.name, scope);
  }
  if (value.kind !== 'MissingExpr') {
    scope.report(
      partCodes.report('argument-kind', { part: symbol.name, name, expected: 'a size', found: 'another expression' }, at(scope.module, value.span), {
        label: 'a number or a name is needed',
      }),
    );
  }
  return { size: intDim(0) };
}

function reportUnusedRenames(symbol: Symbol<ContractDecl>, ref: ContractRef, inner: TypeScope, outer: TypeScope): void {
  const params = symbol.declaration.params.map((p) => p.name.text);
  for (const arg of ref.args) {
    if (arg.name === undefined || params.includes(arg.name.text) || inner.seen.has(arg.name.text)) continue;
    const near = suggest(arg.name.text, [...params, ...inner.seen.keys()]);
    const location = at(outer.module, arg.name.span);
    outer.report(
      partCodes.report('unknown-argument', { part: symbol.name, name: arg.name.text }, location, {
        ...mistyped(near, location, 'neither a parameter nor a size of it'),
      }),
    );
  }
}

/** The key of a compile-time parameter's symbol. */
export const parameterKey = sizeKey;
