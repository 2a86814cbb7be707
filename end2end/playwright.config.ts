import { defineConfig, devices } from "@playwright/test";

// One Drydock serves all files, in this order: the main job fills it, the others look at the result.
export default defineConfig({
  testDir: "./tests",
  outputDir: "./test-results",
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  // A test that passes only when tried again is named as flaky at the end.
  retries: process.env.CI ? 1 : 0,
  workers: 1,
  reporter: [["list"]],
  globalSetup: "./support/start.ts",
  use: {
    ...devices["Desktop Chrome"],
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    trace: "retain-on-failure",
    locale: "en-GB",
    timezoneId: "Europe/Berlin",
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        // A key that is pressed while the page still glides from the key before is lost.
        "--disable-smooth-scrolling",
      ],
    },
  },
  projects: [
    { name: "main job", testMatch: "main-job.spec.ts" },
    { name: "console", testIgnore: ["main-job.spec.ts", "removal.spec.ts"], dependencies: ["main job"] },
    { name: "removal", testMatch: "removal.spec.ts", dependencies: ["console"] },
  ],
});
