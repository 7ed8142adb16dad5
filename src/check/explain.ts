/** How it is known what a model's output, a part's result or a backbone's output is: the steps, in the order in which they follow. */
import { kindName, type ModuleScope, type Symbol } from '../names/modules.ts';
import type { Evidence, Fact } from '../types/fact.ts';
import type { BackboneDecl, Expr, ModelDecl, PartDecl } from '../syntax/ast.ts';
import { at, type Location } from '../text/source.ts';
import { givenAndAlone } from '../ir/infer/facts.ts';
import { cutModel } from '../ir/infer/cut.ts';
import type { InferredTensor } from '../ir/infer/index.ts';
import { divDim } from '../types/dim-atoms.ts';
import { intDim, multipleOf, substituteDim, subtractDims, type Dim } from '../types/dim.ts';
import { infix } from '../ops/table.ts';
import { isQuotient } from './expressions/size-quotient.ts';
import type { TensorType, Type } from '../types/type.ts';
import { evaluateModel, modelEnv } from './models/check-model.ts';
import type { Checker } from './context.ts';
import { isKind } from './types/declarations.ts';
import type { TraceNode } from './env.ts';
import { bodyEnv } from './parts/part.ts';
import { assuredFacts, knownFacts, valueFacts } from './files/file-facts.ts';
import type { Replacement } from './files/file-ports.ts';
import { whereGiven, withGivenInputs } from './parts/given-inputs.ts';
import { withFollowed } from './parts/followed-facts.ts';
import { inputTypes } from './files/replaced-facts.ts';
import { stepsByValue, traceBody } from './trace.ts';
import type { Value } from './expressions/values.ts';

export interface ExplainedStep {
  /** How many calls it lies inside of. */
  readonly depth: number;
  /** The expression as it is written, or the node of a file. */
  readonly what: string;
  readonly location?: Location;
  /** Of a node: the file in which it is. */
  readonly file?: string;
  /** A record's tensors by field; a lone tensor under "". */
  readonly tensors: ReadonlyMap<string, TensorType>;
  readonly rule: string;
}

export interface Explanation {
  readonly target: string;
  readonly type: Type;
  readonly location: Location;
  readonly steps: readonly ExplainedStep[];
}

/** What there is to be explained in the entry modules: `Glosses.topic`, `Encode.result`, `UseLite.embedding`. */
export function explainable(entries: readonly string[], checker: Checker): readonly string[] {
  return symbolsOf(entries, checker).flatMap((symbol) => portsOf(symbol, checker).map((port) => `${symbol.name}.${port}`));
}

function symbolsOf(entries: readonly string[], { modules }: Checker): readonly Symbol[] {
  const scopes = entries.flatMap((uri): ModuleScope[] => [modules.scopes.get(uri)].filter((scope) => scope !== undefined));
  // What they name comes before what their imports declare besides.
  const others = [...modules.scopes.values()].filter((scope) => scope.package !== 'std');
  return [...new Set([...scopes, ...others].flatMap(({ names }) => [...names.values()]))].filter((symbol) => isKind(symbol, 'ModelDecl', 'PartDecl', 'BackboneDecl'));
}

function portsOf(symbol: Symbol, checker: Checker): readonly string[] {
  if (isKind(symbol, 'ModelDecl')) return symbol.declaration.members.flatMap((member) => (member.kind === 'ModelOutput' ? [member.name.text] : []));
  if (isKind(symbol, 'PartDecl')) return ['result'];
  const result = checker.signatures.get(symbol)?.result;
  return result?.kind === 'record' ? [...result.fields.keys()] : [];
}

/** The derivation of what `Name.port` is; undefined where there is no such thing. `Name` alone is its only port. */
export function explain(target: string, entries: readonly string[], checker: Checker): Explanation | undefined {
  const [name, ...rest] = target.split('.');
  const symbol = symbolsOf(entries, checker).find((one) => one.name === name);
  const ports = symbol === undefined ? [] : portsOf(symbol, checker);
  const port = rest.join('.') || (ports.length === 1 ? ports[0]! : '');
  if (symbol === undefined || !ports.includes(port)) return undefined;
  const full = `${name}.${port}`;
  if (isKind(symbol, 'ModelDecl')) return explainOutput(symbol, port, full, checker);
  return isKind(symbol, 'PartDecl') ? explainResult(symbol, full, checker) : explainBackbone(symbol as Symbol<BackboneDecl>, port, full, checker);
}

