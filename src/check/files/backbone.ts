/** A backbone: its signature as declared, and the declaration against the ONNX file. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import { partCodes } from '../../diagnostics/codes/parts.ts';
import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { BackboneDecl, BackboneInput, BackboneOutput, TapMember } from '../../syntax/ast.ts';
import { showType } from '../../types/show.ts';
import { unknownType, type TensorType, type Type } from '../../types/type.ts';
import { reportClaimedVersion } from '../parts/claimed-version.ts';
import type { Checker } from '../context.ts';
import { reportRepeated } from '../types/declarations.ts';
import { outputFixes } from './file-type-fix.ts';
import { checkDefault } from './input-default.ts';
import { checkFile, nothingSaid, tensorNames, type DeclaredPort, type FileVerdict } from './file-ports.ts';
import type { FilePort } from './file-types.ts';
import { checkReplacements } from './replacements.ts';
import { closingFix } from '../parts/closed-type.ts';
import { removeClause } from '../edits.ts';
import { isTestable } from '../joints/shape-guards.ts';
import { freeNames, openPart, type Signature, type TensorParameter } from '../parts/signature.ts';
import { evaluateType } from '../types/type-expr.ts';
import { forPort, rootScope, type TypeScope } from '../types/type-scope.ts';
import { withoutUnboundSizes } from '../parts/unbound-sizes.ts';

export type Given = BackboneOutput | TapMember;

export const inputsOf = ({ declaration }: Symbol<BackboneDecl>): BackboneInput[] => declaration.members.filter((m) => m.kind === 'BackboneInput');
export const givenBy = ({ declaration }: Symbol<BackboneDecl>): Given[] => declaration.members.filter((m) => m.kind === 'BackboneOutput' || m.kind === 'TapMember');

export function backboneSignature(symbol: Symbol<BackboneDecl>, checker: Checker): Signature {
  const report = (d: Diagnostic): void => void checker.diagnostics.push(d);
  const { declaration, module } = symbol;
  const scope = rootScope(module, symbol.name, report);
  const tensors = inputsOf(symbol).map((input) => inputParameter(input, scope, symbol, checker));
  const fields = givenTypes(symbol, scope, checker);
  reportRepeated(inputsOf(symbol), `the inputs of \`${symbol.name}\``, module, report);
  if (givenBy(symbol).length === 0) {
    report(foreignCodes.report('backbone-output', { name: symbol.name }, at(module, declaration.name.span), {
      notes: ['Write `output NAME: TYPE from "NAME IN THE FILE"`.'],
      fixes: outputFixes(symbol, checker),
    }));
  }
  const declared: Signature = {
    symbol,
    tensors,
    statics: [],
    inferred: new Set(),
    // What is said of an output that could not be read was said there.
    result: fields.size > 0 && fields.size === givenBy(symbol).length ? { kind: 'record', fields } : unknownType,
    resultLocation: at(module, declaration.name.span),
    free: freeNames(scope, tensors),
    keeps: new Set(),
    scope,
  };
  const signature = withoutUnboundSizes(declared, report);
  return checkReplacements(withVerdict(signature, checkAgainstFile(signature, symbol, checker)), symbol, checker);
}

function inputParameter(input: BackboneInput, scope: TypeScope, symbol: Symbol<BackboneDecl>, checker: Checker): TensorParameter {
  const type = closedType(input, forPort(scope, input.name.text), symbol, checker);
  const value = checkDefault(input, type, symbol, checker);
  return { name: input.name.text, type, location: at(symbol.module, input.span), ...(value === undefined ? {} : { default: value }) };
}

/** The types of the outputs and taps that could be read. */
export function givenTypes(symbol: Symbol<BackboneDecl>, scope: TypeScope, checker: Checker): Map<string, TensorType> {
  const { module } = symbol;
  const fields = new Map<string, TensorType>();
  // A size that the network chooses is one size in all that it gives.
  const given = forPort(scope, 'the outputs');
  for (const member of givenBy(symbol)) {
    const type = closedType(member, given, symbol, checker);
    reportClaimedVersion(member, type, module, scope.report);
    // Nothing but the file knows what it gives.
    if (type.kind === 'tensor' && !fields.has(member.name.text)) fields.set(member.name.text, { ...type, evidence: 'declared' });
    else if (type.kind === 'record') checker.diagnostics.push(partCodes.report('unsupported', { what: 'a record as an output of a backbone' }, at(module, member.type.span)));
  }
  reportRepeated(givenBy(symbol), `the outputs and taps of \`${symbol.name}\``, module, scope.report);
  return fields;
}

