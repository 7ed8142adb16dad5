/**
 * The seal of a manifest: its last member, the SHA-256 of all bytes before it. Like that of a model's file it finds what was
 * altered, not what was forged.
 */

const opening = ',\n  "seal": "';
const ending = '"\n}\n';

/** A manifest's text up to where its seal begins. */
export const unsealed = (text: string): string => text.replace(/\n\}\n$/, '');

/** What a text without its seal ends with, when its digest is this. */
export const manifestSeal = (sha256: string): string => `${opening}${sha256}${ending}`;

/** What a seal covers, and what it says the digest of that is; undefined where there is no seal at the very end. */
export function sealOfManifest(text: string): { readonly covered: string; readonly sha256: string } | undefined {
  const length = manifestSeal('').length + 64;
  const [covered, seal] = [text.slice(0, -length), text.slice(-length)];
  const sha256 = seal.slice(opening.length, -ending.length);
  return seal === manifestSeal(sha256) && /^[0-9a-f]{64}$/.test(sha256) ? { covered, sha256 } : undefined;
}
