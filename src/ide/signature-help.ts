/** What a call takes, while its arguments are written, and which of its parameters the cursor is at. */
import type { ModuleScope, Symbol } from '../names/modules.ts';
import type { Operator } from '../ops/operator.ts';
import { operators } from '../ops/table.ts';
import type { BackboneInput, ContractDecl, Param } from '../syntax/ast.ts';
import { lex } from '../syntax/lex.ts';
import { StringLiteral } from '../syntax/tokens.ts';
import type { Position } from '../text/source.ts';
import type { ParameterHelp, SignatureHelp } from './answers.ts';
import { calleeBefore, endOf, openBrackets, type Token } from './completion/context.ts';
import { textOf } from './hover/heads.ts';
import { operatorText } from './hover/operators.ts';
import { paragraphs } from './hover/types.ts';
import { pointAt, type View } from './view.ts';

/** A signature before its texts are put together; `positional` are those that an argument without a name can be for. */
interface Callee {
  readonly name: string;
  readonly result: string;
  readonly markdown: string;
  readonly parameters: readonly (ParameterHelp & { readonly name: string; readonly positional: boolean })[];
}

/** Undefined where the cursor is not inside of a call's parentheses. Works by tokens, so that it does in unfinished text. */
export function signatureHelp(view: View, uri: string, position: Position): SignatureHelp | undefined {
  const point = pointAt(view, uri, position);
  if (point === undefined) return undefined;
  const { scope, offset } = point;
  const { tokens, comments } = lex(scope.source);
  if (comments.some(({ span }) => span.start < offset && offset <= span.end)) return undefined;
  const declaration = scope.ast.declarations.findLast(({ span }) => span.start < offset);
  const before = tokens.filter((token) => token.startOffset >= (declaration?.span.start ?? Infinity) && (endOf(token) <= offset || (token.tokenType === StringLiteral && token.startOffset < offset)));
  const open = openBrackets(before).findLast((i) => before[i]!.image === '(' && isCall(before, i));
  if (open === undefined) return undefined;
  const callee = calleeOf(calleeBefore(before, open), scope);
  return callee && helpOf(callee, activeIn(callee.parameters, before, open));
}

/** The words behind which a name and its parentheses declare something, and call nothing. */
const declaring: ReadonlySet<string> = new Set(['part', 'adapter', 'head', 'contract']);

function isCall(tokens: readonly Token[], open: number): boolean {
  const name = tokens[open - 1]?.image ?? '';
  return /^[A-Za-z_]\w*$/.test(name) && !declaring.has(tokens[open - 2]?.image ?? '');
}

// ---------------------------------------------------------------- what is called

function calleeOf(words: readonly string[], { names }: ModuleScope): Callee | undefined {
  const [first, second] = words;
  if (first === 'onnx' && second !== undefined) {
    const operator = operators.get(second);
    return operator && ofOperator(operator);
  }
  const symbol = words.length === 1 ? names.get(first!) : undefined;
  return symbol && ofSymbol(symbol);
}

function ofSymbol({ name, declaration, module: { source } }: Symbol): Callee | undefined {
  const text = textOf(source);
  const parameter = (node: Param | BackboneInput | ContractDecl['params'][number], positional: boolean) => ({
    name: node.name.text, label: text(node).replace(/^input /, ''), markdown: node.doc ?? '', positional,
  });
  const markdown = declaration.doc ?? '';
  switch (declaration.kind) {
    case 'PartDecl':
      return { name, result: ` -> ${text(declaration.result)}`, markdown, parameters: declaration.params.map((param) => parameter(param, param.type.kind === 'TypeExpr')) };
    case 'BackboneDecl':
      return { name, result: '', markdown, parameters: declaration.members.flatMap((member) => (member.kind === 'BackboneInput' ? [parameter(member, true)] : [])) };
    case 'ContractDecl':
      return { name, result: '', markdown, parameters: declaration.params.map((param) => parameter(param, false)) };
    default:
      return undefined;
  }
}

function ofOperator(operator: Operator): Callee {
  const { name, inputs, attributes, optional = 0 } = operator;
  return {
    name: `onnx.${name}`,
    result: '',
    markdown: paragraphs(...operatorText(operator).split('\n\n').slice(1)),
    parameters: [
      ...inputs.map((input, i) => ({ name: input, label: i < inputs.length - optional ? input : `${input}?`, markdown: '', positional: true })),
      ...Object.entries(attributes).map(([attribute, { type }]) => ({ name: attribute, label: `${attribute}: ${type}`, markdown: '', positional: false })),
    ],
  };
}

// ---------------------------------------------------------------- where the cursor is

/** By the name that stands before the value, else by place: what a pipe passes is the first. */
function activeIn(parameters: Callee['parameters'], before: readonly Token[], open: number): number | undefined {
  const inside = before.slice(open + 1);
  const commas = inside.flatMap((token, i) => (token.image === ',' && openBrackets(inside.slice(0, i)).length === 0 ? [i] : []));
  const args = [...commas, inside.length].map((end, i) => inside.slice(i === 0 ? 0 : commas[i - 1]! + 1, end));
  const isNamed = (arg: readonly Token[]): boolean => arg[1]?.image === ':';
  const last = args.at(-1)!;
  const places = parameters.flatMap(({ positional }, i) => (positional ? [i] : []));
  if (isNamed(last)) {
    const named = parameters.findIndex(({ name }) => name === last[0]!.image);
    return named < 0 ? undefined : named;
  }
  const given = args.slice(0, -1).filter((arg) => arg.length > 0 && !isNamed(arg)).length + (isPiped(before, open) ? 1 : 0);
  const names = new Set(args.filter(isNamed).map(([name]) => name!.image));
  return places[given] ?? indexOrNone(parameters.findIndex(({ name, positional }) => !positional && !names.has(name)));
}

const indexOrNone = (index: number): number | undefined => (index < 0 ? undefined : index);

function isPiped(before: readonly Token[], open: number): boolean {
  const start = before[open - 2]?.image === '.' ? open - 4 : open - 2;
  return before[start]?.image === '|>';
}

function helpOf({ name, result, markdown, parameters }: Callee, active: number | undefined): SignatureHelp {
  const label = `${name}(${parameters.map((parameter) => parameter.label).join(', ')})${result}`;
  return { label, markdown, parameters: parameters.map((parameter) => ({ label: parameter.label, markdown: parameter.markdown })), active };
}