/** A file has one dtype and one rank for each of its tensors. */
function closedType(port: BackboneInput | Given, scope: TypeScope, symbol: Symbol<BackboneDecl>, checker: Checker): Type {
  const type = evaluateType(port.type, scope);
  const open = openPart(type);
  if (open === undefined) return type;
  checker.diagnostics.push(partCodes.report('open-type', { port: port.name.text, type: showType(type), open }, at(symbol.module, port.type.span), { fixes: closingFix(port.type, type, symbol.module) }));
  return unknownType;
}

/** Of a port that contradicts the file nothing more is said: what does not fit it may fit the file. */
export function withVerdict(signature: Signature, { faulty, proved, facts }: FileVerdict): Signature {
  const inputs = faulty.filter((port) => port.direction === 'input').map((port) => port.port);
  const tensors = signature.tensors.map((t) => (inputs.includes(t.name) ? { ...t, type: unknownType } : t));
  return { ...signature, tensors, result: faulty.some((port) => port.direction !== 'input') ? unknownType : withProved(signature.result, tensors.map(({ type }) => type), proved, facts) };
}

/** Dtypes, shapes and facts that follow from the inputs' are no longer only declared; shapes that do not are tested at each run. */
export function withProved(result: Type, given: readonly Type[], proved: readonly FilePort[], facts: FileVerdict['facts']): Type {
  const known = (type: TensorType, isPort: (port: FilePort) => boolean): TensorType => {
    const found = [...facts].find(([port]) => isPort(port))?.[1];
    return { ...type, ...(proved.some(isPort) ? { evidence: 'proved' as const } : isTestable(type, given) ? { evidence: 'enforced' as const } : {}), ...(found && { facts: found }) };
  };
  if (result.kind !== 'record') return result.kind === 'tensor' ? known(result, () => true) : result;
  return { ...result, fields: new Map([...result.fields].map(([name, type]) => [name, known(type, (port) => (port.field ?? port.port) === name)])) };
}

/** Reports what contradicts the file, and notes what its ports stand for. */
function checkAgainstFile(signature: Signature, symbol: Symbol<BackboneDecl>, checker: Checker): FileVerdict {
  const { declaration, module } = symbol;
  const sources = declaration.members.filter((m) => m.kind === 'SourceClause');
  if (sources.length !== 1) {
    const location = at(module, sources[1]?.span ?? declaration.name.span);
    const notes = sources.length === 0 ? ['Write `source "./model.onnx"` in it.'] : [];
    checker.diagnostics.push(foreignCodes.report('backbone-source', { name: symbol.name, count: sources.length }, location, {
      label: sources.length === 0 ? '' : 'the second',
      related: sources.length === 0 ? [] : [{ location: at(module, sources[0]!.span), text: 'the first' }],
      notes,
      fixes: sources.slice(1, 2).map((second) => removeClause('keep the first', second, module)),
    }));
    return nothingSaid;
  }
  const inputs = inputsOf(symbol).map((input, i) => inputPort(input, signature.tensors[i]!.type, symbol, checker));
  const outputs = givenBy(symbol).map((member) => givenPort(member, signature.result, symbol));
  const { model, ...verdict } = checkFile({ symbol, path: sources[0]!.path, ports: [...inputs, ...outputs] }, checker);
  if (model !== undefined) {
    checker.bindings.set(symbol, {
      model,
      inputs: new Map(inputs.map((port) => [port.name, port.tensors ?? []])),
      outputs: new Map(outputs.map((port) => [port.name, port.tensors![0]!.onnx])),
      needs: verdict.needs,
      replacements: [],
    });
  }
  return verdict;
}

function inputPort(input: BackboneInput, type: Type, symbol: Symbol<BackboneDecl>, checker: Checker): DeclaredPort {
  const name = input.name.text;
  const fields = type.kind === 'record' ? [...type.fields.keys()] : undefined;
  const location = at(symbol.module, input.name.span);
  const tensors = type.kind === 'unknown' ? undefined : tensorNames(name, fields, input.from, location, symbol, checker);
  return { direction: 'input', name, type, tensors };
}

/** Of what is given to the outside. */
export function givenPort(member: Given, result: Type, { module }: Symbol): DeclaredPort {
  const name = member.name.text;
  const type = (result.kind === 'record' ? result.fields.get(name) : undefined) ?? unknownType;
  const tensors = [{ onnx: member.from?.value ?? name, location: at(module, (member.from ?? member.name).span) }];
  return { direction: member.kind === 'TapMember' ? 'tap' : 'output', name, type, tensors, written: at(module, member.type.span) };
}
