/** What can be written at a position. */
import { isKind } from '../../check/types/declarations.ts';
import { resolveModules, type ModuleScope, type Symbol } from '../../names/modules.ts';
import { resolveSpecifier } from '../../names/specifiers.ts';
import { parse } from '../../syntax/index.ts';
import { operators } from '../../ops/table.ts';
import type { CompileTimeKind, Declaration, FieldExpr } from '../../syntax/ast.ts';
import { tools } from '../../syntax/build/tools.ts';
import { declarationWords } from '../../syntax/tokens.ts';
import { visit } from '../../syntax/visit.ts';
import { relativePath } from '../../text/paths.ts';
import type { Position } from '../../text/source.ts';
import type { CompletionItem } from '../answers.ts';
import { symbolOf } from '../occurrences.ts';
import { bodyScope, fieldsOf, parametersOf, type BodyScope } from '../scope.ts';
import type { Member } from '../targets.ts';
import { parameterPaths } from '../weight-paths.ts';
import { pointAt, rangeOf, type View } from '../view.ts';
import { contextAt, type Context } from './context.ts';
import { fileNames, filePaths } from './file-names.ts';
import { importEdit } from './imports.ts';
import {
  argumentProposals, dtypeProposals, factProposals, kindProposals, memberProposal, memberProposals, operatorProposals,
  symbolProposal, wordProposals, type Proposal,
} from './items.ts';

/** @param workspace URIs of modules that an import may name */
export function completion(view: View, uri: string, position: Position, workspace: readonly string[] = []): CompletionItem[] {
  const point = pointAt(view, uri, position);
  const context = point && contextAt(point.scope, point.offset);
  if (point === undefined || context === undefined) return [];
  const { scope } = point;
  const range = rangeOf(scope.source, context.span);
  return proposals({ view, scope, context, workspace, offset: point.offset }).map(({ label, kind, detail = '', markdown = '', text = label, from }) => ({
    label,
    kind,
    detail,
    markdown,
    edit: { range, newText: text },
    more: from === undefined ? [] : importEdit(from, scope, view.host),
  }));
}

interface Request {
  readonly view: View;
  readonly scope: ModuleScope;
  readonly context: Context;
  readonly workspace: readonly string[];
  readonly offset: number;
}

function proposals(request: Request): Proposal[] {
  const { view, scope, context } = request;
  const { place, declaration } = context;
  const body = declaration && bodyScope(symbolOf(declaration, scope));
  switch (place.kind) {
    case 'top':
      return wordProposals([...(place.head ? ['where', 'keeps', 'weights'] : []), 'import', ...declarationWords.keys()]);
    case 'import-path':
      return modulePaths(request);
    case 'import-name': {
      const uri = resolveSpecifier(place.item.from.value, scope.uri, view.host);
      const module = uri === undefined ? undefined : view.compilation.scopes.get(uri);
      return [...(module?.names ?? [])].filter(([, symbol]) => symbol.module === module).map(([name, symbol]) => symbolProposal(name, symbol));
    }
    case 'file-name':
      return body === undefined ? [] : fileNames(body.owner, view).map((label) => ({ label, kind: 'value', ...(place.quoted ? { text: `"${label}"` } : {}) }));
    case 'file-path':
      return filePaths(place, scope.uri, view.host);
    case 'weight-path':
      return body === undefined ? [] : parameterPaths(body.owner).filter((path) => path.startsWith(place.before)).map((path) => ({ label: path.slice(place.before.length), kind: 'variable' }));
    case 'field':
      return fieldProposals(request, body);
    case 'type':
      return [...dtypeProposals(), ...named(request, ['ContractDecl']), ...(place.compileTime ? kindProposals() : [])];
    case 'size':
      return sizes(request, body);
    case 'contract-argument':
      return contractArguments(request, body, place);
    case 'fact':
      return factProposals();
    case 'nominal':
      return [...named(request, [place.of === 'space' ? 'SpaceDecl' : 'TokenizerDecl']), ...compileTimeLocals(body, place.of)];
    case 'keeps':
      return wordProposals(['space', 'tokenizer']);
    case 'stage':
      return callables(request);
    case 'member':
      return [...wordProposals((place.nested ? nestedWords : memberWords)[declaration?.kind ?? 'ModelDecl'] ?? []), ...(declaration?.kind === 'PartDecl' ? values(request, body) : [])];
    case 'value':
      return place.argument === undefined ? [...argumentsOf(place.callee, scope), ...values(request, body)] : argumentValues(request, body, place.callee, place.argument);
  }
}

