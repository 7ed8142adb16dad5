/** Edits that say of an input what is demanded of it: a model's is tested at each run, a part's is owed by whoever calls it. */
import type { Fix } from '../diagnostics/diagnostic.ts';
import { at } from '../text/source.ts';
import type { Expr, Param, PartDecl, TypeExpr } from '../syntax/ast.ts';
import { documentedLines } from '../text/lines.ts';
import type { Fact } from '../types/fact.ts';
import { showStatement } from '../types/show.ts';
import { factEdit, insertAt, replaceAt, writtenAt } from './edits.ts';
import type { Env } from './env.ts';
import { showFact } from './joints/show-fact.ts';

/** What no run can test is somebody's word: it makes the error go, and nothing else. */
const believed: ReadonlySet<Fact['kind']> = new Set(['space', 'tokenizer', 'attribute', 'mean', 'std']);

/** The demand, where the value is an input of which nothing of the kind is said. */
export function sayFix(demand: Fact, known: readonly Fact[], expr: Expr, env: Env): Fix[] {
  const text = inScope(demand, env);
  if (text === undefined || known.some((fact) => isAlike(fact, demand))) return [];
  return sayOfInput(text, expr, env).map((fix) => (believed.has(demand.kind) ? { ...fix, doubtful: true } : fix));
}

const isAlike = (fact: Fact, demand: Fact): boolean =>
  fact.kind === demand.kind && (fact.kind !== 'attribute' || (demand.kind === 'attribute' && fact.attribute.id === demand.attribute.id));

/** The fact as this module can write it; undefined where what it names has another meaning here, or none. */
function inScope(fact: Fact, { scope: { module }, checker }: Env): string | undefined {
  const named = fact.kind === 'attribute' ? fact.attribute : fact.kind === 'space' || fact.kind === 'tokenizer' ? fact.nominal : undefined;
  if (named === undefined) {
    // `1e-3` stays what was typed, where it names no parameter.
    const typed = showFact(fact, checker);
    return /^\w+\(-\d+\) == [-\d.e]+(?: \+- [-\d.e]+)?$/.test(typed) ? typed : showStatement(fact);
  }
  const symbol = module.names.get(named.name);
  const isSame = symbol !== undefined && at(symbol.module, symbol.declaration.name.span).span.start === named.location.span.start && symbol.module.uri === named.location.uri;
  return isSame ? showStatement(fact) : undefined;
}

/** `text` as a fact of the input that an expression names. */
export function sayOfInput(text: string, expr: Expr, { symbol: { declaration }, scope: { module } }: Env): Fix[] {
  const name = expr.kind === 'NameExpr' ? expr.name.text : undefined;
  if (declaration.kind === 'ModelDecl') {
    const input = declaration.members.find((member) => member.kind === 'ModelInput' && member.name.text === name);
    const edit = input?.kind === 'ModelInput' ? factEdit(text, input.type, module) : undefined;
    return edit === undefined ? [] : [{ title: `say of the input \`${name}\` that it has ${text}`, edits: [edit] }];
  }
  const param = declaration.kind === 'PartDecl' ? declaration.params.find((each) => each.name.text === name) : undefined;
  if (declaration.kind !== 'PartDecl' || param?.type.kind !== 'TypeExpr') return [];
  const type = writtenAt(param.type, module);
  // What a parameter stands for only the part knows.
  if (declaration.params.some(({ name: own, type: { kind } }) => kind === 'KindType' && new RegExp(`\\b${own.text}\\b`).test(type))) return [];
  const contract = contractName(declaration, param, (taken) => module.names.has(taken));
  const above = documentedLines(module.source.text, declaration.span)?.start ?? declaration.span.start;
  const edits = [insertAt(above, `contract ${contract} = ${type}${facts(param.type)} ${text}\n\n`, module), replaceAt(param.type.span, contract, module)];
  return [{ title: `demand ${text} of \`${name}\`, by the contract \`${contract}\``, edits }];
}

const facts = (type: TypeExpr): string => (type.facts.length > 0 ? ',' : ' where');

/** `encode` and `image` are `EncodeImage`. */
function contractName({ name }: PartDecl, param: Param, isTaken: (name: string) => boolean): string {
  const pascal = (word: string): string => word.split('_').map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  const own = `${pascal(name.text)}${pascal(param.name.text)}`;
  for (let n = 2; ; n++) {
    const contract = n === 2 ? own : `${own}${n - 1}`;
    if (!isTaken(contract)) return contract;
  }
}
