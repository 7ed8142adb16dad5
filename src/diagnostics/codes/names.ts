import { defineCodes } from '../define.ts';

/** "an adapter", "a head". */
export const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** Modules, imports and the names in them. */
export const nameCodes = defineCodes({
  'unknown-name': {
    severity: 'error',
    title: 'Unknown name',
    message: (a: { name: string; what: string }) => `there is no ${a.what} called \`${a.name}\` here`,
  },
  'unknown-value': {
    severity: 'error',
    title: 'A value that the attribute does not have',
    message: (a: { attribute: string; value: string }) => `\`${a.attribute}\` has no value \`${a.value}\``,
  },
  'wrong-kind': {
    severity: 'error',
    title: 'A name of another kind',
    message: (a: { name: string; found: string; expected: string }) =>
      `\`${a.name}\` is ${withArticle(a.found)}, but ${withArticle(a.expected)} is needed here`,
  },
  'duplicate-name': {
    severity: 'error',
    title: 'A name declared twice',
    message: (a: { name: string; where: string }) => `\`${a.name}\` is declared twice in ${a.where}`,
  },
  'unknown-module': {
    severity: 'error',
    title: 'A module that cannot be found',
    message: (a: { path: string }) => `there is no module "${a.path}"`,
  },
  'package-missing': {
    severity: 'error',
    title: 'A package that is not installed',
    message: (a: { name: string }) => `the package "${a.name}" is not installed here`,
  },
  'package-entry': {
    severity: 'error',
    title: 'A package that offers no module',
    message: (a: { name: string }) => `the package "${a.name}" offers no such module of MDL`,
  },
  'package-outside': {
    severity: 'error',
    title: 'An import that leaves the package',
    message: (a: { name: string; path: string }) => `"${a.path}" leads out of the package "${a.name}"`,
  },
  'package-twice': {
    severity: 'error',
    title: 'One identity from two copies of a package',
    message: (a: { kind: string; name: string; package: string; first: string; second: string }) =>
      `the ${a.kind} \`${a.name}\` of the package "${a.package}" was read from two copies of it, ${a.first} and ${a.second}`,
  },
  'unknown-export': {
    severity: 'error',
    title: 'An import that the module does not declare',
    message: (a: { name: string; path: string }) => `"${a.path}" declares nothing called \`${a.name}\``,
  },
  'import-cycle': {
    severity: 'error',
    title: 'Modules that import each other',
    message: (a: { cycle: readonly string[] }) =>
      a.cycle.length === 2 ? `${a.cycle[0]} imports itself` : `these modules import each other: ${a.cycle.join(' -> ')}`,
  },
  'declaration-cycle': {
    severity: 'error',
    title: 'A declaration made of itself',
    message: (a: { cycle: readonly string[] }) => `\`${a.cycle[0]}\` is made of itself: ${a.cycle.join(' -> ')}`,
  },
  'shadowed-name': {
    severity: 'warning',
    title: 'A name that hides another',
    message: (a: { name: string; hidden: string }) => `\`${a.name}\` hides the ${a.hidden} of the same name`,
  },
  'unused-import': {
    severity: 'warning',
    title: 'An import that nothing uses',
    message: (a: { name: string }) => `\`${a.name}\` is imported but never used`,
  },
  'unused-param': {
    severity: 'warning',
    title: 'A weight that nothing reads',
    message: (a: { name: string }) => `the weight \`${a.name}\` is never read`,
  },
  'unused-let': {
    severity: 'warning',
    title: 'A value that nothing uses',
    message: (a: { name: string }) => `\`${a.name}\` is never used`,
  },
  'unused-input': {
    severity: 'warning',
    title: 'An input that nothing reads',
    message: (a: { name: string; owner: string; what?: 'parameter' }) => `nothing in \`${a.owner}\` reads its ${a.what ?? 'input'} \`${a.name}\``,
  },
  'size-like-labels': {
    severity: 'warning',
    title: 'A size with nearly the name of labels',
    message: (a: { name: string; labels: string }) => `\`${a.name}\` is a size of any length, and not the labels \`${a.labels}\``,
  },
  'unused-declaration': {
    severity: 'warning',
    title: 'A declaration that nothing uses',
    message: (a: { kind: string; name: string }) => `nothing uses the ${a.kind} \`${a.name}\``,
  },
  'unused-state': {
    severity: 'warning',
    title: 'A state that no output depends on',
    message: (a: { name: string; model: string }) => `no output of \`${a.model}\` depends on its state \`${a.name}\``,
  },
  'identity-conflict': {
    severity: 'error',
    title: 'One identity declared twice',
    message: (a: { kind: string; name: string }) =>
      `the ${a.kind} \`${a.name}\` is declared in two modules of one package, so the two would be the same ${a.kind}`,
  },
  'compatible-newer': {
    severity: 'error',
    title: 'Compatibility with what is not older',
    message: (a: { name: string; version: string; range: string }) => `\`${a.name}\` is ${a.version}, and no version of ${a.range} is older than that`,
  },
  'missing-version': {
    severity: 'error',
    title: 'An identity without a version',
    message: (a: { kind: string; name: string }) => `the ${a.kind} \`${a.name}\` has no version`,
  },
});
