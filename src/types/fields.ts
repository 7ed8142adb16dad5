/** Records in records: fields are kept by path, `found.score`, and shown to the outside as records in each other. */

/** A field, or the record of the fields whose paths begin with its name. */
export type FieldTree<T> = ReadonlyMap<string, { readonly leaf: T } | { readonly fields: FieldTree<T> }>;

export const nestFields = <T>(fields: Iterable<readonly [path: string, value: T]>): FieldTree<T> => {
  const below = new Map<string, [string, T][]>();
  const tree = new Map<string, { leaf: T } | { fields: FieldTree<T> }>();
  for (const [path, value] of fields) {
    const [head, rest] = splitPath(path);
    if (rest === undefined) tree.set(head, { leaf: value });
    else if (below.has(head)) below.get(head)!.push([rest, value]);
    else {
      below.set(head, [[rest, value]]);
      // Keeps the place of the first of its fields.
      tree.set(head, { fields: new Map() });
    }
  }
  for (const [head, inner] of below) tree.set(head, { fields: nestFields(inner) });
  return tree;
};

function splitPath(path: string): readonly [head: string, rest: string | undefined] {
  const dot = path.indexOf('.');
  return dot < 0 ? [path, undefined] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** The names of a record's own fields. */
export const ownFields = (fields: ReadonlyMap<string, unknown>): readonly string[] => [...new Set([...fields.keys()].map((path) => splitPath(path)[0]))];

/** The fields of a record that is a field itself; none where there is no such. */
export const fieldsBelow = <T>(fields: ReadonlyMap<string, T>, name: string): ReadonlyMap<string, T> =>
  new Map([...fields].flatMap(([path, value]) => (path.startsWith(`${name}.`) ? [[path.slice(name.length + 1), value] as const] : [])));

/** The fields under another name, as they stand in a record around theirs. */
export const fieldsUnder = <T>(name: string, fields: ReadonlyMap<string, T>): readonly (readonly [string, T])[] => [...fields].map(([path, value]) => [`${name}.${path}`, value] as const);

/** What stands at a path of records in each other. */
export const memberAt = (record: unknown, path: string): unknown => path.split('.').reduce((value, key) => (value as Readonly<Record<string, unknown>>)[key], record);
