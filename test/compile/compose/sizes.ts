/** Sizes as the language writes them: polynomials over names. Names that begin with "?" are sizes that nothing can say. */
export type Size = Readonly<Record<string, number>>;

export const size = (of: number | string): Size => (typeof of === 'number' ? { '': of } : { [of]: 1 });

const sorted = (terms: Record<string, number>): Size => Object.fromEntries(Object.entries(terms).filter(([, factor]) => factor !== 0).sort(([a], [b]) => (a < b ? -1 : 1)));

export function addSizes(a: Size, b: Size, times = 1): Size {
  const sum: Record<string, number> = { ...a };
  for (const [name, factor] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + times * factor;
  return sorted(sum);
}

export function multiplySizes(a: Size, b: Size): Size {
  const product: Record<string, number> = {};
  for (const [x, p] of Object.entries(a)) {
    for (const [y, q] of Object.entries(b)) {
      const name = [...x.split('*'), ...y.split('*')].filter((part) => part !== '').sort().join('*');
      product[name] = (product[name] ?? 0) + p * q;
    }
  }
  return sorted(product);
}

export const productOfSizes = (sizes: readonly Size[]): Size => sizes.reduce(multiplySizes, size(1));

export const showSize = (of: Size): string => {
  const terms = Object.entries(of).toReversed().map(([name, factor]) => {
    const names = name.split('*').filter((part) => part !== '');
    return [...(Math.abs(factor) === 1 && names.length > 0 ? [] : [String(Math.abs(factor))]), ...names].join(' * ');
  });
  const signs = Object.values(of).toReversed();
  return terms.length === 0 ? '0' : terms.map((term, i) => (i === 0 ? `${signs[i]! < 0 ? '0 - ' : ''}${term}` : ` ${signs[i]! < 0 ? '-' : '+'} ${term}`)).join('');
};

export const sameSize = (a: Size, b: Size): boolean => showSize(sorted(a)) === showSize(sorted(b));
export const numberOf = (of: Size): number | undefined => (Object.keys(of).every((name) => name === '') ? (of[''] ?? 0) : undefined);
/** The name that a size is alone. */
export const bareName = (of: Size): string | undefined => {
  const [[name, factor] = ['', 0], ...more] = Object.entries(of);
  return more.length === 0 && factor === 1 && name !== '' && !name.includes('*') ? name : undefined;
};
export const namesIn = (of: Size): readonly string[] => Object.keys(of).flatMap((name) => name.split('*')).filter((name) => name !== '');
export const isWritable = (of: Size): boolean => namesIn(of).every((name) => !name.startsWith('?'));

/** With other sizes in the place of names. */
export function substitute(of: Size, by: Readonly<Record<string, Size>>): Size {
  return Object.entries(of).reduce<Size>((sum, [name, factor]) => {
    const parts = name.split('*').filter((part) => part !== '').map((part) => by[part] ?? size(part));
    return addSizes(sum, productOfSizes(parts), factor);
  }, {});
}

export const valueOf = (of: Size, sizes: Readonly<Record<string, number>>): number =>
  Object.entries(of).reduce((sum, [name, factor]) => sum + name.split('*').filter((part) => part !== '').reduce((product, part) => product * sizes[part]!, factor), 0);
