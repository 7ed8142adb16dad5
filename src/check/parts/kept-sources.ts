/** Which inputs what a part gives is made of, as its body is written: of a record that is taken, only some fields may be in it. */
import type { Expr, PartDecl } from '../../syntax/ast.ts';
import { visit } from '../../syntax/visit.ts';

/** `t` and `t.found.score`: inputs, and fields of such, by name. */
export type Sources = ReadonlySet<string>;

/** Lets that name each other, from one field to the next: behind these a value is looked at as a whole. */
const deepest = 100;

/** The inputs, and fields of such, that a result is made of, or one field of it, `found.score`. */
export function sourcesOf({ body }: PartDecl, field?: string): Sources {
  const lets = new Map<string, Expr>();
  const known = new Map<string, Sources>();
  const none: Sources = new Set();

  const ofName = (name: string, path: readonly string[], depth: number): Sources => {
    const value = lets.get(name);
    const key = [name, ...path].join('.');
    if (value === undefined) return new Set([key]);
    if (depth > deepest) return known.get(name) ?? none;
    const found = known.get(key);
    if (found !== undefined) return found;
    // A let that names itself is told elsewhere.
    known.set(key, none);
    const made = of(value, path, depth + 1);
    known.set(key, made);
    return made;
  };

  const of = (expr: Expr, path: readonly string[], depth: number): Sources => {
    if (expr.kind === 'NameExpr') return ofName(expr.name.text, path, depth);
    if (expr.kind === 'FieldExpr') return of(expr.object, [expr.field.text, ...path], depth);
    if (expr.kind === 'RecordExpr' && path.length > 0) {
      const entry = expr.entries.find(({ name }) => name.text === path[0]);
      return entry === undefined ? none : of(entry.value, path.slice(1), depth);
    }
    const all = new Set<string>();
    visit(expr, {
      enter: (node) => {
        if (node === expr || (node.kind !== 'NameExpr' && node.kind !== 'FieldExpr')) return true;
        for (const source of of(node, [], depth)) all.add(source);
        return false;
      },
    });
    return all;
  };

  // In the order of the body: each finds what it names known, however many there are.
  for (const statement of body!.statements) {
    if (statement.kind !== 'Let' || lets.has(statement.name.text)) continue;
    known.set(statement.name.text, of(statement.value, [], 0));
    lets.set(statement.name.text, statement.value);
  }
  return of(body!.result, field === undefined ? [] : field.split('.'), 0);
}

/** Whether an input, or this field of one, is among what a result is made of, alone or in a whole. */
export const isSource = (sources: Sources, input: string, field?: string): boolean => {
  const path = field === undefined ? input : `${input}.${field}`;
  return [...sources].some((source) => source === path || path.startsWith(`${source}.`) || source.startsWith(`${path}.`));
};
