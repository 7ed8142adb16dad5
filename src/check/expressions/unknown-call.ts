/** Calls of what there is not: an operator or a part of no such name, and what is called as methods, modules and layers are elsewhere. */
import { nameCodes } from '../../diagnostics/codes/names.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { operatorsWithRules } from '../../ops/foreign/table.ts';
import { operators } from '../../ops/table.ts';
import type { Expr, Name } from '../../syntax/ast.ts';
import { suggest } from '../../text/suggest.ts';
import { at, type Location } from '../../text/source.ts';
import type { Env } from '../env.ts';
import { text } from '../source-text.ts';
import { isKind, unknownName } from '../types/declarations.ts';
import type { Argument } from './call.ts';
import { isStatic } from './values.ts';

/** `onnx.Softmx(x)` */
export function reportUnknownOperator(name: Name, args: readonly Argument[], env: Env): void {
  const location = at(env.scope.module, name.span);
  if (operatorsWithRules.includes(name.text)) {
    const instead = Object.hasOwn(insteadOf, name.text) ? `Here it is ${insteadOf[name.text]}.` : 'A network that has it is a part of its own, with the ONNX file as its `source`.';
    env.report(partCodes.report('unknown-operator', { name: name.text }, location, { label: 'ONNX has it, but a body cannot call it', notes: [instead] }));
    return;
  }
  const near = meantOperator(name.text);
  env.report(
    partCodes.report('unknown-operator', { name: name.text }, location, {
      label: near ? `did you mean \`${near}\`?` : 'unknown',
      notes: near ? [] : [`The operators of a body are ${[...operators.keys()].join(', ')}.`],
      // With arguments that it does not take it would be wrong again.
      fixes: near && takesNames(near, args) ? [{ title: `write \`onnx.${near}\``, edits: [{ location, text: near }] }] : [],
    }),
  );
}

function takesNames(operator: string, args: readonly Argument[]): boolean {
  const { inputs, attributes } = operators.get(operator)!;
  return args.every(({ name }) => name === undefined || inputs.includes(name.text) || Object.hasOwn(attributes, name.text));
}

/** What operators of ONNX that a body cannot call are written as. */
const insteadOf: Readonly<Record<string, string>> = {
  Sum: '`a + b`',
  Mean: '`(a + b) / 2`',
  ArgMin: '`onnx.ArgMax(-x, …)`',
  Xor: '`onnx.Not(onnx.Equal(a, b))`',
  Round: '`onnx.Floor(x + 0.5)`, but for halves, which ONNX rounds to even numbers',
  Elu: '`onnx.Where(onnx.Greater(x, 0), x, onnx.Exp(x) - 1)`',
  PRelu: '`onnx.Where(onnx.Greater(x, 0), x, x * slope)`',
  ReduceSumSquare: '`onnx.ReduceSum(x * x, …)`',
  ReduceLogSum: '`onnx.Log(onnx.ReduceSum(x, …))`',
  ReduceProd: '`onnx.Exp(onnx.ReduceSum(onnx.Log(x), …))` of what is above 0',
  BatchNormalization: '`scale_shift` of std/nn: a trained one is a factor and a summand for each channel',
};

/** What others call an operator of ONNX. */
const otherNames: Readonly<Record<string, string>> = {
  average: 'ReduceMean', norm: 'ReduceL2', normalize: 'LpNormalization', l2normalize: 'LpNormalization', silu: 'Swish', dot: 'MatMul', bmm: 'MatMul', mm: 'MatMul',
  linear: 'Gemm', permute: 'Transpose', view: 'Reshape', cat: 'Concat', concatenate: 'Concat', clamp: 'Clip', multiply: 'Mul', divide: 'Div', subtract: 'Sub',
  negative: 'Neg', power: 'Pow', maximum: 'Max', minimum: 'Min', embedding: 'Gather', broadcast: 'Expand', repeat: 'Tile', crop: 'Slice',
};

/** The operator of a name in another case, as a reduction, or as others call it. */
function namedOperator(name: string): string | undefined {
  const plain = name.replace(/_/g, '').toLowerCase();
  const named = (wanted: string): string | undefined => [...operators.keys()].find((operator) => operator.toLowerCase() === wanted);
  return named(plain) ?? named(`reduce${plain}`) ?? named(`${plain}alization`) ?? (Object.hasOwn(otherNames, plain) ? otherNames[plain] : undefined);
}

const meantOperator = (name: string): string | undefined => namedOperator(name) ?? suggest(name, operators.keys());

/** How what other languages call otherwise is called here: methods, members of modules, layers made by a call. */
export function notByName(callee: Expr, env: Env): readonly string[] {
  if (callee.kind === 'CallExpr') return ['Parts are no values, and no call makes one. They are put behind each other by pipes: `x |> linear(out: 16) |> relu`.'];
  if (callee.kind !== 'FieldExpr') return [];
  const { object, field: { text: name } } = callee;
  const ofValue = object.kind !== 'NameExpr' || env.locals.has(object.name.text);
  return [ofValue
    ? `A value has no methods; it is given to a part: \`${name}(${text(object, env)})\`, or \`${text(object, env)} |> ${name}\`.`
    : `Parts are imported by their names, \`import { ${name} } from "…"\`, and called by them, \`${name}(…)\`; operators of ONNX are called as \`onnx.Relu(x)\`.`];
}

/** `relu(x)` where nothing has that name: a part of another one, or the operator that is meant. */
export function unknownCallee(name: string, args: readonly Argument[], env: Env, location: Location): Diagnostic {
  const inScope = [...env.scope.module.names].filter(([, s]) => isKind(s, 'PartDecl', 'BackboneDecl')).map(([n]) => n);
  const operator = namedOperator(name);
  // Of numbers and sizes alone an operator makes nothing.
  const takesTensors = args.length === 0 || !args.every(({ value }) => isStatic(value));
  if (operator !== undefined && !inScope.some((n) => n.toLowerCase() === name.toLowerCase())) {
    return nameCodes.report('unknown-name', { name, what: 'part' }, location, {
      label: `ONNX's operator is \`onnx.${operator}\`${takesTensors ? '' : ', and takes tensors'}`,
      fixes: !takesTensors ? [] : [{ title: `write \`onnx.${operator}\``, edits: [{ location, text: `onnx.${operator}` }] }],
    });
  }
  return unknownName(name, 'part', inScope, location);
}
