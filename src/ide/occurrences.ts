/** Every word of a module that stands for something, and what it stands for. All features by name rest on this list. */
import { isKind } from '../check/types/declarations.ts';
import type { Host } from '../host/host.ts';
import type { ModuleScope, Symbol } from '../names/modules.ts';
import { resolvePath } from '../names/paths.ts';
import { resolveSpecifier } from '../names/specifiers.ts';
import { operators } from '../ops/table.ts';
import type { BackboneDecl, ContractRef, Declaration, Import, Name, NameMap, Node, NodeKind, NodeOf, SourceClause, StringLit } from '../syntax/ast.ts';
import { visit } from '../syntax/visit.ts';
import { contains, type Span } from '../text/source.ts';
import { bodyScope, calleeOf, fieldsOf, fieldsOfType, parametersOf, type BodyScope } from './scope.ts';
import type { Occurrence, Target } from './targets.ts';
import { parameterPath } from './weight-paths.ts';

/** All occurrences of a module, in the order of its tree. */
export function occurrencesIn(module: ModuleScope, host: Host): Occurrence[] {
  const found: Occurrence[] = [];
  for (const item of module.ast.imports) importOccurrences(item, module, host, found);
  for (const declaration of module.ast.declarations) {
    const walk = createWalk(symbolOf(declaration, module), host, found);
    walk.add(declaration.name.span, { kind: 'declaration', symbol: walk.scope.owner }, true);
    visit(declaration, { enter: (node) => enter(node, walk) });
  }
  return found;
}

/** The occurrence at an offset; where two touch there, the one that begins there. */
export function occurrenceAt(module: ModuleScope, offset: number, host: Host): Occurrence | undefined {
  const touching = occurrencesIn(module, host).filter(({ span }) => contains(span, offset));
  return touching.find(({ span }) => span.start === offset) ?? touching[0];
}

/** A declaration of a name that was taken has no symbol of its own in the module. */
export function symbolOf(declaration: Declaration, module: ModuleScope): Symbol {
  const symbol = module.names.get(declaration.name.text);
  return symbol?.declaration === declaration ? symbol : { name: declaration.name.text, declaration, module };
}

function importOccurrences(item: Import, module: ModuleScope, host: Host, found: Occurrence[]): void {
  const uri = resolveSpecifier(item.from.value, module.uri, host);
  if (uri !== undefined) found.push({ span: item.from.span, target: { kind: 'module', uri }, declares: false });
  for (const { name, alias } of item.names) {
    const symbol = module.names.get((alias ?? name).text);
    if (symbol === undefined || symbol.module === module) continue;
    for (const { span } of alias ? [name, alias] : [name]) {
      found.push({ span, target: { kind: 'declaration', symbol }, declares: false });
    }
  }
}

// ---------------------------------------------------------------- one declaration

interface Walk {
  readonly scope: BodyScope;
  readonly host: Host;
  /** The first place of each size that nobody declares. */
  readonly sizes: Map<string, Name>;
  readonly add: (span: Span, target: Target | undefined, declares?: boolean) => void;
}

function createWalk(owner: Symbol, host: Host, found: Occurrence[]): Walk {
  return {
    scope: bodyScope(owner),
    host,
    sizes: new Map(),
    add: (span, target, declares = false) => {
      // What the parser made up has no text.
      if (target !== undefined && span.end > span.start) found.push({ span, target, declares });
    },
  };
}

/** `false` where the children are done. */
type Enter<K extends NodeKind> = (node: NodeOf<K>, walk: Walk) => boolean | void;

const declareMember = (node: NodeOf<'Param' | 'Let' | 'ParamStatement' | 'ModelInput' | 'StateMember' | 'ModelOutput' | 'RecordField'>, { add, scope }: Walk): void =>
  add(node.name.span, { kind: 'member', node, owner: scope.owner }, true);

const factWord = (name: Name, { add }: Walk): void => add(name.span, { kind: 'word', of: 'fact', word: name.text });

