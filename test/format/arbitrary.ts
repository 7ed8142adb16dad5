/** Random trees of every construct, without spans or comments. */
import fc, { type Arbitrary } from 'fast-check';
import type {
  Arg, BackboneMember, Block, BoundName, Comparison, ContractRef, Declaration, DimExpr, DimItem, Expr, FactExpr, FitDecl, GoldenDecl, Import, KindType,
  ModelMember, Module, Name, NameMap, NumberLit, RangeRow, Param, PartSource, ProbeDecl, QuantityLit, RecordField, Slot, SlotMember, StringLit, TensorTypeExpr,
  TypeExpr, VerifyDecl, ViolationClause, WeightsClause,
} from '../../src/syntax/ast.ts';
import { reservedWords, wordTokens } from '../../src/syntax/tokens.ts';

const span = { start: 0, end: 0 };
const maybe = <T>(key: string, arbitrary: Arbitrary<T>): Arbitrary<object> => fc.option(arbitrary).map((value) => (value === null ? {} : { [key]: value }));
const few = <T>(arbitrary: Arbitrary<T>, minLength = 0): Arbitrary<T[]> => fc.array(arbitrary, { minLength, maxLength: 4 });

const contextual = [...wordTokens.keys()].filter((word) => !reservedWords.has(word));
const kinds = ['int', 'float', 'bool', 'str', 'dtype', 'space', 'tokenizer', 'labels', 'initializer'] as const;
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
const number: Arbitrary<NumberLit> = numberText.map((text) => ({ kind: 'NumberLit', span, value: Number(text), text }));
const quantity: Arbitrary<QuantityLit> = fc
  .tuple(numberText, fc.constantFrom('%', 'ms', 's', 'MB'))
  .map(([text, unit]) => ({ kind: 'QuantityLit', span, value: Number(text), unit, text: text + unit }));

// ---------------------------------------------------------------- expressions

const { expr } = fc.letrec<{ expr: Expr; leaf: Expr; arg: Arg }>((tie) => ({
  leaf: fc.oneof(
    name.map((n): Expr => ({ kind: 'NameExpr', span, name: n })),
    number,
    quantity,
    fc.tuple(name, few(range, 1)).map(([n, versions]): Expr => ({ kind: 'VersionedName', span, name: n, versions })),
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
    fc.tuple(fc.constantFrom('+', '-', '*', '/', 'div', 'mod'), tie('expr'), tie('expr')).map(([op, left, right]): Expr => ({ kind: 'BinaryExpr', span, op, left, right })),
    tie('expr').map((operand): Expr => ({ kind: 'UnaryExpr', span, op: '-', operand })),
    few(tie('expr')).map((items): Expr => ({ kind: 'ListExpr', span, items })),
    few(fc.tuple(freeName, tie('expr')).map(([n, value]) => ({ kind: 'RecordEntry' as const, span, name: n, value })), 1).map((entries): Expr => ({ kind: 'RecordExpr', span, entries })),
  ),
}));
const args = few(fc.tuple(maybe('name', freeName), expr).map(([n, value]): Arg => ({ kind: 'Arg', span, ...n, value })));

// ---------------------------------------------------------------- types

const { dim } = fc.letrec<{ dim: DimExpr }>((tie) => ({
  dim: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.nat(4096).map((value): DimExpr => ({ kind: 'DimInt', span, value })),
    name.map((n): DimExpr => ({ kind: 'DimName', span, name: n })),
    fc.tuple(fc.constantFrom('+', '-', '*', 'div', 'mod'), tie('dim'), tie('dim')).map(([op, left, right]): DimExpr => ({ kind: 'DimBinary', span, op, left, right })),
    fc.tuple(fc.constantFrom('min', 'max'), few(tie('dim'), 1)).map(([callee, sizes]): DimExpr => ({ kind: 'DimCall', span, callee, args: sizes })),
  ),
}));
const dimItem = fc.oneof(
  fc.tuple(maybe('label', freeName), dim).map(([label, size]): DimItem => ({ kind: 'DimItem', span, ...label, some: false, size })),
  fc.tuple(maybe('label', freeName), name).map(([label, n]): DimItem => ({ kind: 'DimItem', span, ...label, some: true, size: { kind: 'DimName', span, name: n } })),
  fc.constant({ kind: 'EllipsisDim' as const, span }),
);
const tensor: Arbitrary<TensorTypeExpr> = fc.tuple(name, few(dimItem)).map(([dtype, dims]) => ({ kind: 'TensorTypeExpr', span, dtype, dims }));
const contractRef: Arbitrary<ContractRef> = fc.tuple(name, args).map(([n, a]) => ({ kind: 'ContractRef', span, name: n, args: a }));

