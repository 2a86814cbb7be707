import type { Page } from "@playwright/test";
import { lines, longLog, needle, replaceLog } from "../support/long_log.js";
import { test } from "../support/test.js";

const policy = `{"version": "v1", "repositories": [{"repository": "nothing", "tags": ["*"]}]}`;
const slowdown = Number(process.env.CPU_SLOWDOWN ?? "1");

/** A run that has ended: the sandbox's own first, made here where there is none yet. */
async function finishedRun(page: Page): Promise<string> {
  await page.goto("/registries/drydock/policy");
  await page.locator("main[data-alive=true]").waitFor();
  const create = page.getByRole("button", { name: "Create workflow" });
  if (await create.isVisible()) {
    await page.getByRole("textbox", { name: "Policy as JSON" }).fill(policy);
    await page.getByLabel("Days between runs").fill("7");
    await page.getByLabel("Time of day").fill("03:30");
    await create.click();
    await page.getByText("Continuous patching is set up").waitFor();
  }
  await page.goto("/registries/drydock/runs");
  await page.getByRole("button", { name: "Run now" }).click();
  await page.waitForURL(/\/runs\/\w+$/);
  await page.getByLabel("Facts about this run").getByText("Cycle").waitFor();
  await page.getByRole("region", { name: "Log", exact: true }).getByText("Run ID:").waitFor();
  return page.url().split("/").pop()!;
}

test("a log of fifty thousand lines", async ({ signedIn: page }) => {
  const run = await finishedRun(page);
  const restore = replaceLog(run, longLog());
  try {
    const session = await page.context().newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
    await page.goto("about:blank");
    const begun = performance.now();
    const since = () => Math.round(performance.now() - begun);
    await page.goto(`/registries/drydock/runs/${run}`, { waitUntil: "commit" });
    await page.getByRole("region", { name: "Log", exact: true }).waitFor();
    const text = since();
    await page.locator(".log-line").first().waitFor();
    const alive = since();
    await page.getByText(`${lines.toLocaleString("en")} lines`, { exact: true }).waitFor();
    const whole = since();
    const searched = performance.now();
    await page.getByRole("searchbox", { name: "Search the log" }).fill(needle.text);
    await page.locator(".log-line mark").waitFor();
    const found = Math.round(performance.now() - searched);
    console.log(`processor ×1/${slowdown}: text ${text} ms, lines ${alive} ms, all ${lines} lines ${whole} ms; a search shows its line after ${found} ms`);
  } finally {
    restore();
  }
});
