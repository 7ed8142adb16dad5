/** One declaration of a module, each kind by its own rule. */
import { nameCodes } from '../diagnostics/codes/names.ts';
import { partCodes } from '../diagnostics/codes/parts.ts';
import type { Symbol } from '../names/modules.ts';
import type { AttributeDecl, ContractDecl, Declaration, LabelsDecl, SpaceDecl, TokenizerDecl } from '../syntax/ast.ts';
import { namesIn } from '../syntax/visit.ts';
import { at, type Span } from '../text/source.ts';
import { reachesBelow } from '../types/version.ts';
import { checkModel } from './models/check-model.ts';
import { checkDefaults } from './types/contract-defaults.ts';
import type { Callable, Checker } from './context.ts';
import { removeItem, replaceAt } from './edits.ts';
import { isKind, nominalOf, reportRepeated, reportRepeatedNames } from './types/declarations.ts';
import { reportShadowing } from './expressions/block.ts';
import { checkTokenizer } from './files/files.ts';
import { checkOnce } from './recording.ts';
import { signatureOf } from './parts/part.ts';
import { checkFieldCount, evaluateType } from './types/type-expr.ts';
import { ownParameters, rootScope, type Report } from './types/type-scope.ts';

export function checkDeclaration(symbol: Symbol, checker: Checker): void {
  const check = checks[symbol.declaration.kind] as (symbol: Symbol, checker: Checker) => void;
  if (isKind(symbol, 'PartDecl', 'BackboneDecl')) checkCallable(symbol, checker);
  else checkOnce(symbol, checker, (needed) => checkCallable(needed, checker), () => check(symbol, checker));
}

/** A part or backbone is checked by the first who asks for its signature. */
const checkCallable = (symbol: Symbol<Callable>, checker: Checker): void => {
  const location = at(symbol.module, symbol.declaration.name.span);
  signatureOf(symbol, checker, location, (d) => void checker.diagnostics.push(d));
};

const checks: { readonly [K in Declaration['kind']]: (symbol: Symbol<Extract<Declaration, { kind: K }>>, checker: Checker) => void } = {
  SpaceDecl: (symbol, checker) => {
    requireVersion(symbol, checker);
    checkCompatible(symbol, checker);
  },
  TokenizerDecl: (symbol, checker) => {
    requireVersion(symbol, checker);
    checkTokenizer(symbol, nominalOf(symbol), checker);
  },
  LabelsDecl: checkLabels,
  AttributeDecl: checkAttribute,
  ContractDecl: checkContract,
  BackboneDecl: checkCallable,
  PartDecl: checkCallable,
  ModelDecl: checkModel,
  // Once everything else of their module is checked: see `checkTools`.
  FitDecl: () => {},
  VerifyDecl: () => {},
  RolloutDecl: () => {},
  ProbeDecl: () => {},
  GoldenDecl: () => {},
};

function requireVersion(symbol: Symbol<SpaceDecl | TokenizerDecl>, checker: Checker): void {
  const { name, version } = symbol.declaration;
  if (version !== undefined) return;
  const kind = symbol.declaration.kind === 'SpaceDecl' ? 'space' : 'tokenizer';
  const end = at(symbol.module, { start: name.span.end, end: name.span.end });
  checker.diagnostics.push(
    nameCodes.report('missing-version', { kind, name: name.text }, at(symbol.module, name.span), {
      notes: [`The version is what changes when the ${kind} does, so that old and new are not mixed.`],
      fixes: [{ title: 'start with 1.0.0', edits: [{ location: end, text: ' @ 1.0.0' }] }],
    }),
  );
}

/** What a space is compatible with came before it. */
function checkCompatible({ declaration, module }: Symbol<SpaceDecl>, checker: Checker): void {
  const { name, version, compatible } = declaration;
  if (version === undefined) return;
  for (const [i, range] of compatible.entries()) {
    if (range.text === '' || reachesBelow(range.text, version.text)) continue;
    checker.diagnostics.push(
      nameCodes.report('compatible-newer', { name: name.text, version: version.text, range: range.text }, at(module, range.span), {
        notes: ['`compatible` names older versions whose vectors may be mixed with those of this one.'],
        fixes: [compatible.length > 1 ? removeItem(`leave out \`${range.text}\``, compatible, i, module) : { title: 'leave out `compatible`', edits: [replaceAt({ start: version.span.end, end: range.span.end }, '', module)] }],
      }),
    );
  }
}

