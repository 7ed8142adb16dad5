import { readFileSync } from 'node:fs';

interface PackageJson {
  readonly version: string;
}

/** The package's version. Sources and bundles stand at the same depth below its root. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as PackageJson).version;
}
