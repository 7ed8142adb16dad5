/** As many digits of a digest as people compare. */
export const shortDigest = (sha256: string): string => sha256.slice(0, 12);
