/** The units of quantities: shares, times and sizes. */
export const units: readonly string[] = ['%', 'us', 'ms', 's', 'min', 'h', 'B', 'kB', 'KB', 'MB', 'GB', 'KiB', 'MiB', 'GiB'];

/** The unit that a quantity ends with, known or not. */
export const unitOf = (image: string): string => /(?:%|[A-Za-z]+)$/.exec(image)![0];

/** What others write for a unit, in lower case. */
export const otherUnits: Readonly<Record<string, string>> = {
  percent: '%', pct: '%', usec: 'us', micros: 'us', microseconds: 'us', msec: 'ms', millis: 'ms', milliseconds: 'ms', sec: 's', secs: 's', second: 's', seconds: 's',
  mins: 'min', minute: 'min', minutes: 'min', hr: 'h', hrs: 'h', hour: 'h', hours: 'h', byte: 'B', bytes: 'B', k: 'kB', m: 'MB', g: 'GB',
};
