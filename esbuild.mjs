// Builds every bundle the project has: the extension, the server (which is also the command line) and the webviews.
// `--watch` rebuilds on change; `--production` minifies and drops the source maps; `--tests` adds the host suite.
import { cp, rm } from 'node:fs/promises';
import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');
const production = process.argv.includes('--production');
const tests = process.argv.includes('--tests');

/** @type {import('esbuild').BuildOptions} */
const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
};

/** @type {import('esbuild').BuildOptions} */
const node = { ...common, platform: 'node', target: 'node20', format: 'cjs', outExtension: { '.js': '.cjs' } };

/** @type {import('esbuild').BuildOptions[]} */
const bundles = [
  { ...node, entryPoints: { extension: 'extension/main.ts' }, outdir: 'dist', external: ['vscode'] },
  {
    ...node,
    entryPoints: { 'binary-detective': 'language-server/main.ts' },
    outdir: 'dist',
    banner: { js: '#!/usr/bin/env node' },
  },
  {
    ...common,
    platform: 'browser',
    target: 'chrome132', // The Chromium of VS Code 1.100, the oldest that `engines` allows.
    format: 'esm',
    entryPoints: {
      'elf-editor': 'media/elf-editor/main.ts',
      'array-viewer': 'media/array-viewer/main.ts',
      'dependency-graph': 'media/dependency-graph/main.ts',
      'fault-picture': 'media/fault-picture/main.ts',
      'dependency-graph-layout': 'media/dependency-graph/picture/layout-worker.ts',
      codicon: '@vscode/codicons/dist/codicon.css',
    },
    loader: { '.ttf': 'file' },
    assetNames: '[name]',
    outdir: 'dist/webview',
  },
];
// What `npm start` and `npm run bench` run. Neither is part of the package.
if (!production) {
  bundles.push({
    ...node,
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    entryPoints: { demo: 'test/demo/main.ts', bench: 'test/bench/main.ts' },
    outdir: 'dist',
  });
}
if (tests) {
  bundles.push({
    ...node,
    entryPoints: { 'host/index': 'test/host/index.ts' },
    outdir: 'dist/test',
    external: ['vscode', 'mocha'],
  });
}

if (!watch) await rm('dist', { recursive: true, force: true });
await cp('language-server/faults/shim', 'dist/shim', { recursive: true });
await cp('language-server/cython/bridge/python', 'dist/cython-bridge', {
  recursive: true,
  filter: source => !source.includes('__pycache__'),
});
if (watch) {
  for (const bundle of bundles) await (await context(bundle)).watch();
} else {
  await Promise.all(bundles.map(bundle => build(bundle)));
}
