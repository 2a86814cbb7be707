import type { Page } from "@playwright/test";
import { behindALineThatBreaks } from "../support/cut.js";
import { lines, longLog, needle, replaceLog } from "../support/long_log.js";
import { made } from "../support/made.js";
import { expect, test } from "../support/test.js";

/** The queries of the streams that a page opens, in their order. */
function streams(page: Page): string[] {
  const opened: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() === "eventsource") opened.push(new URL(request.url()).search);
  });
  return opened;
}

test("a tab has one stream, which tells of all that its page follows", async ({ signedIn: page }) => {
  const opened = streams(page);
  await page.goto("/registries/drydock/runs");
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  expect(opened).toEqual(["?runs=drydock"]);
  await page.getByRole("button", { name: "Run now" }).first().click();
  await expect(page).toHaveURL(/\/runs\/\w+$/);
  const run = page.url().split("/").pop()!;
  await expect(page.getByLabel("Facts about this run")).toContainText(/Cycle\s*Succeeded/, { timeout: 60_000 });
  await expect(page.getByRole("region", { name: "Log", exact: true })).toContainText(`Run ID: ${run} was successful`);
  for (const search of opened.slice(1)) {
    const fields = new URLSearchParams(search);
    expect([...fields.keys()].sort().join(" "), search).toMatch(/^(log logs_of offset runs|log logs_of offset|runs)$/);
  }
  // The list's stream, the run's own, and one fewer to follow at each end.
  expect(opened.length).toBeLessThanOrEqual(4);
});

test("after a drop the log is whole: no line is missing, and none comes twice", async ({ signedIn: page, quiet }) => {
  const { run } = made();
  const restore = replaceLog(run, longLog());
  const line = await behindALineThatBreaks(500_000);
  try {
    await page.goto(`${line.url}/registries/drydock/runs/${run}`);
    await expect(page.getByText("50,000 lines", { exact: true })).toBeVisible({ timeout: 30_000 });
    expect(line.wasCut()).toBe(true);
    await page.getByRole("searchbox", { name: "Search the log" }).fill(needle.text);
    await expect(page).toHaveURL(new RegExp(`#L${needle.line}$`));
    const pane = page.getByRole("region", { name: "Log", exact: true });
    await pane.focus();
    await page.keyboard.press("End");
    await expect(pane.getByRole("listitem").last()).toContainText("was successful after 4s");
    await expect(pane.getByRole("listitem").last()).toHaveAttribute("aria-posinset", String(lines));
    // The browser tells on its console of the line that broke, and of nothing else.
    const others = quiet.filter((message) => !message.includes("net::ERR_INCOMPLETE_CHUNKED_ENCODING"));
    quiet.splice(0, quiet.length, ...others);
  } finally {
    restore();
    line.close();
  }
});