function explainOutput(symbol: Symbol<ModelDecl>, port: string, target: string, checker: Checker): Explanation | undefined {
  const member = symbol.declaration.members.find((one) => one.kind === 'ModelOutput' && one.name.text === port);
  if (member?.kind !== 'ModelOutput') return undefined;
  const root: TraceNode = { expr: undefined, symbol, letName: undefined, value: undefined, inner: [] };
  const { outputs } = evaluateModel(symbol, { ...modelEnv(symbol, checker, () => {}, undefined, undefined), trace: root }, () => undefined);
  const type = outputs.find((output) => output.name === port)?.type;
  const node = root.inner.find(({ expr }) => expr === member.value);
  return type && { target, type, location: at(symbol.module, member.name.span), steps: stepsOf(root, node, checker) };
}

function explainResult(symbol: Symbol<PartDecl>, target: string, checker: Checker): Explanation | undefined {
  const signature = checker.signatures.get(symbol);
  if (signature === undefined) return undefined;
  const { declaration } = symbol;
  const location = at(symbol.module, declaration.name.span);
  if (declaration.source !== undefined) return { target, type: signature.result, location, steps: [...checker.bindings.get(symbol)?.outputs.values() ?? []].flatMap((onnx) => fileSteps(symbol, onnx, 0, checker)) };
  if (declaration.body === undefined) return { target, type: signature.result, location, steps: [] };
  const root = traceBody(declaration.body.result, bodyEnv(withGivenInputs(signature), checker, () => {}, undefined));
  return { target, type: whereGiven(signature.result), location, steps: stepsOf(root, root.inner.at(-1), checker) };
}

function explainBackbone(symbol: Symbol<BackboneDecl>, port: string, target: string, checker: Checker): Explanation | undefined {
  const result = checker.signatures.get(symbol)?.result;
  const type = result?.kind === 'record' ? result.fields.get(port) : undefined;
  const onnx = checker.bindings.get(symbol)?.outputs.get(port);
  return type && { target, type, location: at(symbol.module, symbol.declaration.name.span), steps: onnx === undefined ? [] : fileSteps(symbol, onnx, 0, checker) };
}

// ---------------------------------------------------------------- steps

function stepsOf(root: TraceNode, last: TraceNode | undefined, checker: Checker): readonly ExplainedStep[] {
  const steps: ExplainedStep[] = [];
  const byValue = stepsByValue(root);
  const seen = new Set<TraceNode | Value>();
  const visit = (given: TraceNode, depth: number): void => {
    const node = given.expr?.kind === 'NameExpr' && given.value ? (byValue.get(given.value) ?? given) : given;
    const { expr, value } = node;
    if (seen.has(node) || expr === undefined || value === undefined || seen.has(value)) return;
    // The argument of a call stands before it.
    if (depth > 0 && isInput(node)) return;
    seen.add(node);
    if (value.kind !== 'tensor' && value.kind !== 'record') return;
    seen.add(value);
    const own = node.inner.filter(({ symbol }) => symbol === node.symbol);
    for (const operand of own) visit(operand, depth);
    const bodies = node.inner.filter(({ symbol }) => symbol !== node.symbol);
    const body = bodies.at(-1);
    if (body !== undefined) visit(body, depth + 1);
    // A call of which one field is taken is told with the field.
    const isTold = expr.kind !== 'CallExpr' || value.kind !== 'record' || given === last;
    for (const step of fieldSteps(node, depth + 1, checker)) steps.push(step);
    if (isTold) steps.push({ depth, what: textOf(expr, node), location: at(node.symbol.module, expr.span), ...knownOf(expr, value, node, checker) });
  };
  if (last !== undefined) visit(last, 0);
  return steps;
}

/** The expression on one line. */
function textOf({ span }: Expr, { symbol }: TraceNode): string {
  return oneLine(symbol.module.source.text.slice(span.start, span.end));
}

function oneLine(text: string): string {
  const written = text.replace(/\s+/g, ' ');
  return written.length > 72 ? `${written.slice(0, 69)}...` : written;
}

