import { defineCodes } from '../define.ts';

/** What is wrong with the record of a probe. */
export const driftCodes = defineCodes({
  'record-invalid': {
    severity: 'error',
    title: 'Not the record of a probe',
    message: (a: { readonly file: string; readonly reason: string }) => `\`${a.file}\` is not the record of a probe: ${a.reason}`,
  },
  'record-other': {
    severity: 'error',
    title: 'The record of a probe that does not fit',
    message: (a: { readonly file: string; readonly reason: string }) => `\`${a.file}\` cannot be compared with: ${a.reason}`,
  },
});
