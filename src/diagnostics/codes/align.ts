import { defineCodes } from '../define.ts';

/** What probe, fit and verify find wrong with the data that they are given. */
export const alignCodes = defineCodes({
  'fit-too-few-rows': {
    severity: 'error',
    title: 'Too few rows to fit from',
    message: (a: { readonly method: string; readonly rows: number; readonly different?: number; readonly needed: number; readonly why: string }) =>
      `\`${a.method}\` cannot be fitted from ${a.rows} rows${(a.different ?? a.rows) < a.rows ? ` that hold ${a.different} different examples` : ''}: it needs ${a.needed}, ${a.why}.`,
  },
  'fit-no-better': {
    severity: 'warning',
    title: 'A fit that does no better than a constant',
    message: (a: { readonly part: string; readonly measure: string; readonly found: string; readonly constant: string }) =>
      `What \`${a.part}\` has learned is no better on rows left out than ${a.constant}: ${a.measure} ${a.found}.`,
  },
  'fit-beside-large': {
    severity: 'warning',
    title: 'Columns that are nothing beside a larger one',
    message: (a: { readonly method: string; readonly count: number; readonly of: number; readonly column: number; readonly times: number }) =>
      `\`${a.method}\` has hardly looked at ${a.count} of ${a.of} columns of the source: column ${a.column} varies ${a.times.toPrecision(2)} times as much as they do.`,
  },
  'fit-unfit-method': {
    severity: 'error',
    title: 'A method that does not fit these spaces',
    message: (a: { readonly method: string; readonly reason: string }) =>
      `\`${a.method}\` cannot be fitted here: ${a.reason}.`,
  },
  'fit-diverged': {
    severity: 'error',
    title: 'A fit whose loss is no number any more',
    message: (a: { readonly step: number; readonly rate: number }) => `By step ${a.step} the loss is not finite any more, at a learning rate of ${a.rate}.`,
  },
  'fit-worse': {
    severity: 'error',
    title: 'A fit that makes its loss no smaller',
    message: (a: { readonly before: number; readonly after: number; readonly held: boolean }) =>
      `The loss ${a.held ? 'on the rows held out ' : ''}is ${a.after.toPrecision(3)} at its best, and was ${a.before.toPrecision(3)} before the first step.`,
  },
  'features-not-finite': {
    severity: 'error',
    title: 'Features hold NaN or infinity',
    message: (a: { readonly of: string; readonly columns: readonly number[]; readonly count: number }) =>
      `The features of ${a.of} hold NaN or infinity, in ${a.count === 1 ? 'the column' : `${a.count} columns, among them`} ${a.columns.join(', ')}.`,
  },
  'features-too-large': {
    severity: 'error',
    title: 'Features whose squares are infinite',
    message: (a: { readonly of: string; readonly column: number; readonly size: number }) =>
      `The features of ${a.of} go up to ${a.size.toPrecision(2)}, in the column ${a.column}, and their squares are beyond single precision.`,
  },
  'features-constant': {
    severity: 'error',
    title: 'Features that are the same for all examples',
    message: (a: { readonly of: string; readonly rows: number }) =>
      `The features of ${a.of} are the same for all ${a.rows} rows: there is nothing to learn from.`,
  },
});