/** What is known of a value, and why: by its own rule, and where something was demanded of it by those of all nodes that it becomes. */
function knownOf(expr: Expr, value: Value, node: TraceNode, checker: Checker): Pick<ExplainedStep, 'tensors' | 'rule'> {
  const together = checker.nodeFacts.get(node.symbol)?.get(expr);
  const rule = ruleOf(node, checker);
  const reasons = new Set([...(together?.values() ?? [])].flatMap((facts) => facts.flatMap(({ because }) => because ?? [])));
  const tensors = new Map([...tensorsIn(value)].map(([field, type]) => [field, { ...type, facts: withFollowed(type, together?.get(field) ?? []) }]));
  return { tensors, rule: reasons.size === 0 ? rule : `${rule}; of its nodes together: ${[...reasons].join(', ')}` };
}

const tensorsIn = (value: Value): ReadonlyMap<string, TensorType> =>
  value.kind === 'tensor' ? new Map([['', value.type]]) : value.kind === 'record' ? value.type.fields : new Map();

/** Of a field of what a backbone gives: the nodes of its file from which its facts follow. */
function fieldSteps({ expr, inner }: TraceNode, depth: number, checker: Checker): readonly ExplainedStep[] {
  if (expr?.kind !== 'FieldExpr') return [];
  const symbol = inner[0] && calledBy(inner[0]);
  const onnx = symbol && checker.bindings.get(symbol)?.outputs.get(expr.field.text);
  return symbol === undefined || onnx === undefined ? [] : fileSteps(symbol, onnx, depth, checker);
}

/** The part or backbone whose call an expression is. */
function calledBy({ expr, symbol }: TraceNode): Symbol | undefined {
  const stage = expr?.kind === 'PipeExpr' ? expr.stage : expr;
  const callee = stage?.kind === 'CallExpr' ? stage.callee : expr?.kind === 'PipeExpr' ? stage : undefined;
  return callee?.kind === 'NameExpr' ? symbol.module.names.get(callee.name.text) : undefined;
}

const givenTo = ({ members }: ModelDecl, name: string): string =>
  members.some((member) => member.kind === 'StateMember' && member.name.text === name) ? 'a state: its first value is held to this, and what follows it is made so' : 'an input of the model, tested at each run';

/** Whether an expression names an input of the part in whose body it stands. */
const isInput = ({ expr, symbol: { declaration } }: TraceNode): boolean =>
  expr?.kind === 'NameExpr' && declaration.kind === 'PartDecl' && declaration.params.some(({ name }) => name.text === expr.name.text);

function ruleOf(node: TraceNode, checker: Checker): string {
  const { expr, symbol } = node;
  if (expr === undefined) return '';
  if (expr.kind === 'NameExpr' && symbol.declaration.kind === 'PartDecl' && !isInput(node)) return `a learned parameter of ${symbol.name}`;
  if (expr.kind === 'NameExpr') return symbol.declaration.kind === 'ModelDecl' ? givenTo(symbol.declaration, expr.name.text) : `an input of ${symbol.name}: whoever calls it has to show it`;
  // `div` and `mod` make sizes, and those have no types to explain.
  if (expr.kind === 'BinaryExpr') return isQuotient(expr.op) ? '' : `the rule of onnx.${infix[expr.op]}`;
  if (expr.kind === 'UnaryExpr') return 'the rule of onnx.Neg';
  if (expr.kind === 'RecordExpr') return 'put together from tensors';
  if (expr.kind === 'FieldExpr') {
    const called = node.inner[0] && calledBy(node.inner[0]);
    return called === undefined ? 'a field of it' : ruleOfCall(called, node, checker);
  }
  const stage = expr.kind === 'PipeExpr' ? expr.stage : expr;
  const callee = stage.kind === 'CallExpr' ? stage.callee : stage;
  if (callee.kind === 'FieldExpr') return `the rule of onnx.${callee.field.text}`;
  const called = calledBy(node);
  return called === undefined ? '' : ruleOfCall(called, node, checker);
}

function ruleOfCall(called: Symbol, { value }: TraceNode, checker: Checker): string {
  const kind = kindName(called.declaration);
  const binding = checker.bindings.get(called);
  if (binding === undefined) return `what ${called.name} promises, and what its body shows of this call`;
  const words = new Set(value === undefined ? [] : [...tensorsIn(value).values()].flatMap(({ facts }) => facts.flatMap(asWord)));
  const held = `what the ${kind} ${called.name} says, held against ${checker.host.display(binding.model.uri)}`;
  return words.size === 0 ? held : `${held}; of ${inWords([...words])} no file tells`;
}

