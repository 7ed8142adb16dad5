import { defineCodes } from '../define.ts';

interface ExpectedFound {
  /** With its article or in backticks: "a name", "`)`". */
  readonly expected: string;
  readonly found: string;
}
interface Limit {
  readonly limit: number;
}

/** What the text alone tells: characters, words, brackets, numbers. */
export const syntaxCodes = defineCodes({
  'source-too-large': {
    severity: 'error',
    title: 'A source file is too large',
    message: (a: Limit & { readonly length: number }) =>
      `This file has ${a.length} characters; a module may have ${a.limit} at most.`,
  },
  'too-many-errors': {
    severity: 'error',
    title: 'Reading stopped after many errors',
    message: (a: Limit) => `This file has more than ${a.limit} syntax errors; the rest is not shown.`,
  },
  'nesting-too-deep': {
    severity: 'error',
    title: 'Brackets or operators are nested too deeply',
    message: (a: Limit) => `This is nested more than ${a.limit} levels deep.`,
  },
  'unexpected-character': {
    severity: 'error',
    title: 'A character that MDL does not use',
    message: (a: { readonly characters: string }) => `${a.characters} cannot stand here.`,
  },
  'unclosed-string': {
    severity: 'error',
    title: 'A string without its closing quote',
    message: () => 'This string is not closed; a string ends on the line that it begins on.',
  },
  'unknown-escape': {
    severity: 'error',
    title: 'An unknown escape in a string',
    message: (a: { readonly escape: string }) => `\`${a.escape}\` is no escape that strings have.`,
  },
  'number-out-of-range': {
    severity: 'error',
    title: 'A number that cannot be represented',
    message: (a: { readonly number: string; readonly nearest?: string }) =>
      `\`${a.number}\` is too large to be represented${a.nearest === undefined ? '' : ` whole; the nearest number that can be is ${a.nearest}`}.`,
  },
  'expected-integer': {
    severity: 'error',
    title: 'A whole number was expected',
    message: (a: { readonly what: string; readonly found: string }) => `${a.what} is a whole number${/^\d{16,}$/.test(a.found) ? ' below 2^53' : ''}, not \`${a.found}\`.`,
  },
  'invalid-version': {
    severity: 'error',
    title: 'A version is not whole',
    message: (a: { readonly found: string }) => `A version has three numbers, as in \`1.0.0\`; \`${a.found}\` is none.`,
  },
  'leading-zero': {
    severity: 'error',
    title: 'A version with leading zeros',
    message: (a: { readonly found: string; readonly meant: string }) => `The numbers of a version have no leading zeros: \`${a.found}\` is written \`${a.meant}\`.`,
  },
  'invalid-operator': {
    severity: 'error',
    title: 'An operator that sizes do not have',
    message: (a: { readonly operator: string }) => `A size is computed with \`+\`, \`-\`, \`*\`, \`div\`, \`mod\`, \`min(…)\` and \`max(…)\`, not with \`${a.operator}\`.`,
  },
  'invalid-comparison': {
    severity: 'error',
    title: 'A comparison that facts do not have',
    message: (a: { readonly operator: string }) =>
      `A fact compares with \`==\`, \`>=\` and \`<=\`, not with \`${a.operator}\`.`,
  },
  'unknown-unit': {
    severity: 'error',
    title: 'An unknown unit',
    message: (a: { readonly unit: string; readonly units: readonly string[] }) =>
      `\`${a.unit}\` is no unit; the units are ${a.units.map((unit) => `\`${unit}\``).join(', ')}.`,
  },
  'unknown-mode': {
    severity: 'error',
    title: 'An unknown answer to a violation',
    message: (a: { readonly found: string; readonly meant: string | undefined }) =>
      a.meant === undefined
        ? `\`${a.found}\` is no answer to a violation: they are \`reject\`, \`clamp\`, \`replace(VALUE)\` and \`report\`.`
        : `\`${a.found}\` is no answer to a violation; did you mean \`${a.meant}\`?`,
  },
  'violation-value': {
    severity: 'error',
    title: 'A violation with or without a value',
    message: (a: { readonly mode: string }) =>
      a.mode === 'replace'
        ? '`replace` needs the value that it puts in place: `on violation replace(VALUE)`.'
        : `\`${a.mode}\` takes no value: write \`on violation ${a.mode}\`.`,
  },
  'wrong-equals': {
    severity: 'error',
    title: '`=` and `==` confused',
    message: (a: ExpectedFound) =>
      `Expected ${a.expected}, found ${a.found}: \`=\` binds a name to a value, \`==\` compares two values.`,
  },
  'other-notation': {
    severity: 'error',
    title: 'Written as in another language',
    message: (a: { readonly what: string; readonly wanted: string; readonly found: string }) => `${a.what} is written \`${a.wanted}\`, not \`${a.found}\`.`,
  },
  'facts-in-parentheses': {
    severity: 'error',
    title: 'Facts inside the parentheses of a part',
    message: (a: { readonly parameter: string }) => `Facts about \`${a.parameter}\` cannot stand inside the parentheses.`,
  },
  'misspelled-word': {
    severity: 'error',
    title: 'A misspelled keyword',
    message: (a: { readonly found: string; readonly meant: string }) => `\`${a.found}\` is unknown; did you mean \`${a.meant}\`?`,
  },
  'reserved-word': {
    severity: 'error',
    title: 'A reserved word as a name',
    message: (a: { readonly word: string }) => `\`${a.word}\` is a reserved word and cannot be a name.`,
  },
  'missing-bracket': {
    severity: 'error',
    title: 'A bracket is not closed',
    message: (a: ExpectedFound) => `Expected ${a.expected}, found ${a.found}.`,
  },
  'missing-value': {
    severity: 'error',
    title: 'A body without a value',
    message: () => 'This body has no value: its last line must be an expression.',
  },
  'misplaced-clause': {
    severity: 'error',
    title: 'A clause out of its order',
    message: (a: { readonly clause: string }) =>
      `\`${a.clause}\` is out of its order; the clauses are, each at most once: \`where\`, \`keeps\`, \`weights\`.`,
  },
  'learned-without-weights': {
    severity: 'error',
    title: '`= learned` without a file',
    message: () => '`= learned` stands behind `weights "FILE"`, the file that a `fit` writes.',
  },
  'misplaced-member': {
    severity: 'error',
    title: 'A member that belongs elsewhere',
    message: (a: { readonly tool: string; readonly word: string; readonly known: readonly string[] }) =>
      `A \`${a.tool}\` has no \`${a.word}\`; it has ${a.known.map((word) => `\`${word}\``).join(', ')}.`,
  },
  'misplaced-import': {
    severity: 'error',
    title: 'An import below a declaration',
    message: () => 'Imports stand at the top of the file, above the declarations.',
  },
  'stray-doc-comment': {
    severity: 'error',
    title: 'A doc comment that documents nothing',
    message: () =>
      'This doc comment documents nothing: `///` stands on a line of its own above a declaration, or above something that is named inside of one.',
  },
  'unexpected-token': {
    severity: 'error',
    title: 'Something else was expected',
    message: (a: ExpectedFound) => `Expected ${a.expected}, found ${a.found}.`,
  },
});
