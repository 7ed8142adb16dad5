/** One layout for each kind of node. */
import type { Doc } from 'prettier';
import { builders } from 'prettier/doc';
import type { Expr, Node, NodeKind, NodeOf, ToolDecl } from '../syntax/ast.ts';
import { quote } from '../syntax/strings.ts';
import type { ChildKey } from '../syntax/visit.ts';
import { braces, filled, list, stacked } from './layout.ts';
import { levelOf } from './parens.ts';

const { group, hardline, indent, join, line } = builders;

/** What a layout needs besides its node. */
export interface Printing<N extends Node> {
  /** Of the source that is formatted; for its empty lines. */
  readonly text: string;
  readonly parent: Node | undefined;
  /** A child in print; "" where the node has none. */
  readonly one: (key: ChildKey<N>) => Doc;
  /** The children of an array in print. */
  readonly all: (key: ChildKey<N>) => Doc[];
  /** Comments in a node that has no child to hold them. */
  readonly loose: () => Doc | undefined;
}
type Layouts = { readonly [K in NodeKind]: (node: NodeOf<K>, p: Printing<NodeOf<K>>) => Doc };

// ---------------------------------------------------------------- rows of operators

type Loose = { readonly loose: () => Doc | undefined };

/** What goes on behind a possible break, with the comments that stand above it. */
function continued(p: Loose, content: Doc): Doc {
  const loose = p.loose();
  return indent([loose === undefined ? '' : [hardline, loose], line, content]);
}

/** Rows of one level break together: only the outermost is a group. */
function row(node: Expr, p: Loose & { readonly parent: Node | undefined }, left: Doc, op: string, right: Doc): Doc {
  const content = [left, continued(p, [op, ' ', right])];
  const { parent } = p;
  const inner =
    (parent?.kind === 'PipeExpr' && parent.value === node && node.kind === 'PipeExpr') ||
    (parent?.kind === 'BinaryExpr' && parent.left === node && levelOf(node) === levelOf(parent));
  return inner ? content : group(content);
}

// ---------------------------------------------------------------- clauses

const version = (node: { readonly version?: unknown }, content: Doc): Doc => (node.version ? [' @ ', content] : '');
const body = (p: Loose, count: number, members: Doc): Doc => {
  const loose = p.loose();
  if (count > 0) return braces(members);
  return loose === undefined ? '{}' : braces(loose);
};

/** The declarations that get empty lines around them. */
const blocks: ReadonlySet<NodeKind> = new Set([
  'PartDecl', 'ModelDecl', 'BackboneDecl', 'FitDecl', 'VerifyDecl', 'RolloutDecl', 'ProbeDecl', 'GoldenDecl',
]);
const isBlock = (node: Node): boolean => blocks.has(node.kind) || (node.kind === 'ContractDecl' && node.body.kind === 'RecordBody');
const apart = (before: Node, after: Node): boolean =>
  (before.kind === 'Import') !== (after.kind === 'Import') || isBlock(before) || isBlock(after);

/**
 * Signature, clauses and body. The clauses stand on the first line where all fit; where not, each has its own line
 * and so has the `{`; a file in place of the body is such a clause. A result's `where` ends with the break before the `{` if no clause follows: see `TypeExpr`.
 */
function part(node: NodeOf<'PartDecl'>, p: Printing<NodeOf<'PartDecl'>>): Doc {
  const signature: Doc = [
    node.role, ' ', p.one('name'), version(node, p.one('version')), node.version ? ' ' : '', list('(', p.all('params'), ')'),
  ];
  const keeps = node.keeps.length > 0 ? continued(p, ['keeps ', join(', ', p.all('keeps'))]) : '';
  const weights = node.weights ? indent([line, p.one('weights')]) : '';
  const source = node.source ? indent([line, p.one('source')]) : '';
  const head: Doc = [signature, ' -> ', p.one('result')];
  if (!hasClauses(node)) return [head, node.result.facts.length > 0 ? '' : ' ', p.one('body')];
  return [group([head, keeps, weights, source, node.body ? line : '']), p.one('body')];
}

