import { defineCodes } from '../define.ts';

/** As the user knows the file, and a clause that says what was expected and what was found. */
interface DataReason {
  readonly file: string;
  readonly reason: string;
}

/** Small figures in KiB: two that differ should not read alike. */
function showBytes(bytes: number): string {
  if (bytes < 10 * 2 ** 20) return `${Math.ceil(bytes / 2 ** 10).toLocaleString('en-US')} KiB`;
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}

/** What fit, verify and probe find when they are carried out. */
export const toolkitCodes = defineCodes({
  'data-column': {
    severity: 'error',
    title: 'A data file has no such column',
    message: (a: { readonly file: string; readonly column: string; readonly columns: readonly string[] }) =>
      `\`${a.file}\` has no column \`${a.column}\`; it has ${a.columns.slice(0, 12).map((name) => `\`${name}\``).join(', ') || 'none'}${a.columns.length > 12 ? ` and ${a.columns.length - 12} more` : ''}`,
  },
  'data-rows': {
    severity: 'error',
    title: 'A data file has no rows, or not as many as another',
    message: (a: DataReason) => `\`${a.file}\` cannot be used: ${a.reason}`,
  },
  'data-memory': {
    severity: 'error',
    title: 'Data that do not fit into memory',
    message: (a: { readonly what: string; readonly bytes: number; readonly free: number; readonly product: string }) =>
      `${a.what} would take ${showBytes(a.bytes)} of memory (${a.product}), and ${showBytes(a.free)} are free`,
  },
  'data-value': {
    severity: 'error',
    title: 'A value of a data file is not what is needed',
    message: (a: { readonly file: string; readonly column: string; readonly row: number; readonly line?: number | undefined; readonly needs: string; readonly found: string }) =>
      `row ${a.row} of \`${a.file}\`${a.line === undefined ? '' : `, line ${a.line}`}: \`${a.column}\` has to be ${a.needs}, found ${a.found}`,
  },
  'image-size': {
    severity: 'error',
    title: 'A picture of another size',
    message: (a: { readonly file: string; readonly height: number; readonly width: number; readonly input: string; readonly wants: string }) =>
      `\`${a.file}\` is ${a.height} by ${a.width}, and \`${a.input}\` takes ${a.wants}, the same for all pictures of a run`,
  },
  'image-input': {
    severity: 'error',
    title: 'An input that takes no picture',
    message: (a: { readonly input: string; readonly why: string }) => `\`${a.input}\` takes no picture: ${a.why}`,
  },
  'tool-open': {
    severity: 'error',
    title: 'A value whose type nobody says',
    message: (a: { readonly tool: string; readonly why: string }) => `${a.tool} cannot be carried out: ${a.why}`,
  },
  'golden-row': {
    severity: 'error',
    title: 'A model that does not answer its golden rows',
    message: (a: { readonly model: string; readonly file: string; readonly row: number; readonly what: string; readonly expected: string; readonly found: string }) =>
      `${a.model} does not answer row ${a.row} of \`${a.file}\` as recorded: ${a.what} should be ${a.expected}, found ${a.found}`,
  },
  'rollout-build': {
    severity: 'error',
    title: 'A rollout that cannot be built',
    message: (a: { readonly rollout: string; readonly why: string }) => `\`rollout ${a.rollout}\` cannot be built: ${a.why}`,
  },
  'fit-form': {
    severity: 'error',
    title: 'A part of a form that no closed form fits',
    message: (a: { readonly name: string; readonly why: string }) => `\`${a.name}\` cannot be fitted in closed form: ${a.why}`,
  },
  'fit-gradient': {
    severity: 'error',
    title: 'An operator without a gradient',
    message: (a: { readonly op: string; readonly why: string }) => `nothing can be learned through \`${a.op}\`: ${a.why}`,
  },
  'fit-unsupported': {
    severity: 'error',
    title: 'A loss or method that is not carried out yet',
    message: (a: { readonly what: string }) => `${a.what} is not carried out yet`,
  },
  'verdict-stale': {
    severity: 'warning',
    title: 'A verdict that was given on something else',
    message: (a: { readonly name: string; readonly verdict: string; readonly date: string }) => `the verdict on \`${a.name}\`, ${a.verdict} of ${a.date}, is stale`,
  },
  'probe-stale': {
    severity: 'warning',
    title: 'A measurement that was taken on something else',
    message: (a: { readonly name: string; readonly date: string }) => `what \`probe ${a.name}\` measured on ${a.date} is stale`,
  },
  'measured-contradicts': {
    severity: 'warning',
    title: 'A measurement that contradicts what is declared',
    message: (a: { readonly what: string; readonly found: string; readonly rows: number; readonly of: string }) => `\`${a.what}\` is declared of \`${a.of}\`, and ${a.found} was measured on ${a.rows} rows`,
  },
  'upgrade-refused': {
    severity: 'error',
    title: 'An encoder that cannot be exchanged by itself',
    message: (a: { readonly old: string; readonly next: string; readonly why: string }) => `\`${a.old}\` cannot be exchanged for \`${a.next}\`: ${a.why}`,
  },
  'features-shape': {
    severity: 'error',
    title: 'An encoder gives something else than a vector for each example',
    message: (a: { readonly of: string; readonly found: string }) => `${a.of} gives ${a.found}, and a vector for each example is needed`,
  },
});
