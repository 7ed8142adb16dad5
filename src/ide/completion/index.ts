/** What can be written at a position. */
import { isKind } from '../../check/types/declarations.ts';
import { resolveModules, type ModuleScope, type Symbol } from '../../names/modules.ts';
import { resolveSpecifier } from '../../names/specifiers.ts';
import { parse } from '../../syntax/index.ts';
import { operators } from '../../ops/table.ts';
import type { Declaration, FieldExpr } from '../../syntax/ast.ts';
import { declarationWords } from '../../syntax/tokens.ts';
import { visit } from '../../syntax/visit.ts';
import { relativePath } from '../../text/paths.ts';
import type { Position } from '../../text/source.ts';
import type { CompletionItem } from '../answers.ts';
import { symbolOf } from '../occurrences.ts';
import { bodyScope, fieldsOf, parametersOf, type BodyScope } from '../scope.ts';
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
      return [...sizeNames(declaration), ...inScope(scope, ['LabelsDecl']), ...compileTimeLocals(body)];
    case 'contract-argument':
      return contractArguments(request, body, place);
    case 'fact':
      return factProposals();
    case 'nominal':
      return [...named(request, [place.of === 'space' ? 'SpaceDecl' : 'TokenizerDecl']), ...compileTimeLocals(body)];
    case 'keeps':
      return wordProposals(['space', 'tokenizer']);
    case 'stage':
      return callables(request);
    case 'member':
      return [...wordProposals(memberWords[declaration?.kind ?? 'ModelDecl'] ?? []), ...(declaration?.kind === 'PartDecl' ? values(request, body) : [])];
    case 'value':
      return [...argumentsOf(place.callee, scope), ...values(request, body)];
  }
}

const memberWords: Readonly<Partial<Record<Declaration['kind'], readonly string[]>>> = {
  PartDecl: ['let', 'param'],
  ModelDecl: ['input', 'let', 'output'],
  BackboneDecl: ['source', 'input', 'output', 'card'],
};

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

const compileTimeLocals = (body: BodyScope | undefined): Proposal[] =>
  [...(body?.locals.values() ?? [])].flatMap((local) => (local.node.kind === 'Param' && local.node.type.kind === 'KindType' ? [memberProposal(local, 'variable')] : []));

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

function contractArguments(request: Request, body: BodyScope | undefined, place: { readonly contract: string; readonly named: boolean }): Proposal[] {
  const symbol = request.scope.names.get(place.contract);
  if (!isKind(symbol, 'ContractDecl')) return [];
  if (!place.named) return [...argumentProposals(parametersOf(symbol)), ...sizeNames(symbol.declaration).map((p) => ({ ...p, label: `${p.label}:`, text: `${p.label}: ` }))];
  return [...inScope(request.scope, ['SpaceDecl', 'TokenizerDecl', 'LabelsDecl']), ...compileTimeLocals(body), ...sizeNames(request.context.declaration)];
}

function modulePaths({ view, scope, workspace }: Request): Proposal[] {
  const library = view.host.standardModules().map((name): Proposal => ({ label: `std/${name}`, kind: 'module' }));
  const others = workspace.filter((uri) => uri !== scope.uri && uri.startsWith('file:') === scope.uri.startsWith('file:'));
  const relative = others.map((uri) => relativePath(uri, scope.uri)).map((path): Proposal => ({ label: path.startsWith('.') ? path : `./${path}`, kind: 'module' }));
  return [...library, ...relative];
}
