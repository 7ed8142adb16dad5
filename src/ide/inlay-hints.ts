/** The types of values that no text gives a type: `let` and `output`. */
import { showValue } from '../check/expressions/expr.ts';
import type { Value } from '../check/expressions/values.ts';
import { visit } from '../syntax/visit.ts';
import { offsetAt, positionAt } from '../text/source.ts';
import type { InlayHint, Range } from './answers.ts';
import { valued } from './hover/types.ts';
import type { View } from './view.ts';

export function inlayHints(view: View, uri: string, range: Range): InlayHint[] {
  const scope = view.compilation.scopes.get(uri);
  if (scope === undefined) return [];
  const [start, end] = [offsetAt(scope.source, range.start), offsetAt(scope.source, range.end)];
  const hints: InlayHint[] = [];
  visit(scope.ast, {
    enter: (node) => {
      if (node.span.end < start || node.span.start > end) return false;
      if (node.kind !== 'Let' && (node.kind !== 'ModelOutput' || node.type !== undefined)) return true;
      const value = view.compilation.values.get(node.name);
      if (value !== undefined && isTyped(value)) {
        const position = positionAt(scope.source, node.name.span.end);
        hints.push({ position, label: `: ${showValue(value)}`, markdown: valued(node.name.text, value, view) });
      }
      return true;
    },
  });
  return hints;
}

const isTyped = (value: Value): boolean => value.kind === 'tensor' || value.kind === 'record';
