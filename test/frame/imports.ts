import { parseSync, Visitor } from 'oxc-parser';
import { createSource, positionAt } from '../../src/text/source.ts';

/** One module that a file refers to: by import or re-export, static or dynamic, of values or of types. */
export interface ImportSite {
  /** As written: `../text/source.ts`, `node:fs`. */
  readonly specifier: string;
  /** One-based. */
  readonly line: number;
}

/** Every module that a TypeScript file refers to, in the order of the text. Throws where the text does not parse. */
export function importsOf(file: string, text: string): readonly ImportSite[] {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const source = createSource(file, text);
  const sites: { specifier: string; start: number }[] = [];
  const record = (node: { readonly value?: unknown; readonly start: number } | null): void => {
    if (node !== null && typeof node.value === 'string') sites.push({ specifier: node.value, start: node.start });
  };
  new Visitor({
    ImportDeclaration: (node) => record(node.source),
    ExportAllDeclaration: (node) => record(node.source),
    ExportNamedDeclaration: (node) => record(node.source),
    ImportExpression: (node) => record('value' in node.source ? node.source : null),
    TSImportType: (node) => record(node.source),
  }).visit(program);
  sites.sort((a, b) => a.start - b.start);
  return sites.map(({ specifier, start }) => ({ specifier, line: positionAt(source, start).line + 1 }));
}
