import preact from '@preact/preset-vite';
import { defineConfig, type UserConfig } from 'vite';

/** The desk serves the result with a policy that allows files of its own only: nothing inline. */
const config: UserConfig = defineConfig({
  plugins: [preact()],
  server: { proxy: { '/api': 'http://127.0.0.1:4780' } },
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});

export default config;
