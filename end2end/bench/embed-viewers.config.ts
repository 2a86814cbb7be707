import base from "../playwright.config.js";

export default {
  ...base,
  testDir: ".",
  outputDir: "../test-results",
  timeout: 5 * 60_000,
  globalSetup: "../support/start.ts",
  projects: [{ name: "bench", testMatch: "embed-viewers.bench.ts" }],
};
