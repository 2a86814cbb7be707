import type { Page } from "@playwright/test";
import { copyTag, deleteTag, pushEmptied } from "../support/registry.js";
import { expect, test, withContext } from "../support/test.js";

const repository = "tools/clean";
let cycle = "";

const images = (page: Page) => page.getByRole("table", { name: "Images of this cycle" }).first();
const row = (page: Page, tag: string) => images(page).getByRole("row").filter({ hasText: `${repository}:${tag}` });

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

// One image that cannot be scanned, beside one that can.
test.beforeAll(async ({ browser, session }) => {
  await pushEmptied(repository, "1.0", "emptied");
  await withContext(browser, session, {}, async (page) => {
    await open(page, "/registries/drydock/runs");
    await page.getByRole("button", { name: "Run now" }).click();
    await expect(page).toHaveURL(/\/runs\/\w+$/);
    cycle = new URL(page.url()).pathname;
    await expect(page.getByLabel("Facts about this run")).toContainText(/Cycle\s*Failed/, { timeout: 60_000 });
  });
});

test.afterAll(() => deleteTag(repository, "emptied"));

test("images are shown by status, and the address says which", async ({ signedIn: page }) => {
  await open(page, cycle);
  await expect(row(page, "1.0")).toContainText("Skipped");
  await expect(row(page, "emptied")).toContainText("Failed");
  await page.getByRole("navigation", { name: "Status of images" }).getByRole("link", { name: "Failed 1" }).click();
  await expect(page).toHaveURL(`${cycle}?status=Failed`);
  await expect(row(page, "1.0")).toHaveCount(0);
  await expect(row(page, "emptied")).toBeVisible();
  await page.reload();
  await expect(row(page, "emptied")).toBeVisible();
  await expect(row(page, "1.0")).toHaveCount(0);
});

test("the list of cycles has the same filter without JavaScript", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/registries/drydock/runs?status=Failed");
    await expect(row(page, "emptied")).toBeVisible();
    await expect(row(page, "1.0")).toHaveCount(0);
    await page.goto("/registries/drydock/runs?status=Queued");
    await expect(page.getByText("No image of these cycles is Queued.")).toBeVisible();
  });
});

test("each run says how long it waited and ran, as a drawing and in words", async ({ signedIn: page }) => {
  await open(page, cycle);
  await expect(page.getByText(/^Trigger waited \d+ m?s, ran \d+ m?s$/)).toBeVisible();
  await expect(row(page, "1.0")).toContainText(/Scan waited \d+ m?s, ran \d+ m?s/);
  await expect(row(page, "1.0").locator("svg.timeline rect")).toHaveCount(2);
});

test("only what failed is tried again, and not twice what has been tried since", async ({ signedIn: page }) => {
  await open(page, cycle);
  await page.getByRole("button", { name: "Retry failed only" }).click();
  const parts = page.getByRole("status").filter({ hasText: "Retry of what failed" }).getByRole("listitem");
  await expect(parts).toHaveCount(1);
  await expect(parts).toContainText(/tools\/clean:emptied done started as run \w+/);
  const retried = /run (\w+)/.exec(await parts.innerText())![1]!;
  await open(page, `/registries/drydock/runs/${retried}`);
  await expect(page.getByLabel("Facts about this run")).toContainText(/Status\s*Failed/, { timeout: 60_000 });
  await expect(page.getByRole("region", { name: "Log", exact: true })).toContainText("emptied");

  // The tag is another image now: that would not be the same work.
  await copyTag(repository, "1.0", "emptied");
  await open(page, cycle);
  await page.getByRole("button", { name: "Retry failed only" }).click();
  await expect(parts).toContainText("not done left alone: emptied was pushed again");
  await open(page, "/audit");
  await expect(page.getByText("run.retry").first()).toBeVisible();
});
