/** Inputs, outputs and states of element types that ONNX Runtime's JavaScript interface does not carry: such a model is built, and no app can run it. */
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Edit, Fix, Place } from '../../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { Expr, ModelDecl, ModelInput, ModelMember, ModelOutput, NameExpr, StateMember, TypeExpr } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';
import { carrierOf, endsOfNarrow, isCarried, type CarriedDType, type DType } from '../../types/dtype.ts';
import type { Type } from '../../types/type.ts';
import { factEdit, replaceAt, writtenAt } from '../edits.ts';
import type { Env } from '../env.ts';
import type { CheckedPort, CheckedState } from '../model.ts';

type Port = ModelInput | ModelOutput | StateMember;

interface Carriage {
  readonly from: DType;
  readonly to: CarriedDType;
}

const words = { ModelInput: 'input', ModelOutput: 'output', StateMember: 'state' } as const;

/** Other runtimes do carry them, so it is a warning. */
export function reportUncarried(ports: { readonly inputs: readonly CheckedPort[]; readonly outputs: readonly CheckedPort[]; readonly states: readonly CheckedState[] }, env: Env): void {
  const { members } = env.symbol.declaration as ModelDecl;
  const checked = { ModelInput: ports.inputs, ModelOutput: ports.outputs, StateMember: ports.states };
  for (const member of members) {
    if (member.kind !== 'ModelInput' && member.kind !== 'ModelOutput' && member.kind !== 'StateMember') continue;
    const type = checked[member.kind].find(({ name }) => name === member.name.text)?.type;
    for (const [name, dtype] of type === undefined ? [] : uncarried(member.name.text, type)) reportPort(member, name, dtype, env);
  }
}

function reportPort(member: Port, name: string, dtype: DType, env: Env): void {
  const { module } = env.scope;
  const what = words[member.kind];
  const place = member.kind === 'ModelOutput' ? (member.type ?? member.value) : member.type;
  env.report(
    partCodes.report('dtype-not-carried', { what, name, dtype }, at(module, place.span), {
      label: { input: 'no app can give it', output: 'no app can read it', state: 'no stream can keep it' }[what],
      ...carriedPlace(member, dtype, env, name),
    }),
  );
}

/** What to write in the place of a port of such an element type: told, and offered where it is all of the port. */
export function carriedPlace(member: Port, dtype: DType, env: Env, name: string = member.name.text): Pick<Place, 'notes' | 'fixes'> {
  const to = carrierOf(dtype);
  if (to === undefined) return { notes: [`Nothing is cast to ${dtype}. Real and imaginary parts can be two numbers of an axis, as in \`f32[n, 2]\`.`] };
  return { notes: [remedies[words[member.kind]](name, { from: dtype, to })], fixes: name === member.name.text ? carriedFix(member, { from: dtype, to }, env) : [] };
}

const remedies: Readonly<Record<'input' | 'output' | 'state', (name: string, carriage: Carriage) => string>> = {
  input: (name, { from, to }) => `Take it as ${carrierIn(from, to)}, and cast it where it is read: \`onnx.Cast(${name}, to: ${from})\`. Inside of a model every element type can stand.`,
  output: (_name, { to }) => `Give it as ${to}, \`onnx.Cast(VALUE, to: ${to})\`. Inside of a model every element type can stand.`,
  state: (name, { from, to }) => `Keep it as ${carrierIn(from, to)}: \`onnx.Cast(${name}, to: ${from})\` where it is read, and \`next ${name} = onnx.Cast(VALUE, to: ${to})\`.`,
};

/** The wider numbers have to be said to fit the narrow ones. */
const carrierIn = (from: DType, to: CarriedDType): string => (endsOfNarrow(from) === undefined ? to : `${to} \`where ${rangeOf(from)!}\``);

const rangeOf = (dtype: DType): string | undefined => {
  const ends = endsOfNarrow(dtype);
  return ends && `range [${ends.join(', ')}]`;
};

/** The tensors of a port that are not carried, as `x` or `tokens.ids`. */
function uncarried(name: string, type: Type): readonly (readonly [name: string, dtype: DType])[] {
  const tensors = type.kind === 'tensor' ? [[name, type.dtype] as const] : type.kind === 'record' ? [...type.fields].map(([field, { dtype }]) => [`${name}.${field}`, dtype] as const) : [];
  return tensors.flatMap(([of, dtype]) => (typeof dtype !== 'string' || isCarried(dtype) ? [] : [[of, dtype] as const]));
}

/** Another type at the end, and a cast wherever the value passes; none where a contract says the type, which others may use. */
function carriedFix(member: Port, { from, to }: Carriage, { scope: { module }, symbol }: Env): Fix[] {
  const type = member.type === undefined ? [] : typeEdits(member.type, member.kind === 'ModelOutput' ? undefined : rangeOf(from), { from, to }, module);
  if (type === undefined) return [];
  const name = member.name.text;
  if (member.kind === 'ModelOutput') return [{ title: `give ${to}`, edits: [...type, replaceAt(member.value.span, cast(writtenAt(member.value, module), to), module)] }];
  const { members } = symbol.declaration as ModelDecl;
  const passes = members.flatMap((other): Edit[] =>
    other.kind === 'NextMember' && other.name.text === name && member.kind === 'StateMember'
      ? nextEdits(other.value, name, { from, to }, module)
      : readsOf(name, other).map(({ span }) => replaceAt(span, cast(name, from), module)),
  );
  return [{ title: `${member.kind === 'ModelInput' ? 'take' : 'keep'} ${to}, and cast it`, edits: [...type, ...passes] }];
}

const cast = (value: string, to: DType): string => `onnx.Cast(${value}, to: ${to})`;

function typeEdits(type: TypeExpr, range: string | undefined, { from, to }: Carriage, module: ModuleScope): Edit[] | undefined {
  const { base, facts } = type;
  if (base.kind !== 'TensorTypeExpr' || base.dtype.text !== from) return undefined;
  const bound = range === undefined || facts.some(({ kind }) => kind === 'RangeFact') ? undefined : factEdit(range, type, module);
  return [replaceAt(base.dtype.span, to, module), ...(bound === undefined ? [] : [bound])];
}

/** What a state becomes, cast as a whole, and the state in it as it was; a state that stays needs neither. */
function nextEdits(value: Expr, name: string, { from, to }: Carriage, module: ModuleScope): Edit[] {
  if (value.kind === 'NameExpr' && value.name.text === name) return [];
  const text = readsOf(name, value).toReversed().reduce((written, { span }) => {
    const [start, end] = [span.start - value.span.start, span.end - value.span.start];
    return written.slice(0, start) + cast(name, from) + written.slice(end);
  }, writtenAt(value, module));
  return [replaceAt(value.span, cast(text, to), module)];
}

/** Where a value of this name is read, in the order of the text. */
function readsOf(name: string, node: ModelMember | Expr): readonly NameExpr[] {
  const reads: NameExpr[] = [];
  visit(node, { enter: (inner) => void (inner.kind === 'NameExpr' && inner.name.text === name && reads.push(inner)) });
  return reads;
}
