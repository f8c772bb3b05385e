import { defineConfig } from 'vite';

/** `npm run build` leaves the page in `dist/web/`, for the server. Nothing in it is inline, so that a strict CSP holds. */
export default defineConfig({
  root: import.meta.dirname,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    // Those that know light-dark(): since spring 2024.
    target: ['chrome123', 'firefox121', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
