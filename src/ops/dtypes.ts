/** Which element types an operator takes, and since when. */
import { allDTypes, dtypeFamilies, type DType } from '../types/dtype.ts';
import { dtypesOf } from '../types/element-type.ts';
import { showElementType } from '../types/show.ts';
import type { ElementType } from '../types/type.ts';

const { float, int } = dtypeFamilies;
/** Narrow ones as far as ONNX has a form for them (narrow.ts). */
export const anything: readonly DType[] = allDTypes;
export const floats: readonly DType[] = float;
export const numbers: readonly DType[] = [...float, ...int];
export const signedNumbers: readonly DType[] = [...float, 'i8', 'i16', 'i32', 'i64'];
export const wideNumbers: readonly DType[] = [...float, 'i32', 'i64', 'u32', 'u64'];

/** Whether an operator of these dtypes takes this one, or every one that a family stands for. */
export const works = (dtype: ElementType, allowed: readonly DType[]): boolean =>
  dtypesOf(dtype).every((member) => allowed.includes(member));

export const describeDType = (dtype: ElementType, takes: string): string => `it works on ${takes}, not on ${showElementType(dtype)}`;

/** ONNX's operators took bf16 later than the others. */
export const sinceOf = (dtype: ElementType, otherwise: number): number => (dtype === 'bf16' ? Math.max(13, otherwise) : otherwise);
