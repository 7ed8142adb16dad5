/** Element types: a dtype, or what stands for one. */
import { allDTypes, dtypeFamilies, type DType } from './dtype.ts';
import type { ElementType } from './type.ts';

/** The dtypes that an element type may be; of a `dtype` parameter all. */
export const dtypesOf = (type: ElementType): readonly DType[] => (typeof type === 'string' ? [type] : type.parameter === undefined ? dtypeFamilies[type.family] : allDTypes);