const hasClauses = (node: NodeOf<'PartDecl'>): boolean =>
  node.keeps.length > 0 || node.weights !== undefined || node.source !== undefined;

function type(node: NodeOf<'TypeExpr'>, p: Printing<NodeOf<'TypeExpr'>>): Doc {
  if (node.facts.length === 0) return p.one('base');
  const facts = continued(p, ['where ', indent(join([',', line], p.all('facts')))]);
  const violation = node.violation ? indent([line, p.one('violation')]) : '';
  const endsHead = p.parent?.kind === 'PartDecl' && !hasClauses(p.parent);
  return group([p.one('base'), facts, violation, endsHead ? line : '']);
}

/** The type of a port, then what follows it. */
const port = (declared: Doc, rest: Doc): Doc => [': ', group([declared, rest])];
const from = (p: Loose, node: { readonly from?: unknown }, names: Doc): Doc => (node.from ? continued(p, ['from ', names]) : '');

const tool = (word: string, node: ToolDecl, p: Loose & { readonly text: string }, name: Doc, members: Doc[]): Doc => [
  word, ' ', name, ' ', body(p, members.length, stacked(p.text, node.members, members)),
];

function block(node: NodeOf<'Block'>, p: Printing<NodeOf<'Block'>>): Doc {
  return braces(stacked(p.text, [...node.statements, node.result], [...p.all('statements'), p.one('result')]));
}

const reduction = (node: NodeOf<'ReductionFact'>, name: Doc): Doc => {
  const [axis, value, tolerance] = node.written;
  return [name, `(${axis}) == ${value}`, tolerance === undefined ? '' : ` +- ${tolerance}`];
};

// ---------------------------------------------------------------- the table

