/** What is known of the thing at a position. */
import { showValue } from '../../check/expressions/expr.ts';
import type { Value } from '../../check/expressions/values.ts';
import type { Node } from '../../syntax/ast.ts';
import { nodeAt } from '../../syntax/visit.ts';
import type { Position } from '../../text/source.ts';
import { dtypes, isDType } from '../../types/dtype.ts';
import type { Hover } from '../answers.ts';
import { occurrenceAt } from '../occurrences.ts';
import type { Target } from '../targets.ts';
import { pointAt, rangeOf, type View } from '../view.ts';
import { declarationText, memberText } from './declarations.ts';
import { fileTensorText, fileText } from './files.ts';
import { operatorHead, operatorText } from './operators.ts';
import { displayModule, fence, paragraphs, valued } from './types.ts';
import { factWords, familyWords, kindWords } from './words.ts';

/** Undefined where there is nothing to say. */
export function hover(view: View, uri: string, position: Position): Hover | undefined {
  const point = pointAt(view, uri, position);
  if (point === undefined) return undefined;
  const { scope, offset } = point;
  const path = nodeAt(scope.ast, offset);
  const occurrence = occurrenceAt(scope, offset, view.host);
  if (occurrence !== undefined) {
    const markdown = paragraphs(targetText(occurrence.target, view), callText(path, view));
    return markdown === '' ? undefined : { range: rangeOf(scope.source, occurrence.span), markdown };
  }
  const node = path.findLast((n) => isTensor(view.compilation.values.get(n)));
  const value = node && view.compilation.values.get(node);
  return value && { range: rangeOf(scope.source, node.span), markdown: valued('', value, view) };
}

const isTensor = (value: Value | undefined): boolean => value?.kind === 'tensor' || value?.kind === 'record';

function targetText(target: Target, view: View): string {
  switch (target.kind) {
    case 'declaration':
      return declarationText(target.symbol, view);
    case 'member':
      return memberText(target, view);
    case 'size':
      return paragraphs(fence(target.name.text), `A size. Within \`${target.owner.name}\` it is the same wherever it stands.`);
    case 'module':
      return moduleText(target.uri, view);
    case 'file':
      return fileText(target.uri, target.role, view);
    case 'file-tensor':
      return fileTensorText(target.uri, target.name, view);
    case 'operator':
      return operatorText(target.operator);
    case 'attribute':
      return fence(operatorHead(target.operator));
    case 'word':
      return wordText(target.of, target.word);
  }
}

/** At a callee, what this call of it gives. */
function callText(path: readonly Node[], { compilation }: View): string {
  const index = path.findLastIndex((node, i) => isCallee(node, path[i - 1]));
  const call = path[index - 1];
  const value = call && (compilation.values.get(call) ?? compilation.values.get(path[index - 2] ?? call));
  return value === undefined || !isTensor(value) ? '' : `This call gives \`${showValue(value)}\`.`;
}

const isCallee = (node: Node, parent: Node | undefined): boolean =>
  (parent?.kind === 'CallExpr' && parent.callee === node) || (parent?.kind === 'PipeExpr' && parent.stage === node && node.kind === 'NameExpr');

function moduleText(uri: string, { compilation, host }: View): string {
  const module = compilation.scopes.get(uri);
  if (module === undefined) return '';
  const names = module.ast.declarations.flatMap((d) => (d.name.text === '' ? [] : [`\`${d.name.text}\``]));
  return `**${displayModule(uri, host)}** declares ${names.join(', ') || 'nothing'}.`;
}

function wordText(of: 'fact' | 'dtype' | 'kind', word: string): string {
  if (of === 'dtype' && isDType(word)) return paragraphs(fence(word), `ONNX's ${dtypes[word].onnxName}${dtypes[word].bits > 0 ? `, ${dtypes[word].bits} bits` : ''}.`);
  const text = { fact: factWords, dtype: familyWords, kind: kindWords }[of];
  return Object.hasOwn(text, word) ? paragraphs(fence(word), text[word]) : '';
}