function checkLabels(symbol: Symbol<LabelsDecl>, checker: Checker): void {
  const { values, name } = symbol.declaration;
  const labels = symbol.name;
  if (values.length === 0) checker.diagnostics.push(partCodes.report('labels-empty', { labels }, at(symbol.module, name.span)));
  const seen = new Map<string, Span>();
  for (const [i, { value, span }] of values.entries()) {
    const first = seen.get(value);
    if (first === undefined) {
      seen.set(value, span);
      continue;
    }
    const related = [{ location: at(symbol.module, first), text: 'first here' }];
    checker.diagnostics.push(partCodes.report('labels-repeated', { labels, value }, at(symbol.module, span), { label: 'listed again', related, fixes: [removeItem(`list "${value}" once`, values, i, symbol.module)] }));
  }
}

function checkAttribute(symbol: Symbol<AttributeDecl>, checker: Checker): void {
  const { values, name } = symbol.declaration;
  const report: Report = (d) => void checker.diagnostics.push(d);
  if (values.length === 0) report(partCodes.report('attribute-empty', { attribute: symbol.name }, at(symbol.module, name.span)));
  reportRepeated(values.map((value) => ({ name: value })), `\`${symbol.name}\``, symbol.module, report, (value, i) => [removeItem(`list \`${value.text}\` once`, values, i, symbol.module)]);
}

/** A contract is read once for itself, so that its errors are found though nobody uses it. */
function checkContract(symbol: Symbol<ContractDecl>, checker: Checker): void {
  const { declaration, module } = symbol;
  const report: Report = (d) => void checker.diagnostics.push(d);
  const parameters = ownParameters(declaration.params, module, `${module.uri}#${symbol.name}`);
  // Whoever uses it gives the number.
  for (const { name, type } of declaration.params) if (type.kind === 'KindType' && type.name === 'float') parameters.numbers.set(name.text, NaN);
  const scope = rootScope(module, symbol.name, report, parameters);
  const fields = declaration.body.kind === 'RecordBody' ? declaration.body.fields : [];
  reportRepeatedNames(declaration.params, `\`${symbol.name}\``, module, report);
  reportRepeatedNames(fields, `\`${symbol.name}\``, module, report);
  for (const { name: { text }, type, span } of declaration.params) {
    if (parameters.sizes.has(text) || parameters.dtypes.has(text) || parameters.nominals.has(text) || parameters.conventions.has(text) || parameters.numbers.has(text) || text === '') continue;
    const args = { contract: symbol.name, name: text, kind: type.kind === 'KindType' ? type.name : undefined };
    report(partCodes.report('parameter-kind', args, at(module, span), { notes: ['A contract takes `int`, `float`, `labels`, `dtype`, `space`, `tokenizer`, and values of an attribute by the name of that.'] }));
  }
  for (const { name } of declaration.params) reportShadowing(name, { scope, report, deep: undefined });
  checkDefaults(symbol, scope);
  const inner = { ...scope, expanding: [`${module.uri}#${symbol.name}`] };
  const { body } = declaration;
  if (body.kind === 'TypeExpr') evaluateType(body, inner);
  else checkFieldCount(symbol, fields.map((field) => evaluateType(field.type, inner)), report);
  reportUnread(symbol, report);
}

/** Parameters that stand in no type of their contract: whatever is given for them, it is the same contract. */
function reportUnread({ declaration, module, name: contract }: Symbol<ContractDecl>, report: Report): void {
  const values = declaration.params.flatMap((param) => param.default ?? []);
  const words = new Set([declaration.body, ...values].flatMap(namesIn).map(({ text }) => text));
  for (const { name } of declaration.params) {
    if (name.text === '' || words.has(name.text)) continue;
    report(nameCodes.report('unused-input', { name: name.text, owner: contract, what: 'parameter' }, at(module, name.span), { label: 'never read' }));
  }
}
