import { minifySync } from 'rolldown/utils';

/**
 * A rolldown plugin: what these entries load is written with line breaks. Node shows the line that throws above an error
 * that nobody caught, and that of a minified file has tens of thousands of characters.
 *
 * @param {readonly string[]} entries their names
 * @returns {import('rolldown').Plugin}
 */
export function shortLines(entries) {
  return {
    name: 'short-lines',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((item) => item.type === 'chunk');
      const loaded = new Set(chunks.filter(({ isEntry, name }) => isEntry && entries.includes(name)).map(({ fileName }) => fileName));
      // A set that grows is walked to its end.
      for (const fileName of loaded) for (const other of chunks.find((chunk) => chunk.fileName === fileName)?.imports ?? []) loaded.add(other);
      for (const chunk of chunks) {
        if (!loaded.has(chunk.fileName)) continue;
        const { code, errors } = minifySync(chunk.fileName, chunk.code, { compress: false, mangle: false, codegen: { removeWhitespace: false } });
        if (errors.length > 0) throw new Error(`${chunk.fileName}: ${errors[0].message}`);
        chunk.code = code;
      }
    },
  };
}
