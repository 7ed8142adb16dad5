/** A name that is used above the line that declares it: where that is, and, of a `let`, the line moved up. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import type { Diagnostic, Edit, Fix } from '../../diagnostics/diagnostic.ts';
import type { Block, Let, ModelMember, NameExpr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { wholeLines } from '../../text/lines.ts';
import { at, positionAt, type Span } from '../../text/source.ts';
import type { Env } from '../env.ts';

type Member = Block['statements'][number] | ModelMember;

/** The statements of a body, in their order. */
export function membersOf({ symbol: { declaration } }: Env): readonly Member[] {
  if (declaration.kind === 'ModelDecl') return declaration.members;
  return declaration.kind === 'PartDecl' ? (declaration.body?.statements ?? []) : [];
}

/** An output is what a model gives, and no value of it: a `let` in its place is. Undefined where no output has the name. */
export function namedOutput({ name, span }: NameExpr, env: Env): Diagnostic | undefined {
  const output = membersOf(env).find((member) => member.kind === 'ModelOutput' && member.name.text === name.text);
  if (output?.kind !== 'ModelOutput') return undefined;
  const { module } = env.scope;
  const above = output.span.end <= span.start && output.type === undefined && output.doc === undefined;
  const lines = above ? wholeLines(module.source.text, output.span) : undefined;
  const text = lines && module.source.text.slice(lines.start, lines.end);
  const indent = /^[ \t]*/.exec(text ?? '')![0];
  const value = module.source.text.slice(output.value.span.start, output.value.span.end);
  return nameCodes.report('unknown-name', { name: name.text, what: 'value' }, at(module, span), {
    label: 'an output, not a value',
    related: [{ location: at(module, output.name.span), text: 'this output' }],
    notes: ['Several outputs can be made of one value that has a name: `let e = …`, `output embedding = e`.'],
    fixes: lines === undefined ? [] : [{ title: `give the value of the output a \`let\``, edits: [{ location: at(module, lines), text: `${indent}let ${name.text} = ${value}\n${indent}output ${name.text} = ${name.text}\n` }] }],
  });
}

/** Undefined where nothing below declares the name as a value. */
export function declaredBelow({ name, span }: NameExpr, env: Env): Diagnostic | undefined {
  const members = membersOf(env);
  const declaring = members.find((member): member is Valued => isValue(member) && member.name.text === name.text && member.span.end >= span.end);
  if (declaring === undefined) return undefined;
  const user = members.find((member) => member.span.start <= span.start && span.end <= member.span.end);
  const { module } = env.scope;
  const line = positionAt(module.source, declaring.name.span.start).line + 1;
  // `let x = x + 1` is below itself.
  const itself = declaring === user;
  return nameCodes.report('unknown-name', { name: name.text, what: 'value' }, at(module, span), {
    label: itself ? 'it is being declared' : `declared below, on line ${line}`,
    related: itself ? [] : [{ location: at(module, declaring.name.span), text: 'declared here' }],
    notes: [itself ? 'A value cannot be made of itself; what a model keeps from run to run is a `state`.' : 'A value is declared above what uses it.'],
    fixes: !itself && declaring.kind === 'Let' && user !== undefined ? moveFix(declaring, user, env) : [],
  });
}

type Valued = Extract<Member, { kind: 'Let' | 'ParamStatement' | 'ModelInput' | 'StateMember' }>;
const isValue = (member: Member): member is Valued =>
  member.kind === 'Let' || member.kind === 'ParamStatement' || member.kind === 'ModelInput' || member.kind === 'StateMember';

/** Where all that the `let` is made of is known above, and it stands on lines of its own, without a comment that would stay behind. */
function moveFix(declaring: Let, user: Member, env: Env): Fix[] {
  const { source } = env.scope.module;
  let known = true;
  visit(declaring.value, {
    enter: (node) => {
      if (node.kind === 'NameExpr' && membersOf(env).some((member) => isValue(member) && member.name.text === node.name.text && member.span.start >= user.span.start)) known = false;
    },
  });
  const [from, to] = [wholeLines(source.text, declaring.span), wholeLines(source.text, user.span)];
  if (!known || from === undefined || to === undefined || declaring.doc !== undefined || ('doc' in user && user.doc !== undefined)) return [];
  const edit = (span: Span, text: string): Edit => ({ location: at(env.scope.module, span), text });
  const moved = source.text.slice(from.start, from.end);
  return [{ title: `move \`let ${declaring.name.text}\` above it`, edits: [edit({ start: to.start, end: to.start }, moved), edit(from, '')] }];
}
