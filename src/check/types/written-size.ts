/** An expression among the arguments of a contract as the size that it is: what a type says on an axis, it may say there. */
import type { DimExpr, Expr } from '../../syntax/ast.ts';

/** Undefined of what is no size: fractions, texts, lists, quotients by `/`, and calls of anything but `min` and `max`. */
export function writtenSize(value: Expr): DimExpr | undefined {
  const { span } = value;
  switch (value.kind) {
    case 'NumberLit':
      return Number.isSafeInteger(value.value) ? { kind: 'DimInt', value: value.value, span } : undefined;
    case 'NameExpr':
      return { kind: 'DimName', name: value.name, span };
    case 'BinaryExpr': {
      const [left, right] = [writtenSize(value.left), writtenSize(value.right)];
      return value.op === '/' || left === undefined || right === undefined ? undefined : { kind: 'DimBinary', op: value.op, left, right, span };
    }
    case 'CallExpr': {
      const callee = value.callee.kind === 'NameExpr' ? value.callee.name.text : undefined;
      const args = value.args.map((arg) => (arg.name === undefined ? writtenSize(arg.value) : undefined));
      const isSound = args.length > 0 && args.every((arg) => arg !== undefined);
      return (callee === 'min' || callee === 'max') && isSound ? { kind: 'DimCall', callee, args, span } : undefined;
    }
    default:
      return undefined;
  }
}
