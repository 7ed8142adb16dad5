/** Random trees of every construct, without spans or comments. */
import fc, { type Arbitrary } from 'fast-check';
import type {
  Arg, BackboneMember, Block, ContractRef, Declaration, DimExpr, Expr, FactExpr, Import, KindType, ModelMember, Module, Name, NameMap,
  Param, RecordField, StringLit, TensorTypeExpr, TypeExpr,
} from '../../src/syntax/ast.ts';
import { reservedWords, wordTokens } from '../../src/syntax/tokens.ts';

const span = { start: 0, end: 0 };
const maybe = <T>(key: string, arbitrary: Arbitrary<T>): Arbitrary<object> => fc.option(arbitrary).map((value) => (value === null ? {} : { [key]: value }));
const few = <T>(arbitrary: Arbitrary<T>, minLength = 0): Arbitrary<T[]> => fc.array(arbitrary, { minLength, maxLength: 4 });

const contextual = [...wordTokens.keys()].filter((word) => !reservedWords.has(word));
const kinds = ['int', 'float', 'bool', 'str', 'dtype', 'space', 'tokenizer', 'labels'] as const;
const long = 'a_rather_long_name_that_makes_lines_break';

// ---------------------------------------------------------------- words and literals

const word = fc.constantFrom('a', 'b2', '_c', 'Tokens', long, ...contextual);
const named = (text: Arbitrary<string>): Arbitrary<Name> => text.map((t) => ({ kind: 'Name', span, text: t }));
const name = named(word);
/** Behind `.` and before `:`. */
const freeName = named(fc.constantFrom('a', 'model', 'where', 'let', 'space', long));
const string: Arbitrary<StringLit> = fc.string({ unit: 'binary', maxLength: 12 }).map((value) => ({ kind: 'StringLit', span, value }));
const version = fc.constantFrom('1.0.0', '0.12.3').map((text) => ({ kind: 'Version' as const, span, text }));
const range = fc.constantFrom('^2', '^2.1', '3', '1.2', '1.0.0').map((text) => ({ kind: 'VersionRange' as const, span, text }));
const numberText = fc.constantFrom('0', '1', '2.5', '1e-3', '384', '1.0');

// ---------------------------------------------------------------- expressions

const { expr } = fc.letrec<{ expr: Expr; leaf: Expr; arg: Arg }>((tie) => ({
  leaf: fc.oneof(
    name.map((n): Expr => ({ kind: 'NameExpr', span, name: n })),
    numberText.map((text): Expr => ({ kind: 'NumberLit', span, value: Number(text), text })),
    fc.boolean().map((value): Expr => ({ kind: 'BoolLit', span, value })),
    string,
  ),
  arg: fc.tuple(maybe('name', freeName), tie('expr')).map(([n, value]): Arg => ({ kind: 'Arg', span, ...n, value })),
  expr: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.tuple(tie('expr'), freeName).map(([object, field]): Expr => ({ kind: 'FieldExpr', span, object, field })),
    fc.tuple(tie('expr'), few(tie('arg'))).map(([callee, args]): Expr => ({ kind: 'CallExpr', span, callee, args })),
    fc.tuple(tie('expr'), tie('expr')).map(([value, stage]): Expr => ({ kind: 'PipeExpr', span, value, stage })),
    fc.tuple(fc.constantFrom('+', '-', '*', '/'), tie('expr'), tie('expr')).map(([op, left, right]): Expr => ({ kind: 'BinaryExpr', span, op, left, right })),
    tie('expr').map((operand): Expr => ({ kind: 'UnaryExpr', span, op: '-', operand })),
    few(tie('expr')).map((items): Expr => ({ kind: 'ListExpr', span, items })),
  ),
}));
const args = few(fc.tuple(maybe('name', freeName), expr).map(([n, value]): Arg => ({ kind: 'Arg', span, ...n, value })));

// ---------------------------------------------------------------- types

const { dim } = fc.letrec<{ dim: DimExpr }>((tie) => ({
  dim: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.nat(4096).map((value): DimExpr => ({ kind: 'DimInt', span, value })),
    name.map((n): DimExpr => ({ kind: 'DimName', span, name: n })),
    fc.tuple(fc.constantFrom('+', '-', '*'), tie('dim'), tie('dim')).map(([op, left, right]): DimExpr => ({ kind: 'DimBinary', span, op, left, right })),
  ),
}));
const dimItem = fc.oneof(
  fc.tuple(maybe('label', freeName), dim).map(([label, size]) => ({ kind: 'DimItem' as const, span, ...label, size })),
  fc.constant({ kind: 'EllipsisDim' as const, span }),
);
const tensor: Arbitrary<TensorTypeExpr> = fc.tuple(name, few(dimItem)).map(([dtype, dims]) => ({ kind: 'TensorTypeExpr', span, dtype, dims }));
const contractRef: Arbitrary<ContractRef> = fc.tuple(name, args).map(([n, a]) => ({ kind: 'ContractRef', span, name: n, args: a }));