const bound = fc.tuple(fc.constantFrom('', '-'), fc.constantFrom('0.5', '1', '1e-3', '2', 'inf')).map((parts) => parts.join(''));
const valueOf = (text: string): number => Number(text.replace('inf', 'Infinity'));
const signed: Arbitrary<NumberLit> = bound.map((text) => ({ kind: 'NumberLit', span, value: valueOf(text), text }));
/** A number of a fact, or a parameter that stands for one, which is 0 as long as it is not known. */
interface End {
  readonly text: string;
  readonly value: number;
  readonly name?: Omit<BoundName, 'index'>;
}
const end: Arbitrary<End> = fc.oneof(
  { weight: 3, arbitrary: bound.map((text) => ({ text, value: valueOf(text) })) },
  { weight: 1, arbitrary: fc.tuple(fc.boolean(), name.filter((n) => n.text !== 'inf')).map(([negative, n]) => ({ text: `${negative ? '-' : ''}${n.text}`, value: 0, name: { kind: 'BoundName' as const, span, name: n, negative } })) },
);
const namesAmong = (ends: readonly (End | null)[], first = 0): BoundName[] => ends.flatMap((e, i) => (e?.name === undefined ? [] : [{ ...e.name, index: first + i }]));
const rowOf = (ends: readonly [End, End]): RangeRow => ({ kind: 'RangeRow', span, low: ends[0].value, high: ends[1].value, written: ends.map((e) => e.text), names: namesAmong(ends) });
const flagName = name.filter((n) => n.text !== 'range');
const rowsFact = fc.tuple(name, few(fc.tuple(end, end), 1)).map(([axis, pairs]): FactExpr => {
  const rows = pairs.map(rowOf);
  const ends = { low: Math.min(...rows.map((r) => r.low)), high: Math.max(...rows.map((r) => r.high)) };
  return { kind: 'RangeFact', span, axis, rows, ...ends, written: [], names: [] };
});
const fact: Arbitrary<FactExpr> = fc.oneof(
  rowsFact,
  fc.tuple(flagName, fc.constantFrom('==' as const, '>=' as const, '<=' as const), fc.oneof(name, signed.filter((n) => !n.text.includes('inf')))).map(([left, op, right]): FactExpr => ({ kind: 'CompareFact', span, left, op, right })),
  fc.tuple(end, end).map((ends): FactExpr => ({ ...rowOf(ends), kind: 'RangeFact' })),
  fc.tuple(flagName, fc.constantFrom('-1', '0', '2'), end, fc.option(end)).map(([n, axis, value, tolerance]): FactExpr => ({
    kind: 'ReductionFact', span, name: n, axis: Number(axis), value: value.value,
    ...(tolerance === null ? {} : { tolerance: tolerance.value }),
    written: [axis, value.text, ...(tolerance === null ? [] : [tolerance.text])], names: namesAmong([value, tolerance], 1),
  })),
  fc.tuple(fc.constantFrom('space' as const, 'tokenizer' as const), name, few(range)).map(([nominal, n, versions]): FactExpr => ({ kind: 'NominalFact', span, nominal, name: n, versions })),
  flagName.map((n): FactExpr => ({ kind: 'FlagFact', span, name: n })),
);
const bareType: Arbitrary<TypeExpr> = fc.oneof(tensor, contractRef).map((base) => ({ kind: 'TypeExpr', span, base, facts: [] }));
const violation: Arbitrary<ViolationClause> = fc.oneof(
  fc.constantFrom('reject' as const, 'clamp' as const, 'report' as const).map((mode): ViolationClause => ({ kind: 'ViolationClause', span, mode })),
  signed.map((value): ViolationClause => ({ kind: 'ViolationClause', span, mode: 'replace', value })),
);
const type: Arbitrary<TypeExpr> = fc
  .tuple(bareType, few(fact), maybe('violation', violation))
  .map(([t, facts, v]) => ({ ...t, facts, ...(facts.length > 0 ? v : {}) }));

// ---------------------------------------------------------------- parts

const kind: Arbitrary<KindType> = fc.constantFrom(...kinds).map((k) => ({ kind: 'KindType', span, name: k }));
const param: Arbitrary<Param> = fc
  .tuple(freeName, fc.oneof(bareType, kind), maybe('default', expr))
  .map(([n, t, value]) => ({ kind: 'Param', span, name: n, type: t, ...value }));
