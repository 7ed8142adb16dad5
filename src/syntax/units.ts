/** The units of quantities: shares, times and sizes. */
export const units: readonly string[] = ['%', 'us', 'ms', 's', 'min', 'h', 'B', 'kB', 'KB', 'MB', 'GB', 'KiB', 'MiB', 'GiB'];

/** The unit that a quantity ends with, known or not. */
export const unitOf = (image: string): string => /(?:%|[A-Za-z]+)$/.exec(image)![0];