const bound = fc.tuple(fc.constantFrom('', '-'), fc.constantFrom('0.5', '1', '1e-3', '2', 'inf')).map((parts) => parts.join(''));
const valueOf = (text: string): number => Number(text.replace('inf', 'Infinity'));
const fact: Arbitrary<FactExpr> = fc.oneof(
  fc.tuple(bound, bound).map(([low, high]): FactExpr => ({ kind: 'RangeFact', span, low: valueOf(low), high: valueOf(high), written: [low, high] })),
  fc.tuple(name.filter((n) => n.text !== 'range'), fc.constantFrom('-1', '0', '2'), bound, fc.option(bound)).map(([n, axis, value, tolerance]): FactExpr => ({
    kind: 'ReductionFact', span, name: n, axis: Number(axis), value: valueOf(value),
    ...(tolerance === null ? {} : { tolerance: valueOf(tolerance) }),
    written: tolerance === null ? [axis, value] : [axis, value, tolerance],
  })),
  fc.tuple(fc.constantFrom('space' as const, 'tokenizer' as const), name, few(range)).map(([nominal, n, versions]): FactExpr => ({ kind: 'NominalFact', span, nominal, name: n, versions })),
  name.filter((n) => n.text !== 'range').map((n): FactExpr => ({ kind: 'FlagFact', span, name: n })),
);
const bareType: Arbitrary<TypeExpr> = fc.oneof(tensor, contractRef).map((base) => ({ kind: 'TypeExpr', span, base, facts: [] }));
const type: Arbitrary<TypeExpr> = fc.tuple(bareType, few(fact)).map(([t, facts]) => ({ ...t, facts }));

// ---------------------------------------------------------------- parts

const kind: Arbitrary<KindType> = fc.constantFrom(...kinds).map((k) => ({ kind: 'KindType', span, name: k }));
const param: Arbitrary<Param> = fc
  .tuple(freeName, fc.oneof(bareType, kind), maybe('default', expr))
  .map(([n, t, value]) => ({ kind: 'Param', span, name: n, type: t, ...value }));
const nameMap: Arbitrary<NameMap> = few(
  fc.tuple(name, few(freeName), string, fc.boolean()).map(([first, rest, to, transposed]) => ({ kind: 'NameMapEntry' as const, span, path: [first, ...rest], to, transposed })),
).map((entries) => ({ kind: 'NameMap', span, entries }));
const letStatement = fc.tuple(name, expr).map(([n, value]) => ({ kind: 'Let' as const, span, name: n, value }));
const paramStatement = fc.tuple(freeName, type).map(([n, t]) => ({ kind: 'ParamStatement' as const, span, name: n, type: t }));
const block: Arbitrary<Block> = fc.tuple(few(fc.oneof(letStatement, paramStatement)), expr).map(([statements, result]) => ({ kind: 'Block', span, statements, result }));
const weights = fc.tuple(string, maybe('map', nameMap)).map(([path, map]) => ({ kind: 'WeightsClause' as const, span, path, ...map }));
const modelMember: Arbitrary<ModelMember> = fc.oneof(
  letStatement,
  fc.tuple(freeName, type).map(([n, t]): ModelMember => ({ kind: 'ModelInput', span, name: n, type: t })),
  fc.tuple(name, maybe('type', type), expr).map(([n, t, value]): ModelMember => ({ kind: 'ModelOutput', span, name: n, ...t, value })),
);
const backboneMember: Arbitrary<BackboneMember> = fc.oneof(
  string.map((path): BackboneMember => ({ kind: 'SourceClause', span, path })),
  fc.tuple(freeName, type, maybe('from', fc.oneof(string, nameMap))).map(([n, t, from]): BackboneMember => ({ kind: 'BackboneInput', span, name: n, type: t, ...from })),
  fc.tuple(freeName, type, maybe('from', string)).map(([n, t, from]): BackboneMember => ({ kind: 'BackboneOutput', span, name: n, type: t, ...from })),
  few(fc.tuple(name, string).map(([n, value]) => ({ kind: 'CardEntry' as const, span, name: n, value }))).map((entries): BackboneMember => ({ kind: 'CardClause', span, entries })),
);

// ---------------------------------------------------------------- modules

const field: Arbitrary<RecordField> = fc.tuple(freeName, type).map(([n, t]) => ({ kind: 'RecordField', span, name: n, type: t }));
const declaration: Arbitrary<Declaration> = fc.oneof(
  fc.tuple(name, maybe('version', version)).map(([n, v]): Declaration => ({ kind: 'SpaceDecl', span, name: n, ...v })),
  fc.tuple(name, maybe('version', version), maybe('source', string)).map(([n, v, s]): Declaration => ({ kind: 'TokenizerDecl', span, name: n, ...v, ...s })),
  fc.tuple(name, fc.array(string, { maxLength: 20 })).map(([n, values]): Declaration => ({ kind: 'LabelsDecl', span, name: n, values })),
  fc.tuple(name, few(param), fc.oneof(type, few(field).map((fields) => ({ kind: 'RecordBody' as const, span, fields })))).map(([n, params, body]): Declaration => ({ kind: 'ContractDecl', span, name: n, params, body })),
  fc.tuple(name, maybe('version', version), few(backboneMember)).map(([n, v, members]): Declaration => ({ kind: 'BackboneDecl', span, name: n, ...v, members })),
  fc.tuple(fc.constantFrom('adapter' as const, 'head' as const, 'part' as const), name, maybe('version', version), few(param), type, few(named(fc.constantFrom('space', 'tokenizer', 'color'))), maybe('weights', weights), block)
    .map(([role, n, v, params, result, keeps, w, body]): Declaration => ({ kind: 'PartDecl', span, role, name: n, ...v, params, result, keeps, ...w, body })),
  fc.tuple(name, few(modelMember)).map(([n, members]): Declaration => ({ kind: 'ModelDecl', span, name: n, members })),
);
const importClause: Arbitrary<Import> = fc
  .tuple(few(fc.tuple(name, maybe('alias', name)).map(([n, alias]) => ({ kind: 'ImportName' as const, span, name: n, ...alias }))), string)
  .map(([names, from]) => ({ kind: 'Import', span, names, from }));

export const module: Arbitrary<Module> = fc
  .tuple(few(importClause), few(declaration))
  .map(([imports, declarations]) => ({ kind: 'Module', span, imports, declarations }));