/** What is somebody's word wherever it is said. */
function asWord(fact: Fact): string[] {
  if (fact.kind === 'space' || fact.kind === 'tokenizer') return [`the ${fact.kind}`];
  return fact.kind === 'attribute' ? [`the ${fact.attribute.name}`] : [];
}

const inWords = (words: readonly string[]): string => (words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`);

/** Nodes of a file, the ones first that hold whatever comes in. */
function fileSteps(symbol: Symbol, onnx: string, depth: number, checker: Checker): readonly ExplainedStep[] {
  const binding = checker.bindings.get(symbol);
  if (binding === undefined) return [];
  const stands = binding.replacements;
  const { model, inferred: whole } = cutModel(binding.model, stands.map((one) => one.onnx));
  const file = checker.host.display(model.uri);
  const types = inputTypes(checker.signatures.get(symbol)?.tensors ?? [], binding);
  return checker.files.withConstants((read) => {
    const inferred = whole.tensors;
    const given = new Map([...[...types].map(([name, type]) => [name, valueFacts(type)] as const), ...stands.map((one) => [one.onnx, valueFacts(one.type)] as const)]);
    const { factsOf, alone } = givenAndAlone(model, whole, { read, given, assured: assuredFacts(stands) });
    const sizes = namesOfSizes(types, inferred);
    const names: string[] = [];
    const queue = [onnx];
    while (queue.length > 0 && names.length < mostNodes) {
      const name = queue.shift()!;
      if (names.includes(name)) continue;
      names.push(name);
      queue.push(...factsOf(name).uses);
    }
    return names.reverse().flatMap((name): ExplainedStep[] => {
      const stand = stands.findLast((one) => one.onnx === name);
      if (stand !== undefined) return [replacementStep(stand, depth)];
      const found = factsOf(name);
      const port = { type: typeOfTensor(inferred.get(name), sizes), onnx: name };
      const facts = knownFacts(port, file, factsOf, alone);
      if (found.node === undefined || facts.length === 0) return [];
      const what = `${found.node.op}${found.node.name ? ` "${found.node.name}"` : ` of "${name}"`}`;
      const evidence: Evidence = inferred.get(name)?.evidence === 'inferred' ? 'proved' : 'declared';
      return [{ depth, what, file, tensors: new Map([['', { ...port.type, evidence, facts }]]), rule: found.rule }];
    });
  });
}

/** A derivation that is longer is cut off where it began. */
const mostNodes = 24;

/** A value of ours in the place of a tensor of the file. */
function replacementStep({ symbol, member, onnx, type }: Replacement, depth: number): ExplainedStep {
  const { text } = symbol.module.source;
  return { depth, what: oneLine(text.slice(member.value.span.start, member.value.span.end)), location: at(symbol.module, member.value.span), tensors: new Map([['', type]]), rule: `replaces "${onnx}" in ${symbol.name}` };
}

/** The declared names of the file's sizes. */
function namesOfSizes(types: ReadonlyMap<string, TensorType>, inferred: ReadonlyMap<string, InferredTensor>): ReadonlyMap<string, Dim> {
  const sizes = new Map<string, Dim>();
  for (const [name, { shape }] of types) {
    for (const [i, dim] of (inferred.get(name)?.dims ?? []).entries()) {
      const own = multipleOf(dim);
      const axis = shape.axes[i];
      if (own !== undefined && axis !== undefined && !sizes.has(own.symbol.key)) sizes.set(own.symbol.key, divDim(subtractDims(axis.size, intDim(own.offset)), intDim(own.factor)));
    }
  }
  return sizes;
}

const typeOfTensor = (tensor: InferredTensor | undefined, sizes: ReadonlyMap<string, Dim>): TensorType => ({
  kind: 'tensor',
  dtype: tensor?.dtype ?? 'f32',
  shape: { axes: (tensor?.dims ?? []).map((dim) => ({ size: substituteDim(dim, ({ key }) => sizes.get(key)) })) },
  facts: [],
  evidence: 'proved',
});
