/** What the runtime refuses, as the end of a command. */
import type { MdlRuntimeError } from '../../runtime/errors.ts';
import { exit } from '../exit.ts';
import { Stop } from '../stop.ts';

/** Codes of what the caller can set right: the inputs and options. */
const callCodes = /^(input-|output-|image-invalid$|runtime-options$|device-unavailable$|text-not-tokenized$)/;

export const stopOf = ({ finding }: MdlRuntimeError): Stop => new Stop(finding, callCodes.test(finding.code) ? exit.usage : exit.fault);