/** What is to be noted of each kind of node. */
const handlers: { readonly [K in NodeKind]?: Enter<K> } = {
  Param: declareMember,
  Let: declareMember,
  ParamStatement: declareMember,
  ModelInput: declareMember,
  ModelOutput: declareMember,
  RecordField: declareMember,
  BackboneInput: (node, walk) => {
    walk.add(node.name.span, { kind: 'member', node, owner: walk.scope.owner }, true);
    if (node.from?.kind === 'StringLit') walk.add(node.from.span, fileTensor(node.from.value, walk));
    if (node.from?.kind === 'NameMap') mapOccurrences(node.from, node, walk);
  },
  BackboneOutput: (node, walk) => {
    walk.add(node.name.span, { kind: 'member', node, owner: walk.scope.owner }, true);
    if (node.from !== undefined) walk.add(node.from.span, fileTensor(node.from.value, walk));
  },
  TapMember: (node, walk) => {
    walk.add(node.name.span, { kind: 'member', node, owner: walk.scope.owner }, true);
    if (node.from !== undefined) walk.add(node.from.span, fileTensor(node.from.value, walk));
  },
  ReplaceMember: ({ name }, walk) => walk.add(name.span, walk.scope.locals.get(name.text)),
  BackboneDecl: ({ base }, walk) => base && walk.add(base.span, moduleName(base, walk)),
  StateMember: declareMember,
  NextMember: ({ name }, walk) => {
    const state = walk.scope.locals.get(name.text);
    walk.add(name.span, state?.node.kind === 'StateMember' ? state : undefined);
  },
  PartSource: ({ path, from, to }, walk) => {
    walk.add(path.span, foreignFile(path, 'backbone', walk));
    for (const names of [from, to]) {
      if (names?.kind === 'StringLit') walk.add(names.span, fileTensor(names.value, walk));
      else for (const entry of names?.entries ?? []) walk.add(entry.to.span, fileTensor(entry.to.value, walk));
    }
  },
  SourceClause: ({ path }, walk) => walk.add(path.span, foreignFile(path, 'backbone', walk)),
  TokenizerDecl: ({ source }, walk) => source && walk.add(source.span, foreignFile(source, 'tokenizer', walk)),
  WeightsClause: ({ path, map }, walk) => {
    walk.add(path.span, foreignFile(path, 'weights', walk));
    for (const entry of map?.entries ?? []) {
      parameterPath(entry.path, walk.scope.owner).forEach((target, i) => walk.add(entry.path[i]!.span, target));
    }
  },
  PartDecl: ({ keeps }, walk) => keeps.forEach((name) => walk.add(name.span, attributeNamed(name, walk) ?? { kind: 'word', of: 'fact', word: name.text })),
  KindType: ({ span, name }, { add }) => add(span, { kind: 'word', of: 'kind', word: name }),
  TensorTypeExpr: ({ dtype }, { add }) => add(dtype.span, { kind: 'word', of: 'dtype', word: dtype.text }),
  ContractRef: contractOccurrences,
  DimName: ({ name }, walk) => walk.add(name.span, typeName(name, walk)),
  RangeFact: ({ span }, { add }) => add({ start: span.start, end: span.start + 'range'.length }, { kind: 'word', of: 'fact', word: 'range' }),
  ReductionFact: ({ name }, walk) => factWord(name, walk),
  FlagFact: ({ name }, walk) => factWord(name, walk),
  CompareFact: ({ left, right }, walk) => {
    const attribute = attributeNamed(left, walk);
    walk.add(left.span, attribute ?? typeName(left, walk));
    if (attribute === undefined && right.kind === 'Name') walk.add(right.span, typeName(right, walk));
  },
  NominalFact: ({ span, nominal, name }, walk) => {
    walk.add({ start: span.start, end: span.start + nominal.length }, { kind: 'word', of: 'fact', word: nominal });
    walk.add(name.span, parameterOrSymbol(name, walk));
  },
  NameExpr: ({ name }, walk) => {
    const local = walk.scope.locals.get(name.text);
    walk.add(name.span, local ?? moduleName(name, walk) ?? knownSize(name, walk));
  },
  FieldExpr: ({ object, field }, walk) => {
    const operator = object.kind === 'NameExpr' && object.name.text === 'onnx' ? operators.get(field.text) : undefined;
    walk.add(field.span, operator ? { kind: 'operator', operator } : fieldsOf(object, walk.scope)?.get(field.text));
  },
  CallExpr: ({ callee, args }, walk) => {
    for (const { name } of args) if (name !== undefined) walk.add(name.span, argumentName(name, callee, walk));
  },
};

function enter(node: Node, walk: Walk): boolean | void {
  const handler = handlers[node.kind] as Enter<NodeKind> | undefined;
  return handler?.(node, walk);
}

// ---------------------------------------------------------------- names

