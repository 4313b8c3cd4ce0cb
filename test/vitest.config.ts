import { defineConfig } from 'vitest/config';

interface SuiteOptions {
  readonly fileParallelism?: boolean;
  readonly expect?: { readonly poll: { readonly timeout: number } };
}

/** One project a suite, so that each closes with its own count (`vitest --project unit`). */
const suite = (name: string, timeoutMs: number, others: SuiteOptions = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeoutMs, hookTimeout: timeoutMs, ...others },
});

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    projects: [
      suite('unit', 30_000),
      suite('protocol', 60_000),
      suite('differential', 300_000),
      suite('fuzz', 300_000),
      // Each file has a VS Code and a browser of its own. What is waited for comes at once, unless the machine is busy.
      suite('webview', 120_000, { fileParallelism: false, expect: { poll: { timeout: 20_000 } } }),
    ],
  },
});
