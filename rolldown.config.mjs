import { createRequire } from 'node:module';
import { defineConfig } from 'rolldown';
import { licenceNotices } from './scripts/licence-notices.mjs';

const require = createRequire(import.meta.url);

/**
 * Node takes a millisecond or two for every file, so what `mdl check` needs is in few files. Of modules that several groups
 * could hold, the first group gets them; and `runtime` loads only `common`.
 */
const groups = [
  { name: 'common', test: /[\\/]src[\\/](text|diagnostics|data|types[\\/]dtype|cli[\\/](exit|io|stop))\b/ },
  { name: 'syntax', test: /[\\/]src[\\/]syntax[\\/]/ },
  { name: 'compiler', test: /[\\/]src[\\/](compile|cli[\\/](project|sources|report))\.ts$/ },
].map((group, i, all) => ({ ...group, priority: all.length - i }));

export default defineConfig({
  input: {
    cli: 'src/cli/main.ts',
    index: 'src/index.ts',
    runtime: 'src/runtime/index.ts',
    prettier: 'src/format/index.ts',
  },
  platform: 'node',
  transform: { target: 'node20.19' },
  // Modules of ours only declare, so what one command does not use of a room's index is not loaded for it.
  treeshake: { moduleSideEffects: [{ test: /[\\/]src[\\/]/, sideEffects: false }] },
  external: ['onnxruntime-node'],
  resolve: {
    // onnx-proto's own protobufjs 6 loses its `long` when bundled, and then writes INT64_MAX as INT64_MIN.
    alias: { 'protobufjs/minimal': require.resolve('protobufjs/minimal') },
  },
  plugins: [licenceNotices()],
  output: {
    // As deep below the package's root as the rooms of `src` are, and without folders of its own: so
    // `new URL('../../stdlib/', import.meta.url)` is the library before and after bundling.
    dir: 'dist.tmp/js',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: { groups },
    minify: true,
  },
});