const nameMap: Arbitrary<NameMap> = few(
  fc.tuple(name, few(freeName), string, fc.boolean()).map(([first, rest, to, transposed]) => ({ kind: 'NameMapEntry' as const, span, path: [first, ...rest], to, transposed })),
).map((entries) => ({ kind: 'NameMap', span, entries }));
const letStatement = fc.tuple(name, expr).map(([n, value]) => ({ kind: 'Let' as const, span, name: n, value }));
const paramStatement = fc.tuple(freeName, type, maybe('init', expr)).map(([n, t, init]) => ({ kind: 'ParamStatement' as const, span, name: n, type: t, ...init }));
const block: Arbitrary<Block> = fc.tuple(few(fc.oneof(letStatement, paramStatement)), expr).map(([statements, result]) => ({ kind: 'Block', span, statements, result }));
const weights: Arbitrary<WeightsClause> = fc
  .tuple(string, maybe('map', nameMap), fc.boolean())
  .map(([path, map, learned]) => ({ kind: 'WeightsClause', span, path, ...map, learned }));
const given = weights.map((w) => ({ ...w, learned: false }));
const fileNames = fc.oneof(string, nameMap);
const partSource: Arbitrary<PartSource> = fc
  .tuple(string, maybe('from', fileNames), maybe('to', fileNames))
  .map(([path, from, to]) => ({ kind: 'PartSource', span, path, ...from, ...to }));
/** The clauses and the body, or what stands in its place. */
const bodied: Arbitrary<object> = fc.oneof(
  fc.tuple(maybe('weights', weights), block).map(([w, body]) => ({ ...w, body })),
  fc.tuple(maybe('weights', given), partSource).map(([w, source]) => ({ ...w, source })),
  weights.map((w) => ({ weights: { ...w, learned: true } })),
);
const comparison: Arbitrary<Comparison> = fc
  .tuple(expr, fc.constantFrom('==' as const, '>=' as const, '<=' as const, '>' as const, '<' as const), expr)
  .map(([left, op, right]) => ({ kind: 'Comparison', span, op, left, right }));
const budgetEntry = fc.tuple(comparison, maybe('device', string)).map(([limit, device]) => ({ kind: 'BudgetEntry' as const, span, limit, ...device }));
const modelMember: Arbitrary<ModelMember> = fc.oneof(
  letStatement,
  fc.tuple(freeName, type).map(([n, t]): ModelMember => ({ kind: 'ModelInput', span, name: n, type: t })),
  fc.tuple(freeName, type, expr).map(([n, t, init]): ModelMember => ({ kind: 'StateMember', span, name: n, type: t, init })),
  fc.tuple(name, expr).map(([n, value]): ModelMember => ({ kind: 'NextMember', span, name: n, value })),
  few(budgetEntry).map((entries): ModelMember => ({ kind: 'BudgetClause', span, entries })),
  fc.tuple(name, maybe('type', type), expr).map(([n, t, value]): ModelMember => ({ kind: 'ModelOutput', span, name: n, ...t, value })),
);
const backboneMember: Arbitrary<BackboneMember> = fc.oneof(
  string.map((path): BackboneMember => ({ kind: 'SourceClause', span, path })),
  fc.tuple(freeName, type, maybe('default', expr), maybe('from', fileNames)).map(([n, t, value, from]): BackboneMember => ({ kind: 'BackboneInput', span, name: n, type: t, ...value, ...from })),
  fc.tuple(freeName, type, maybe('from', string)).map(([n, t, from]): BackboneMember => ({ kind: 'TapMember', span, name: n, type: t, ...from })),
  fc.tuple(name, expr).map(([n, value]): BackboneMember => ({ kind: 'ReplaceMember', span, name: n, value })),
  fc.tuple(freeName, type, maybe('from', string)).map(([n, t, from]): BackboneMember => ({ kind: 'BackboneOutput', span, name: n, type: t, ...from })),
  few(fc.tuple(name, string).map(([n, value]) => ({ kind: 'CardEntry' as const, span, name: n, value }))).map((entries): BackboneMember => ({ kind: 'CardClause', span, entries })),
);

// ---------------------------------------------------------------- tools

const data = fc.tuple(maybe('name', name), string).map(([n, path]) => ({ kind: 'DataClause' as const, span, ...n, path }));
const fit: Arbitrary<FitDecl> = fc
  .tuple(name, few(fc.oneof(
    data,
    letStatement,
    expr.map((value) => ({ kind: 'LossClause' as const, span, value })),
    expr.map((value) => ({ kind: 'MethodClause' as const, span, value })),
    fc.tuple(fc.array(expr, { minLength: 1, maxLength: 3 }), maybe('until', number)).map(([layers, until]) => ({ kind: 'FreezeClause' as const, span, layers, ...until })),
    number.map((value) => ({ kind: 'SeedClause' as const, span, value })),
  )))
  .map(([n, members]) => ({ kind: 'FitDecl', span, name: n, members }));
