/** `backbone LawLM = MiniLM { … }`: another backbone with inner tensors replaced, and what it gives declared anew. */
import { foreignCodes } from '../../diagnostics/codes/foreign.ts';
import type { Fix } from '../../diagnostics/diagnostic.ts';
import type { Symbol } from '../../names/modules.ts';
import { at } from '../../text/source.ts';
import type { BackboneDecl, BackboneMember } from '../../syntax/ast.ts';
import type { Nominal } from '../../types/fact.ts';
import { unknownType, type TensorType } from '../../types/type.ts';
import { givenBy, givenPort, givenTypes, withVerdict } from './backbone.ts';
import type { Checker } from '../context.ts';
import { lookupKind } from '../types/declarations.ts';
import { checkAgainst, type FileBinding } from './file-ports.ts';
import { removeClause } from '../edits.ts';
import { signatureOf } from '../parts/part.ts';
import { checkReplacements, dependsOn } from './replacements.ts';
import { freeNames, type Signature } from '../parts/signature.ts';
import { withoutUnboundSizes } from '../parts/unbound-sizes.ts';

/** The signature of a backbone made of another one; undefined where there is no other one, which is reported. */
export function derivedSignature(symbol: Symbol<BackboneDecl>, checker: Checker): Signature | undefined {
  const { declaration, module } = symbol;
  const report = (d: Checker['diagnostics'][number]): void => void checker.diagnostics.push(d);
  const base = lookupKind(declaration.base!, module, ['BackboneDecl'], 'backbone', report);
  const inherited = base && signatureOf(base, checker, at(module, declaration.base!.span), report);
  if (base === undefined || inherited === undefined) return undefined;
  for (const member of declaration.members) if (member.kind === 'SourceClause' || member.kind === 'BackboneInput') report(ownMember(member, symbol));
  // Sizes are those of the base: what it calls `batch` is called so here.
  const scope = { ...inherited.scope, module, report, seen: new Map(inherited.scope.seen) };
  const own = givenTypes(symbol, scope, checker);
  const { result } = inherited;
  const sound = result.kind === 'record' && own.size === givenBy(symbol).length;
  const declared = withoutUnboundSizes(
    {
      ...inherited,
      symbol,
      scope,
      free: freeNames(scope, inherited.tensors),
      result: sound ? { kind: 'record', fields: new Map([...result.fields, ...own]) } : unknownType,
      resultLocation: at(module, declaration.name.span),
    },
    report,
  );
  const binding = checker.bindings.get(base);
  if (binding === undefined) return declared;
  const verdict = bind(declared, symbol, binding, checker);
  const signature = checkReplacements(withVerdict(declared, verdict), symbol, checker);
  reportOldSpaces(signature, inherited, own, symbol, checker);
  return signature;
}

function ownMember(member: BackboneMember, symbol: Symbol<BackboneDecl>) {
  const what = member.kind === 'SourceClause' ? 'the file' : 'the inputs';
  const args = { name: symbol.name, base: symbol.declaration.base!.text, what };
  return foreignCodes.report('derived-member', args, at(symbol.module, member.span), {
    label: `\`${args.base}\` has its own`,
    fixes: [removeClause(`leave it to \`${args.base}\``, member, symbol.module)],
  });
}

/** Holds what is declared anew against the base's file; what comes without `from` has the name that the base gives it. */
function bind(signature: Signature, symbol: Symbol<BackboneDecl>, base: FileBinding, checker: Checker): ReturnType<typeof checkAgainst> {
  const ports = givenBy(symbol).map((member) => {
    const port = givenPort(member, signature.result, symbol);
    const known = member.from === undefined ? base.outputs.get(member.name.text) : undefined;
    // What the base has of the name may be a tap of it.
    return known === undefined ? port : { ...port, direction: 'tap' as const, tensors: port.tensors!.map((tensor) => ({ ...tensor, onnx: known })) };
  });
  const fed = [...base.inputs.values()].flatMap((names) => names.map(({ onnx }) => onnx));
  const source = at(symbol.module, symbol.declaration.base!.span);
  const verdict = checkAgainst(base.model, { symbol, source, ports, fed, isWhole: false }, checker);
  checker.bindings.set(symbol, { ...base, outputs: new Map([...base.outputs, ...ports.map((port) => [port.name, port.tensors![0]!.onnx] as const)]) });
  return verdict;
}

/** Vectors that are made of something that is replaced lie in another space than before, and that has to be said. */
function reportOldSpaces({ result }: Signature, inherited: Signature, own: ReadonlyMap<string, TensorType>, symbol: Symbol<BackboneDecl>, checker: Checker): void {
  const binding = checker.bindings.get(symbol);
  if (result.kind !== 'record' || inherited.result.kind !== 'record' || binding === undefined) return;
  const replaced = binding.replacements.filter((replacement) => replacement.symbol === symbol);
  for (const [name, old] of inherited.result.fields) {
    const onnx = binding.outputs.get(name)!;
    const space = spaceOf(old);
    const anew = own.get(name);
    // What is replaced itself has what stands there now, unless the backbone says something of it.
    const by = replaced.find((r) => (r.onnx === onnx ? anew !== undefined : dependsOn(binding.model.graph, onnx, r.onnx)));
    if (by === undefined || space === undefined || (anew !== undefined && spaceOf(anew)?.id !== space.id)) continue;
    checker.diagnostics.push(oldSpace(name, by.member.name.text, space, anew !== undefined, symbol, checker));
  }
}

const spaceOf = (type: TensorType): Nominal | undefined => type.facts.flatMap((fact) => (fact.kind === 'space' ? [fact.nominal] : []))[0];

function oldSpace(output: string, tap: string, space: Nominal, isDeclared: boolean, symbol: Symbol<BackboneDecl>, checker: Checker) {
  const { declaration, module } = symbol;
  const member = givenBy(symbol).find((one) => one.name.text === output);
  const location = at(module, member?.type.span ?? declaration.name.span);
  return foreignCodes.report('space-replaced', { output: `${symbol.name}.${output}`, tap, space: space.name }, location, {
    label: isDeclared ? 'says the old space' : `\`${output}\` is not declared anew`,
    related: [{ location: space.location, text: 'the old space' }],
    notes: ['Vectors of the two have the same type, and comparing them means nothing: the new ones need a space of their own.'],
    fixes: isDeclared ? [] : declareFix(output, symbol, checker),
  });
}

/** The base's own declaration, without its facts, at the end of the body. */
function declareFix(output: string, { declaration, module }: Symbol<BackboneDecl>, checker: Checker): Fix[] {
  const base = module.names.get(declaration.base!.text);
  const member = base?.declaration.kind === 'BackboneDecl' ? givenBy(base as Symbol<BackboneDecl>).find((one) => one.name.text === output) : undefined;
  const last = declaration.members.at(-1);
  const written = base && checker.modules.scopes.get(base.module.uri)?.source.text;
  if (member?.type.base.kind !== 'TensorTypeExpr' || last === undefined || written === undefined) return [];
  const type = written.slice(member.type.base.span.start, member.type.base.span.end);
  const word = member.kind === 'TapMember' ? 'tap' : 'output';
  const end = at(module, { start: last.span.end, end: last.span.end });
  return [{ title: `declare \`${output}\` anew, in no space`, edits: [{ location: end, text: `\n  ${word} ${output}: ${type}` }] }];
}
