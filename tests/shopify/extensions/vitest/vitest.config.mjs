import {defineConfig} from 'vitest/config';

export default defineConfig({
  esbuild: {jsx: 'automatic', jsxImportSource: 'preact'},
  test: {
    // Only what fails waits so long: machines that have much else to do are slow, too.
    testTimeout: 40_000,
    environment: 'jsdom',
    include: ['vitest/*.test.{ts,tsx}'],
    // Shopify's packages are sources that Node would not load as they are.
    server: {deps: {inline: [/@shopify\/ui-extensions/]}},
  },
});
