/** All tables of codes, as the folder holds them. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { CodeTable } from '../../src/diagnostics/define.ts';

const tablesFolder = path.resolve(import.meta.dirname, '../../src/diagnostics/codes');

function isReporter(value: unknown): value is { readonly table: CodeTable } {
  return typeof value === 'object' && value !== null && 'table' in value;
}

/** Every row of every table of codes, with the file that holds it. */
export async function allRows(): Promise<readonly { readonly file: string; readonly code: string; readonly title: string }[]> {
  const files = readdirSync(tablesFolder).filter((file) => file.endsWith('.ts'));
  const found = await Promise.all(
    files.map(async (file) => {
      const module: Record<string, unknown> = await import(path.join(tablesFolder, file));
      return Object.values(module)
        .filter(isReporter)
        .flatMap(({ table }) => Object.entries(table).map(([code, { title }]) => ({ file, code, title })));
    }),
  );
  return found.flat();
}
