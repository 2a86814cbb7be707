import base from "../playwright.config.js";

export default {
  ...base,
  testDir: "..",
  outputDir: "../test-results",
  timeout: 15 * 60_000,
  globalSetup: "../support/start.ts",
  projects: [
    { name: "main job", testMatch: "tests/main-job.spec.ts" },
    { name: "bench", testMatch: "bench/pages.bench.ts", dependencies: ["main job"] },
  ],
};
