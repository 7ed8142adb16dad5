/** The package's root. Sources of this folder and bundles stand at the same depth below it. */
export const packageFolder = new URL('../../', import.meta.url);
