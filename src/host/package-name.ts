import type { Outcome } from '../diagnostics/diagnostic.ts';

/**
 * Finds the name in the package.json nearest above a file, and remembers it by folder for as long as the host lives.
 * A package.json without a name ends the search, as it does for Node.
 */
export function createPackageNames(readText: (uri: string) => Outcome<string>, exists: (uri: string) => boolean) {
  const byFolder = new Map<string, string>();

  const nameOf = (folder: string): string => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const file = new URL('package.json', folder).href;
    const parent = new URL('..', folder).href;
    const name = exists(file) ? nameIn(readText(file)) : parent === folder ? '' : nameOf(parent);
    byFolder.set(folder, name);
    return name;
  };
  return (uri: string): string => (URL.canParse('.', uri) ? nameOf(new URL('.', uri).href) : '');
}

function nameIn(text: Outcome<string>): string {
  try {
    const json: unknown = text.ok ? JSON.parse(text.value.replace(/^\ufeff/, '')) : undefined;
    if (typeof json !== 'object' || json === null || !('name' in json)) return '';
    return typeof json.name === 'string' ? json.name : '';
  } catch {
    return '';
  }
}
