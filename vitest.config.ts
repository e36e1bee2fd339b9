import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: {
    include: [
      'packages/*/test/**/*.test.ts',
      'apps/*/test/**/*.test.{ts,tsx}',
      'test/**/*.test.ts',
    ],
    reporters: ['default', './scripts/skip-reporter.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});

export default config;
