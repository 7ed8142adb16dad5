/** MDL for prettier 3. */
import type { AstPath, Doc, Parser, Printer, SupportLanguage } from 'prettier';
import { builders } from 'prettier/doc';
import type { Module, Node, NodeKind, NodeOf } from '../syntax/ast.ts';
import { parse } from '../syntax/index.ts';
import { childKeysOf } from '../syntax/visit.ts';
import { createSource, positionAt } from '../text/source.ts';
import { placeComment, placeOwnLineComment, type AttachedComment, type CommentedNode } from './comments.ts';
import { needsParens } from './parens.ts';
import { layouts, type Printing } from './print.ts';

const { hardline, join } = builders;

export const languages: SupportLanguage[] = [
  { name: 'MDL', parsers: ['mdl'], extensions: ['.mdl'], vscodeLanguageIds: ['mdl'] },
];

export const defaultOptions = { printWidth: 100, tabWidth: 2 };

/** What prettier shows of a source with errors: the first of them, at its place. */
class MdlSyntaxError extends SyntaxError {
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
  constructor(message: string, line: number, column: number) {
    super(message);
    this.loc = { start: { line, column } };
  }
}

/** The tree with its comments, as prettier wants them. */
export interface Root extends Module {
  readonly comments: readonly AttachedComment[];
}

function parseForPrettier(text: string): Root {
  const source = createSource('', text);
  const { value, comments, diagnostics } = parse(source);
  const error = diagnostics.find((diagnostic) => diagnostic.severity === 'error');
  if (error !== undefined) {
    const { line, character } = positionAt(source, error.location.span.start);
    throw new MdlSyntaxError(error.message, line + 1, character + 1);
  }
  return { ...value, comments: comments.map(({ text: comment, span }) => ({ kind: 'Comment', text: comment, span })) };
}

export const parsers: Record<'mdl', Parser<Node>> = {
  mdl: {
    astFormat: 'mdl',
    parse: parseForPrettier,
    locStart: (node) => node.span.start,
    locEnd: (node) => node.span.end,
  },
};

// ---------------------------------------------------------------- the printer

type Print = (selector?: string | AstPath) => Doc;

/** Comments that hang on no child of the node. */
function printLoose(path: AstPath<CommentedNode>): Doc | undefined {
  const loose: Doc[] = [];
  for (const comment of path.node.comments ?? []) {
    if (comment.leading || comment.trailing) continue;
    comment.printed = true;
    loose.push(comment.text.trimEnd());
  }
  return loose.length === 0 ? undefined : join(hardline, loose);
}

function layOut<K extends NodeKind>(path: AstPath<CommentedNode>, node: NodeOf<K> & { kind: K }, text: string, print: Print): Doc {
  const arrays = path as unknown as AstPath<Record<string, readonly Node[]>>;
  const p: Printing<NodeOf<K>> = {
    text,
    parent: path.parent ?? undefined,
    one: (key) => (arrays.node[key] === undefined ? '' : print(key)),
    all: (key) => arrays.map((child) => print(child), key),
    loose: () => printLoose(path),
  };
  const layout = layouts[node.kind](node, p);
  // Here, so that a node's comments stay outside of its parentheses.
  return needsParens(node, (level) => path.getParentNode(level) ?? undefined) ? ['(', layout, ')'] : layout;
}

export const printers: Record<'mdl', Printer<Node>> = {
  mdl: {
    print: (path, options, print) => layOut(path, path.node, options.originalText, print),
    getVisitorKeys: (node) => childKeysOf(node.kind),
    canAttachComment: () => true,
    isBlockComment: () => false,
    printComment: (path) => (path as AstPath<{ text: string }>).node.text.trimEnd(),
    hasPrettierIgnore: (path) =>
      ((path.node as CommentedNode).comments ?? []).some((c) => c.leading === true && /^\/\/\s*prettier-ignore\s*$/.test(c.text)),
    handleComments: { ownLine: placeOwnLineComment, endOfLine: placeComment, remaining: placeComment },
  },
};