const swap = fc.tuple(name, name, name).map(([part, replacement, model]) => ({ kind: 'SwapClause' as const, span, part, replacement, model }));
const verify: Arbitrary<VerifyDecl> = fc
  .tuple(name, few(fc.oneof(
    data,
    letStatement,
    swap,
    comparison.map((condition) => ({ kind: 'RequireClause' as const, span, condition })),
  )))
  .map(([n, members]) => ({ kind: 'VerifyDecl', span, name: n, members }));
const probe: Arbitrary<ProbeDecl> = fc
  .tuple(name, few(fc.oneof(
    data,
    few(name, 1).map((parts) => ({ kind: 'ThroughClause' as const, span, parts })),
    few(name, 1).map((taps) => ({ kind: 'TapsClause' as const, span, taps })),
  )))
  .map(([n, members]) => ({ kind: 'ProbeDecl', span, name: n, members }));
const golden: Arbitrary<GoldenDecl> = fc
  .tuple(name, few(fc.oneof(data, swap, number.map((value) => ({ kind: 'ToleranceClause' as const, span, value })))))
  .map(([n, members]) => ({ kind: 'GoldenDecl', span, name: n, members }));
const slotMember: Arbitrary<SlotMember> = fc.oneof(
  fc.tuple(name, quantity).map(([head, share]): SlotMember => ({ kind: 'ArmClause', span, head, share })),
  name.map((head): SlotMember => ({ kind: 'ShadowClause', span, head })),
  name.map((by): SlotMember => ({ kind: 'StickyClause', span, by })),
  fc.tuple(string, name).map(([flag, head]): SlotMember => ({ kind: 'FlagClause', span, flag, head })),
  fc.tuple(name, comparison, maybe('over', number)).map(([head, condition, over]): SlotMember => ({ kind: 'RollbackClause', span, head, condition, ...over })),
);
const slot: Arbitrary<Slot> = fc.tuple(name, few(slotMember)).map(([n, members]) => ({ kind: 'Slot', span, name: n, members }));

// ---------------------------------------------------------------- modules

const field: Arbitrary<RecordField> = fc.tuple(freeName, type).map(([n, t]) => ({ kind: 'RecordField', span, name: n, type: t }));
const declaration: Arbitrary<Declaration> = fc.oneof(
  fit,
  verify,
  probe,
  golden,
  fc.tuple(name, name, few(slot)).map(([n, model, slots]): Declaration => ({ kind: 'RolloutDecl', span, name: n, model, slots })),
  fc.tuple(name, few(name)).map(([n, values]): Declaration => ({ kind: 'AttributeDecl', span, name: n, values })),
  fc.tuple(name, maybe('version', version), few(range)).map(([n, v, compatible]): Declaration => ({ kind: 'SpaceDecl', span, name: n, ...v, compatible })),
  fc.tuple(name, maybe('version', version), maybe('source', string)).map(([n, v, s]): Declaration => ({ kind: 'TokenizerDecl', span, name: n, ...v, ...s })),
  fc.tuple(name, fc.array(string, { maxLength: 20 })).map(([n, values]): Declaration => ({ kind: 'LabelsDecl', span, name: n, values })),
  fc.tuple(name, few(param), fc.oneof(type, few(field).map((fields) => ({ kind: 'RecordBody' as const, span, fields })))).map(([n, params, body]): Declaration => ({ kind: 'ContractDecl', span, name: n, params, body })),
  fc.tuple(name, maybe('version', version), fc.option(fc.tuple(name, maybe('weights', given))), few(backboneMember)).map(([n, v, derived, members]): Declaration => ({
    kind: 'BackboneDecl', span, name: n, ...v, ...(derived === null ? {} : { base: derived[0], ...derived[1] }), members,
  })),
  fc.tuple(fc.constantFrom('adapter' as const, 'head' as const, 'part' as const), name, maybe('version', version), few(param), type, few(named(fc.constantFrom('space', 'tokenizer', 'color'))), bodied)
    .map(([role, n, v, params, result, keeps, body]): Declaration => ({ kind: 'PartDecl', span, role, name: n, ...v, params, result, keeps, ...body })),
  fc.tuple(name, few(modelMember)).map(([n, members]): Declaration => ({ kind: 'ModelDecl', span, name: n, members })),
);
const importClause: Arbitrary<Import> = fc
  .tuple(few(fc.tuple(name, maybe('alias', name)).map(([n, alias]) => ({ kind: 'ImportName' as const, span, name: n, ...alias }))), string)
  .map(([names, from]) => ({ kind: 'Import', span, names, from }));

export const module: Arbitrary<Module> = fc
  .tuple(few(importClause), few(declaration))
  .map(([imports, declarations]) => ({ kind: 'Module', span, imports, declarations }));
