import base from "../playwright.config.js";

export default {
  ...base,
  testDir: ".",
  outputDir: "../test-results",
  timeout: 15 * 60_000,
  globalSetup: "../support/start.ts",
  projects: [{ name: "bench", testMatch: "log-viewer.bench.ts" }],
};
