import { format } from 'prettier/standalone';
import type { FormatOptions } from '../../src/format/index.ts';
import * as plugin from '../../src/format/plugin.ts';
import type { Module } from '../../src/syntax/ast.ts';

/** Prints a tree that no text was parsed to. */
export function printTree(tree: Module, options: FormatOptions = {}): Promise<string> {
  const mdl = { ...plugin.parsers.mdl, parse: () => ({ ...tree, comments: [] }) };
  // Prettier does not print what is blank; the text has no other use here.
  return format('x', { ...plugin.defaultOptions, ...options, parser: 'mdl', plugins: [{ ...plugin, parsers: { mdl } }] });
}