function moduleName(name: Name, { scope }: Walk): Target | undefined {
  const symbol = scope.module.names.get(name.text);
  return symbol && { kind: 'declaration', symbol };
}

function attributeNamed(name: Name, walk: Walk): Target | undefined {
  const target = moduleName(name, walk);
  return target?.kind === 'declaration' && isKind(target.symbol, 'AttributeDecl') ? target : undefined;
}

const knownSize = ({ text }: Name, { sizes, scope }: Walk): Target | undefined => {
  const first = sizes.get(text);
  return first && { kind: 'size', name: first, owner: scope.owner };
};

/** A compile-time parameter, or what the module calls so. */
function parameterOrSymbol(name: Name, walk: Walk): Target | undefined {
  const local = walk.scope.locals.get(name.text);
  const parameter = local?.node.kind === 'Param' && local.node.type.kind === 'KindType' ? local : undefined;
  return parameter ?? moduleName(name, walk);
}

/** A name in a type: tensors are none of them, and what nobody declares is a size. */
function typeName(name: Name, walk: Walk): Target | undefined {
  if (name.text === '') return undefined;
  const known = parameterOrSymbol(name, walk);
  const isSize = known?.kind === 'declaration' && !isKind(known.symbol, 'LabelsDecl', 'SpaceDecl', 'TokenizerDecl');
  if (known !== undefined && !isSize) return known;
  if (!walk.sizes.has(name.text)) walk.sizes.set(name.text, name);
  return knownSize(name, walk);
}

function argumentName(name: Name, callee: Node, { scope }: Walk): Target | undefined {
  if (callee.kind === 'FieldExpr' && callee.object.kind === 'NameExpr' && callee.object.name.text === 'onnx') {
    const operator = operators.get(callee.field.text);
    return operator && { kind: 'attribute', operator, name: name.text };
  }
  const symbol = callee.kind === 'NameExpr' ? calleeOf(callee, scope) : undefined;
  return symbol && parametersOf(symbol).get(name.text);
}

/** `Tokens(by: bert, batch: texts)`: parameters, and sizes of the contract that are renamed. */
function contractOccurrences(ref: ContractRef, walk: Walk): false {
  const symbol = walk.scope.module.names.get(ref.name.text);
  walk.add(ref.name.span, moduleName(ref.name, walk));
  for (const { name, value } of ref.args) {
    if (name !== undefined && isKind(symbol, 'ContractDecl')) {
      walk.add(name.span, parametersOf(symbol).get(name.text) ?? sizeOf(symbol, name.text));
    }
    if (value.kind === 'NameExpr') walk.add(value.span, typeName(value.name, walk));
  }
  return false;
}

/** A size of a contract by its first place in it. */
function sizeOf(contract: Symbol, text: string): Target | undefined {
  let first: Name | undefined;
  visit(contract.declaration, {
    enter: (node) => {
      if (node.kind === 'DimName' && node.name.text === text) first ??= node.name;
    },
  });
  return first && { kind: 'size', name: first, owner: contract };
}

// ---------------------------------------------------------------- files

function foreignFile(path: StringLit, role: 'backbone' | 'tokenizer' | 'weights', { scope }: Walk): Target | undefined {
  const uri = path.value === '' ? undefined : resolvePath(path.value, scope.module.uri);
  return uri === undefined ? undefined : { kind: 'file', uri, role };
}

/** The file of a backbone; one that is made of another has none of its own. */
const sourceOf = ({ declaration }: Symbol<BackboneDecl>): SourceClause | undefined => declaration.members.find((m) => m.kind === 'SourceClause');

function fileTensor(name: string, walk: Walk): Target | undefined {
  const { owner } = walk.scope;
  const path = isKind(owner, 'PartDecl') ? owner.declaration.source?.path : isKind(owner, 'BackboneDecl') ? sourceOf(owner)?.path : undefined;
  const file = path && foreignFile(path, 'backbone', walk);
  return file?.kind === 'file' ? { kind: 'file-tensor', uri: file.uri, name } : undefined;
}

/** `from { ids: "input_ids" }`: fields of the input, and tensors of the file. */
function mapOccurrences(map: NameMap, input: NodeOf<'BackboneInput'>, walk: Walk): void {
  const fields = fieldsOfType(input.type, walk.scope.module);
  for (const { path, to } of map.entries) {
    if (path.length === 1) walk.add(path[0]!.span, fields?.get(path[0]!.text));
    walk.add(to.span, fileTensor(to.value, walk));
  }
}
