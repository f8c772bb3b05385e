import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Packages whose code or letters end up in the page: their licences go along. */
const BUNDLED = [
  'preact',
  '@preact/signals',
  '@preact/signals-core',
  '@tanstack/virtual-core',
  'tus-js-client',
  '@fontsource-variable/inter',
  '@fontsource-variable/source-serif-4',
];

/** `npm run build` leaves the page in `dist/web/`, for the server. Nothing in it is inline, so that a strict CSP holds. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [licences()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // Those that know light-dark(): since spring 2024.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

function licences(): Plugin {
  const textOf = (name: string) =>
    readFileSync(join(import.meta.dirname, '..', 'node_modules', name, 'LICENSE'), 'utf8');
  return {
    name: 'licences',
    generateBundle() {
      const source = BUNDLED.map((name) => `${name}\n\n${textOf(name).trim()}\n`).join('\n\n');
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
    },
  };
}
