/** Edits that errors offer: what is taken out goes with the signs, lines and comments that belong to it. */
import type { Edit, Fix, Place } from '../diagnostics/diagnostic.ts';
import type { ModuleScope } from '../names/modules.ts';
import type { Name, Node, TypeExpr } from '../syntax/ast.ts';
import { documentedLines, listItem } from '../text/lines.ts';
import { at, type Location, type Span } from '../text/source.ts';
import type { Checker } from './context.ts';

interface Spanned {
  readonly span: Span;
}

export const replaceAt = (span: Span, text: string, module: ModuleScope): Edit => ({ location: at(module, span), text });
export const insertAt = (offset: number, text: string, module: ModuleScope): Edit => replaceAt({ start: offset, end: offset }, text, module);

/** What is written at a place of the module. */
export const writtenAt = ({ span }: Spanned, { source }: ModuleScope): string => source.text.slice(span.start, span.end);

/** Takes these out with their doc comments, where each stands on lines of its own. */
export function removal(nodes: readonly Node[], name: string, module: ModuleScope): Fix[] {
  const lines = nodes.map(({ span }) => documentedLines(module.source.text, span));
  return lines.every((span) => span !== undefined) ? [{ title: `remove \`${name}\``, edits: lines.map((span) => replaceAt(span, '', module)) }] : [];
}

/** Takes out a member or a clause: its lines, or what shares a line with others and the blanks before it. */
export function removeClause(title: string, { span }: Spanned, module: ModuleScope): Fix {
  const { text } = module.source;
  const blanks = /\s*$/.exec(text.slice(0, span.start))![0].length;
  return { title, edits: [replaceAt(documentedLines(text, span) ?? { start: span.start - blanks, end: span.end }, '', module)] };
}

/** Takes one item out of a list that commas part. */
export const removeItem = (title: string, items: readonly Spanned[], i: number, module: ModuleScope): Fix => ({
  // Lists may have a hundred thousand items, and a finding for each of them.
  title, edits: [replaceAt(listItem(items.slice(Math.max(0, i - 1), i + 2).map(({ span }) => span), Math.min(i, 1)), '', module)],
});

/** Another name for what is declared a second time: what means it by its name means the first one, and goes on doing so. */
export function renameAgain({ text, span }: Name, taken: Iterable<string>, module: ModuleScope): Fix {
  const name = freeName(text, new Set(taken));
  return { title: `call it \`${name}\``, edits: [replaceAt(span, name, module)] };
}

/** `x_2`, or the next that nothing has. */
export function freeName(text: string, taken: ReadonlySet<string>): string {
  let n = 2;
  while (taken.has(`${text}_${n}`)) n++;
  return `${text}_${n}`;
}

/** Two arguments of one name, of which the second is left out. */
export function givenTwice(args: readonly Spanned[], second: number, first: number, module: ModuleScope): Place {
  const { text } = module.source;
  // What a pipe passes stands before the call, and no comma parts it from the others.
  const inside = args.filter(({ span }, i) => (i > 0 && /,\s*$/.test(text.slice(args[i - 1]!.span.end, span.start))) || /\(\s*$/.test(text.slice(0, span.start)));
  const place = inside.indexOf(args[second]!);
  return {
    label: 'given again here',
    related: first < 0 ? [] : [{ location: at(module, args[first]!.span), text: 'first here' }],
    fixes: place < 0 ? [] : [removeItem(`leave out \`${writtenAt(args[second]!, module)}\``, inside, place, module)],
  };
}

/** Says one more fact of a type; none where the facts that stand there have a mode of their own. */
export function factEdit(fact: string, { facts, violation, span }: TypeExpr, module: ModuleScope): Edit | undefined {
  return violation === undefined ? insertAt(span.end, `${facts.length > 0 ? ',' : ' where'} ${fact}`, module) : undefined;
}

/** Which element type is likeliest where a family stands. */
const usual: Readonly<Record<string, string>> = { float: 'f32', int: 'i64' };

/** Closes what a type leaves open by what is usual: `float[..., 8]` becomes `f32[batch, 8]`. */
export function closeFix({ base }: TypeExpr, module: ModuleScope): Fix[] {
  if (base.kind !== 'TensorTypeExpr') return [];
  const { dtype, dims } = base;
  const element = usual[dtype.text];
  const rest = dims.find((dim) => dim.kind === 'EllipsisDim');
  if (dtype.text === 'any' || (element === undefined && rest === undefined)) return [];
  const name = dims.some((dim) => writtenAt(dim, module) === 'batch') ? 'rows' : 'batch';
  const edits = [...(element === undefined ? [] : [replaceAt(dtype.span, element, module)]), ...(rest === undefined ? [] : [replaceAt(rest.span, name, module)])];
  return [{ title: `write ${[...(element === undefined ? [] : [`\`${element}\``]), ...(rest === undefined ? [] : [`\`${name}\` for \`...\``])].join(' and ')}`, edits }];
}

/** Takes a fact out of the list that it stands in, which goes with the last one; none where a mode says what happens to all of them. */
export function leaveOutFact({ uri, span }: Location, { modules }: Pick<Checker, 'modules'>): Fix[] {
  const module = modules.scopes.get(uri);
  if (module === undefined) return [];
  const { text } = module.source;
  const before = /(?:\s+where|,)\s+$/.exec(text.slice(0, span.start))?.[0];
  const after = /^\s*,\s*/.exec(text.slice(span.end))?.[0];
  if (before === undefined || /^\s*on\s+violation\b/.test(text.slice(span.end))) return [];
  const edit = before.startsWith(',') || after === undefined ? { start: span.start - before.length, end: span.end } : { start: span.start, end: span.end + after.length };
  return [{ title: `leave out \`${text.slice(span.start, span.end)}\``, edits: [replaceAt(edit, '', module)] }];
}
