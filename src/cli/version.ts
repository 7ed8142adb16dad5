import { readFileSync } from 'node:fs';
import { packageFolder } from './package-folder.ts';

interface PackageJson {
  readonly version: string;
}

/** The package's version. */
export function packageVersion(): string {
  const text = readFileSync(new URL('package.json', packageFolder), 'utf8');
  return (JSON.parse(text) as PackageJson).version;
}
