import { createRequire } from 'node:module';
import { defineConfig } from 'rolldown';
import { licenceNotices } from './scripts/licence-notices.mjs';
import { shortLines } from './scripts/short-lines.mjs';

const require = createRequire(import.meta.url);

/**
 * Node takes a millisecond or two for every file, so what `mdl check` needs is in few files. Of modules that several groups
 * could hold, the first group gets them; and `runtime` loads only `common`.
 */
const groups = [
  // What runs before compiled code is kept: nothing else may come with it.
  { name: 'start', test: /[\\/]src[\\/](cli[\\/](bug|code-cache|exit|package-folder|version)|host[\\/](cache-folder|make-folders|system-error))\b/ },
  { name: 'common', test: /[\\/]src[\\/](text|diagnostics|data|types[\\/](dtype|fields|half)|onnx[\\/](schema|read[\\/](external|fault|metadata-lines|wire))|cli[\\/](io|stop))\b/ },
  // A module that is as it was needs no parser (src/cli/project/kept-trees.ts).
  { name: 'parser', test: /[\\/]src[\\/]syntax[\\/](?!(ast|comment|parsed|references|visit)\b)/ },
  { name: 'compiler', test: /[\\/]src[\\/](pipeline|cli[\\/](project[\\/](project|sources)|show[\\/]print-diagnostics))\.ts$/ },
].map((group, i, all) => ({ ...group, priority: all.length - i }));

/** What the library and the command have in common. */
const shared = {
  platform: /** @type {const} */ ('node'),
  transform: { target: 'node20.19' },
  // Modules of ours only declare, so what one command does not use of a room's index is not loaded for it.
  treeshake: { moduleSideEffects: [{ test: /[\\/]src[\\/]/, sideEffects: false }] },
  external: ['onnxruntime-node', 'sharp'],
  resolve: {
    // onnx-proto's own protobufjs 6 loses its `long` when bundled, and then writes INT64_MAX as INT64_MIN.
    alias: { 'protobufjs/minimal': require.resolve('protobufjs/minimal') },
  },
};

/**
 * As deep below the package's root as the rooms of `src` are, and without folders of its own: so
 * `new URL('../../stdlib/', import.meta.url)` is the library before and after bundling.
 */
const dir = 'dist.tmp/js';

export const library = defineConfig({
  ...shared,
  input: { index: 'src/index.ts', runtime: 'src/runtime/index.ts', 'pool-worker': 'src/runtime/pool-worker.ts', prettier: 'src/format/index.ts' },
  plugins: [licenceNotices(), shortLines(['runtime', 'pool-worker'])],
  output: {
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    codeSplitting: { groups },
    minify: true,
  },
});

/** CommonJS, because only its loader lets compiled code be kept on Node 20 (src/cli/code-cache.ts). */
export const command = defineConfig({
  ...shared,
  input: { cli: 'src/cli/main.ts' },
  output: {
    dir,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    codeSplitting: { groups },
    minify: true,
  },
});

export default [library, command];