export const layouts: Layouts = {
  Name: (node) => node.text,
  StringLit: (node) => quote(node.value),
  NumberLit: (node) => node.text,
  QuantityLit: (node) => node.text,
  BoolLit: (node) => String(node.value),
  Version: (node) => node.text,
  VersionRange: (node) => node.text,

  Module: (node, p) => {
    const nodes = [...node.imports, ...node.declarations];
    const members = stacked(p.text, nodes, [...p.all('imports'), ...p.all('declarations')], apart);
    const loose = p.loose();
    return [members, loose ?? '', nodes.length > 0 || loose !== undefined ? hardline : ''];
  },
  Import: (_, p) => ['import ', list('{', p.all('names'), '}', line), ' from ', p.one('from')],
  ImportName: (node, p) => [p.one('name'), node.alias ? [' as ', p.one('alias')] : ''],

  SpaceDecl: (node, p) => [
    'space ', p.one('name'), version(node, p.one('version')),
    node.compatible.length > 0 ? [' compatible ', join(' | ', p.all('compatible'))] : '',
  ],
  TokenizerDecl: (node, p) => [
    'tokenizer ', p.one('name'), version(node, p.one('version')), node.source ? [' from ', p.one('source')] : '',
  ],
  LabelsDecl: (node, p) => ['labels ', p.one('name'), ' = ', filled('[', node.values, p.all('values'), ']')],
  AttributeDecl: (_, p) => ['attribute ', p.one('name'), ' ', list('{', p.all('values'), '}', line)],
  ContractDecl: (node, p) => [
    'contract ', p.one('name'), node.params.length > 0 ? list('(', p.all('params'), ')') : '',
    node.body.kind === 'RecordBody' ? ' ' : ' = ', p.one('body'),
  ],
  RecordBody: (node, p) => body(p, node.fields.length, stacked(p.text, node.fields, p.all('fields'))),
  RecordField: (_, p) => [p.one('name'), ': ', p.one('type')],

  BackboneDecl: (node, p) => [
    'backbone ', p.one('name'), version(node, p.one('version')), node.base ? [' = ', p.one('base')] : '', node.weights ? [' ', p.one('weights')] : '', ' ',
    body(p, node.members.length, stacked(p.text, node.members, p.all('members'))),
  ],
  SourceClause: (_, p) => ['source ', p.one('path')],
  BackboneInput: (node, p) => [
    'input ', p.one('name'), port(p.one('type'), [node.default ? [' = ', p.one('default')] : '', from(p, node, p.one('from'))]),
  ],
  BackboneOutput: (node, p) => ['output ', p.one('name'), port(p.one('type'), from(p, node, p.one('from')))],
  TapMember: (node, p) => ['tap ', p.one('name'), port(p.one('type'), from(p, node, p.one('from')))],
  ReplaceMember: (_, p) => ['replace ', p.one('name'), ' = ', p.one('value')],
  CardClause: (node, p) => {
    const loose = p.loose();
    if (node.entries.length === 0) return ['card ', loose === undefined ? '{}' : braces(loose)];
    return ['card ', group(['{', indent([line, join(line, p.all('entries'))]), line, '}'])];
  },
  CardEntry: (_, p) => [p.one('name'), ' ', p.one('value')],
  NameMap: (_, p) => list('{', p.all('entries'), '}', line),
  NameMapEntry: (node, p) => [join('.', p.all('path')), ': ', p.one('to'), node.transposed ? ' transposed' : ''],

  PartDecl: part,
  Param: (node, p) => [p.one('name'), ': ', p.one('type'), node.default ? [' = ', p.one('default')] : ''],
  KindType: (node) => node.name,
  WeightsClause: (node, p) => [
    'weights ', p.one('path'), node.map ? [' from ', p.one('map')] : '', node.learned ? ' = learned' : '',
  ],
  PartSource: (node, p) => [
    'source ', p.one('path'), node.from ? [' from ', p.one('from')] : '', node.to ? [' to ', p.one('to')] : '',
  ],
  Block: block,
  Let: (_, p) => ['let ', p.one('name'), ' = ', p.one('value')],
  ParamStatement: (node, p) => ['param ', p.one('name'), ': ', p.one('type'), node.init ? [' = ', p.one('init')] : ''],

  ModelDecl: (node, p) => [
    'model ', p.one('name'), ' ', body(p, node.members.length, stacked(p.text, node.members, p.all('members'))),
  ],
  ModelInput: (_, p) => ['input ', p.one('name'), ': ', p.one('type')],
  ModelOutput: (node, p) => ['output ', p.one('name'), node.type ? [': ', p.one('type')] : '', ' = ', p.one('value')],

  StateMember: (_, p) => ['state ', p.one('name'), ': ', p.one('type'), ' = ', p.one('init')],
  NextMember: (_, p) => ['next ', p.one('name'), ' = ', p.one('value')],
  BudgetClause: (node, p) => ['budget ', body(p, node.entries.length, stacked(p.text, node.entries, p.all('entries')))],
  BudgetEntry: (node, p) => [p.one('limit'), node.device ? [' on ', p.one('device')] : ''],
  Comparison: (node, p) => [p.one('left'), ` ${node.op} `, p.one('right')],

  FitDecl: (node, p) => tool('fit', node, p, p.one('name'), p.all('members')),
  VerifyDecl: (node, p) => tool('verify', node, p, p.one('name'), p.all('members')),
  ProbeDecl: (node, p) => tool('probe', node, p, p.one('name'), p.all('members')),
  GoldenDecl: (node, p) => tool('golden', node, p, p.one('name'), p.all('members')),
  DataClause: (node, p) => ['data ', node.name ? [p.one('name'), ' = '] : '', p.one('path')],
  LossClause: (_, p) => ['loss ', p.one('value')],
  MethodClause: (_, p) => ['method ', p.one('value')],
  FreezeClause: (node, p) => group(['freeze ', indent(join([',', line], p.all('layers'))), node.until ? [' until ', p.one('until')] : '']),
  SeedClause: (_, p) => ['seed ', p.one('value')],
  SwapClause: (_, p) => ['swap ', p.one('part'), ' with ', p.one('replacement'), ' in ', p.one('model')],
  RequireClause: (_, p) => ['require ', p.one('condition')],
  ThroughClause: (_, p) => group(['through ', indent(join([',', line], p.all('parts')))]),
  TapsClause: (_, p) => group(['taps ', indent(join([',', line], p.all('taps')))]),
  ToleranceClause: (_, p) => ['tolerance ', p.one('value')],

  RolloutDecl: (node, p) => [
    'rollout ', p.one('name'), ' of ', p.one('model'), ' ', body(p, node.slots.length, stacked(p.text, node.slots, p.all('slots'))),
  ],
  Slot: (node, p) => ['slot ', p.one('name'), ' ', body(p, node.members.length, stacked(p.text, node.members, p.all('members')))],
  ArmClause: (_, p) => ['arm ', p.one('head'), ' ', p.one('share')],
  ShadowClause: (_, p) => ['shadow ', p.one('head')],
  StickyClause: (_, p) => ['sticky by ', p.one('by')],
  FlagClause: (_, p) => ['flag ', p.one('flag'), ' -> ', p.one('head')],
  RollbackClause: (node, p) => [
    'rollback to ', p.one('head'), ' when ', p.one('condition'), node.over ? [' over ', p.one('over')] : '',
  ],

  TypeExpr: type,
  ViolationClause: (node, p) => ['on violation ', node.mode, node.value ? ['(', p.one('value'), ')'] : ''],
  TensorTypeExpr: (_, p) => [p.one('dtype'), list('[', p.all('dims'), ']')],
  ContractRef: (node, p) => [p.one('name'), node.args.length > 0 ? list('(', p.all('args'), ')') : ''],
  MissingType: () => '',
  EllipsisDim: () => '...',
  DimItem: (node, p) => [node.label ? [p.one('label'), ': '] : '', node.some ? 'some ' : '', p.one('size')],
  DimInt: (node) => String(node.value),
  DimName: (_, p) => p.one('name'),
  DimBinary: (node, p) => [p.one('left'), ` ${node.op} `, p.one('right')],
  DimCall: (node, p) => [node.callee, list('(', p.all('args'), ')')],

  RangeFact: (node, p) =>
    node.axis ? ['range ', p.one('axis'), ' ', list('[', p.all('rows'), ']')] : `range [${node.written.join(', ')}]`,
  RangeRow: (node) => `[${node.written.join(', ')}]`,
  ReductionFact: (node, p) => reduction(node, p.one('name')),
  BoundName: (node, p) => [node.negative ? '-' : '', p.one('name')],
  CompareFact: (node, p) => [p.one('left'), ` ${node.op} `, p.one('right')],
  NominalFact: (node, p) => [
    node.nominal, ' ', p.one('name'), node.versions.length > 0 ? ['@', join(' | ', p.all('versions'))] : '',
  ],
  FlagFact: (_, p) => p.one('name'),

  NameExpr: (_, p) => p.one('name'),
  FieldExpr: (_, p) => [p.one('object'), '.', p.one('field')],
  CallExpr: (_, p) => [p.one('callee'), list('(', p.all('args'), ')')],
  PipeExpr: (node, p) => row(node, p, p.one('value'), '|>', p.one('stage')),
  BinaryExpr: (node, p) => row(node, p, p.one('left'), node.op, p.one('right')),
  UnaryExpr: (_, p) => ['-', p.one('operand')],
  ListExpr: (node, p) => {
    const plain = node.items.every((item) => item.kind === 'NumberLit' || item.kind === 'StringLit');
    return plain ? filled('[', node.items, p.all('items'), ']') : list('[', p.all('items'), ']');
  },
  RecordExpr: (_, p) => list('{', p.all('entries'), '}', line),
  RecordEntry: (_, p) => [p.one('name'), ': ', p.one('value')],
  VersionedName: (_, p) => [p.one('name'), '@', join(' | ', p.all('versions'))],
  MissingExpr: () => '',
  Arg: (node, p) => [node.name ? [p.one('name'), ': '] : '', p.one('value')],
};