type Words = Readonly<Partial<Record<Declaration['kind'], readonly string[]>>>;
const memberWords: Words = {
  PartDecl: ['let', 'param'],
  ModelDecl: ['input', 'state', 'let', 'output', 'next', 'budget'],
  BackboneDecl: ['source', 'input', 'output', 'tap', 'replace', 'card'],
  FitDecl: tools.FitDecl.members, VerifyDecl: tools.VerifyDecl.members, ProbeDecl: tools.ProbeDecl.members, GoldenDecl: tools.GoldenDecl.members,
  RolloutDecl: ['slot'],
};
/** Those of a budget and of a card have no words of their own. */
const nestedWords: Words = { RolloutDecl: ['arm', 'shadow', 'sticky', 'flag', 'rollback'] };

// ---------------------------------------------------------------- names

type Kinds = readonly Declaration['kind'][];

const inScope = (scope: ModuleScope, kinds: Kinds): Proposal[] =>
  [...scope.names].filter(([, symbol]) => isKind(symbol, ...kinds)).map(([name, symbol]) => symbolProposal(name, symbol));

/** Names in scope, then those that an import would bring into it. */
function named({ view, scope }: Request, kinds: Kinds): Proposal[] {
  const library = view.host.standardModules().flatMap((name) => view.host.standardModule(name) ?? []);
  const known = new Map([...resolveModules(library, view.host, parse).scopes, ...view.compilation.scopes]);
  const others = [...known.values()].filter((module) => module.uri !== scope.uri).flatMap(ownSymbols);
  const imported = others.filter((symbol) => isKind(symbol, ...kinds) && !scope.names.has(symbol.name));
  return [...inScope(scope, kinds), ...imported.map((symbol) => ({ ...symbolProposal(symbol.name, symbol), from: symbol }))];
}

const ownSymbols = (module: ModuleScope): Symbol[] => [...module.names.values()].filter((symbol) => symbol.module === module);

const callables = (request: Request): Proposal[] => [
  ...named(request, ['PartDecl', 'BackboneDecl']).filter(({ label }) => label !== request.context.declaration?.name.text),
  { label: 'onnx', kind: 'module', detail: "ONNX's operators", text: 'onnx.' },
];

function values(request: Request, body: BodyScope | undefined): Proposal[] {
  const locals = body === undefined ? [] : memberProposals(body.locals, 'variable');
  return [...locals, ...callables(request), ...inScope(request.scope, ['LabelsDecl'])];
}

/** Parameters that are known at compile time, of any kind or of one. */
const compileTimeLocals = (body: BodyScope | undefined, kind?: CompileTimeKind): Proposal[] =>
  [...(body?.locals.values() ?? [])].flatMap((local) => {
    const own = kindOf(local);
    return own !== undefined && (kind ?? own) === own ? [memberProposal(local, 'variable')] : [];
  });

const kindOf = ({ node }: Member): CompileTimeKind | undefined => (node.kind === 'Param' && node.type.kind === 'KindType' ? node.type.name : undefined);

/** What a size can be: a name of sizes, a parameter, labels. */
const sizes = ({ scope, context }: Request, body: BodyScope | undefined): Proposal[] => {
  const own = compileTimeLocals(body, 'int');
  const names = sizeNames(context.declaration).filter(({ label }) => !scope.names.has(label) && !own.some((local) => local.label === label));
  return [...names, ...own, ...inScope(scope, ['LabelsDecl']), ...compileTimeLocals(body, 'labels')];
};

/** What an argument of a kind can be; tensors are values. */
function argumentValues(request: Request, body: BodyScope | undefined, callee: readonly string[] = [], argument: string): Proposal[] {
  const symbol = request.scope.names.get(callee.at(-1) ?? '');
  const parameter = isKind(symbol, 'PartDecl', 'BackboneDecl') ? parametersOf(symbol).get(argument) : undefined;
  const kind = parameter && kindOf(parameter);
  return kind === undefined || kind === 'initializer' ? values(request, body) : kindValues[kind](request, body);
}

