/** Shared by the tables of draws: which tensors fit, and how a draw is made of one. */
import type { Tensor } from 'onnxruntime-node';
import type { Drawing, DrawnNode, Value } from './drawing.ts';

export type Draw = (d: Drawing) => DrawnNode | undefined;

export const isFloat = (t: Tensor): boolean => t.type === 'float32';
export const isNumber = (t: Tensor): boolean => ['float32', 'int64', 'int32'].includes(t.type);
export const isBool = (t: Tensor): boolean => t.type === 'bool';
export const isList = (t: Tensor): boolean => t.type === 'int64' && t.dims.length === 1 && t.size <= 8;
export const isSmallInt = (t: Tensor): boolean => t.type === 'int64' && t.dims.length <= 1 && t.size <= 8;
export const ofRank = (...ranks: readonly number[]) => (t: Tensor): boolean => isFloat(t) && ranks.includes(t.dims.length);
export const any = (): boolean => true;

export const rankOf = (value: Value): number => value.tensor.dims.length;
export const axisOf = (d: Drawing, rank: number): number => d.int(-rank, rank - 1);
export const axesOf = (d: Drawing, rank: number): readonly number[] => Array.from({ length: rank }, (_, i) => i).filter(() => d.chance(0.5)).map((i) => (d.chance(0.3) ? i - rank : i));

/** One operand that fits, and what else the operator takes. */
export const one =
  (fits: (t: Tensor, name: string) => boolean, rest: (d: Drawing, x: Value) => Partial<DrawnNode> | undefined = () => ({})) =>
  (op: string, domain?: string): Draw =>
  (d) => {
    const x = d.find(fits);
    const more = x && rest(d, x);
    return more && { op, inputs: [x], ...(domain === undefined ? {} : { domain }), ...more };
  };

export type Maker = (op: string, domain?: string) => Draw;
export const each = (maker: Maker, ...ops: readonly string[]): Readonly<Record<string, Draw>> => Object.fromEntries(ops.map((op) => [op, maker(op)]));
export const inMicrosoft = (maker: Maker, ...ops: readonly string[]): Readonly<Record<string, Draw>> => Object.fromEntries(ops.map((op) => [`com.microsoft.${op}`, maker(op, 'com.microsoft')]));

