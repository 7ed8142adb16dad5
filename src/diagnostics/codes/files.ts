import { defineCodes } from '../define.ts';

/** Reading sources and foreign files, and writing bundles. */
export const fileCodes = defineCodes({
  'file-not-found': {
    severity: 'error',
    title: 'A file that is not there',
    message: (a: { path: string }) => `there is no file ${a.path}`,
  },
  'file-unreadable': {
    severity: 'error',
    title: 'A file that cannot be read',
    message: (a: { path: string; reason: string }) => `${a.path} cannot be read: ${a.reason}`,
  },
  'file-not-regular': {
    severity: 'error',
    title: 'Not a file of bytes',
    message: (a: { path: string; found: string }) => `${a.path} is ${a.found}, where a file is needed`,
  },
  'file-too-large': {
    severity: 'error',
    title: 'A source file of unlikely size',
    message: (a: { path: string; bytes: number; limit: number }) =>
      `${a.path} has ${a.bytes.toLocaleString('en-US')} bytes, and a source file has at most ${a.limit.toLocaleString('en-US')}`,
  },
  'file-not-utf8': {
    severity: 'error',
    title: 'A source file that is not UTF-8',
    message: (a: { path: string; offset: number; line: number }) =>
      `${a.path} is not UTF-8: byte ${a.offset.toLocaleString('en-US')}, in line ${a.line.toLocaleString('en-US')}, begins no character`,
  },
  'write-failed': {
    severity: 'error',
    title: 'A bundle that cannot be written',
    message: (a: { path: string; reason: string }) => `${a.path} cannot be written: ${a.reason}`,
  },
  'write-occupied': {
    severity: 'error',
    title: 'A folder that is not ours to replace',
    message: (a: { path: string }) => `${a.path} holds something else than a bundle, and is left as it is`,
  },
  'write-source-changed': {
    severity: 'error',
    title: 'A file that changed while it was copied',
    message: (a: { path: string; end: number; bytes: number }) =>
      `${a.path} became shorter while it was copied: bytes up to ${a.end.toLocaleString('en-US')} are needed, and ${a.bytes.toLocaleString('en-US')} are there`,
  },
});