const kindValues: Readonly<Record<Exclude<CompileTimeKind, 'initializer'>, (request: Request, body: BodyScope | undefined) => Proposal[]>> = {
  int: sizes,
  float: (_, body) => compileTimeLocals(body, 'float'),
  str: (_, body) => compileTimeLocals(body, 'str'),
  bool: (_, body) => [...wordProposals(['true', 'false']), ...compileTimeLocals(body, 'bool')],
  dtype: (_, body) => [...dtypeProposals(), ...compileTimeLocals(body, 'dtype')],
  space: (request, body) => [...named(request, ['SpaceDecl']), ...compileTimeLocals(body, 'space')],
  tokenizer: (request, body) => [...named(request, ['TokenizerDecl']), ...compileTimeLocals(body, 'tokenizer')],
  labels: (request, body) => [...named(request, ['LabelsDecl']), ...compileTimeLocals(body, 'labels')],
};

function sizeNames(declaration: Declaration | undefined): Proposal[] {
  const names = new Set<string>();
  if (declaration !== undefined) {
    visit(declaration, { enter: (node) => void (node.kind === 'DimName' && node.name.text !== '' && names.add(node.name.text)) });
  }
  return [...names].map((label) => ({ label, kind: 'variable', detail: 'a size' }));
}

// ---------------------------------------------------------------- fields and arguments

function fieldProposals({ scope, offset }: Request, body: BodyScope | undefined): Proposal[] {
  const expr = fieldExprAt(scope, offset);
  if (expr?.object.kind === 'NameExpr' && expr.object.name.text === 'onnx') return operatorProposals();
  const fields = expr && body && fieldsOf(expr.object, body);
  return fields === undefined ? [] : memberProposals(fields, 'field');
}

/** The field access whose name is at an offset, or is missing before it. */
function fieldExprAt(scope: ModuleScope, offset: number): FieldExpr | undefined {
  let found: FieldExpr | undefined;
  visit(scope.ast, {
    enter: (node) => {
      if (node.kind === 'FieldExpr' && node.object.span.end < offset && offset <= Math.max(node.field.span.end, node.span.end)) found = node;
    },
  });
  return found;
}

function argumentsOf(callee: readonly string[] | undefined, scope: ModuleScope): Proposal[] {
  if (callee === undefined) return [];
  if (callee[0] === 'onnx') {
    const attributes = Object.keys(operators.get(callee[1] ?? '')?.attributes ?? {});
    return attributes.map((name) => ({ label: `${name}:`, kind: 'variable', text: `${name}: ` }));
  }
  const symbol = scope.names.get(callee.at(-1) ?? '');
  return isKind(symbol, 'PartDecl', 'BackboneDecl') ? argumentProposals(parametersOf(symbol)) : [];
}

function contractArguments(request: Request, body: BodyScope | undefined, place: { readonly contract: string; readonly argument?: string }): Proposal[] {
  const symbol = request.scope.names.get(place.contract);
  if (!isKind(symbol, 'ContractDecl')) return [];
  if (place.argument === undefined) {
    const own = argumentProposals(parametersOf(symbol));
    const open = sizeNames(symbol.declaration).map((p) => ({ ...p, label: `${p.label}:`, text: `${p.label}: ` }));
    return [...own, ...open.filter(({ label }) => !own.some((one) => one.label === label))];
  }
  const parameter = parametersOf(symbol).get(place.argument);
  const kind = (parameter && kindOf(parameter)) ?? 'int';
  return kind === 'initializer' ? [] : kindValues[kind](request, body);
}

function modulePaths({ view, scope, workspace }: Request): Proposal[] {
  const library = view.host.standardModules().map((name): Proposal => ({ label: `std/${name}`, kind: 'module' }));
  const others = workspace.filter((uri) => uri !== scope.uri && uri.startsWith('file:') === scope.uri.startsWith('file:'));
  const relative = others.map((uri) => relativePath(uri, scope.uri)).map((path): Proposal => ({ label: path.startsWith('.') ? path : `./${path}`, kind: 'module' }));
  return [...library, ...relative];
}
