/** The head of a declaration as one would write it, without its body. */
import type { Declaration, Node } from '../../syntax/ast.ts';
import type { SourceText } from '../../text/source.ts';
import type { MemberNode } from '../targets.ts';

type Text = (node: Node) => string;

/** Source text on one line; a comment keeps its line. */
export const textOf = (source: SourceText): Text => ({ span }) => {
  const text = source.text.slice(span.start, span.end);
  return text.includes('//') ? text : text.replace(/\s+/g, ' ');
};

/** Columns beyond which parameters and fields stand below each other. */
const widest = 80;

function enclose(open: string, items: readonly string[], close: string): string {
  const line = `${open}${items.join(', ')}${close}`;
  return line.length <= widest || items.length < 2 ? line : `${open}\n${items.map((item) => `  ${item},\n`).join('')}${close}`;
}

const version = (node: { readonly version?: { readonly text: string } }): string => (node.version ? ` @ ${node.version.text}` : '');

/** Fields one a line; a record of one line is hard to read. */
const braces = (head: string, lines: readonly string[]): string =>
  lines.length === 0 ? `${head} {}` : `${head} {\n${lines.map((line) => `  ${line}\n`).join('')}}`;

export function declarationHead(declaration: Declaration, source: SourceText): string {
  const text = textOf(source);
  const name = declaration.name.text;
  switch (declaration.kind) {
    case 'SpaceDecl':
      return `space ${name}${version(declaration)}`;
    case 'TokenizerDecl':
      return `tokenizer ${name}${version(declaration)}${declaration.source ? ` from ${text(declaration.source)}` : ''}`;
    case 'LabelsDecl':
      return enclose(`labels ${name} = [`, declaration.values.map(text), ']');
    case 'ContractDecl': {
      const params = declaration.params.length > 0 ? enclose('(', declaration.params.map(text), ')') : '';
      const { body } = declaration;
      if (body.kind === 'TypeExpr') return `contract ${name}${params} = ${text(body)}`;
      return braces(`contract ${name}${params}`, body.fields.map(text));
    }
    case 'BackboneDecl': {
      const ports = declaration.members.filter((m) => m.kind !== 'SourceClause' && m.kind !== 'CardClause');
      const base = declaration.base ? ` = ${declaration.base.text}` : '';
      return braces(`backbone ${name}${version(declaration)}${base}`, ports.map(text));
    }
    case 'PartDecl': {
      const keeps = declaration.keeps.length > 0 ? ` keeps ${declaration.keeps.map(text).join(', ')}` : '';
      const head = `${declaration.role} ${name}${version(declaration)}`;
      const open = declaration.version ? `${head} (` : `${head}(`;
      return `${enclose(open, declaration.params.map(text), ')')} -> ${text(declaration.result)}${keeps}`;
    }
    case 'ModelDecl': {
      const ports = declaration.members.filter((m) => m.kind === 'ModelInput' || m.kind === 'StateMember' || m.kind === 'ModelOutput');
      return braces(`model ${name}`, ports.map((m) => (m.kind === 'ModelOutput' ? `output ${m.name.text}` : text(m))));
    }
    case 'AttributeDecl':
      return enclose(`attribute ${name} { `, declaration.values.map(text), ' }');
    default:
      return text(declaration).split(/\r?\n|\{/, 1)[0]!.trimEnd();
  }
}

const memberWords: Readonly<Record<MemberNode['kind'], string>> = {
  Param: '', RecordField: '', Let: 'let ', ParamStatement: 'param ', ModelInput: 'input ', ModelOutput: 'output ',
  StateMember: 'state ', BackboneInput: 'input ', BackboneOutput: 'output ', TapMember: 'tap ',
};

/** `param w` */
export const memberName = (node: MemberNode): string => `${memberWords[node.kind]}${node.name.text}`;

/** `param w: float[d, out]`; without a type where the text gives none. */
export function memberHead(node: MemberNode, source: SourceText): string {
  const head = memberName(node);
  if (node.kind === 'Let' || node.type === undefined) return head;
  const initial = node.kind === 'Param' && node.default ? ` = ${textOf(source)(node.default)}` : '';
  return `${head}: ${textOf(source)(node.type)}${initial}`;
}
