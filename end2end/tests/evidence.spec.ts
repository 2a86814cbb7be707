import { readFileSync } from "node:fs";
import { made } from "../support/made.js";
import { removeLog } from "../support/long_log.js";
import { expect, test } from "../support/test.js";

const archive = (page: import("@playwright/test").Page) => page.getByRole("group", { name: "Archive" });

test("day-one check 7: a log that Azure has let go of opens out of the archive, and its hash is verified", async ({ signedIn: page }) => {
  const { run } = made();
  const address = `/registries/drydock/runs/${run}`;
  await page.goto(address);
  await expect(archive(page)).toContainText("Archived, hash verified", { timeout: 60_000 });
  const before = await (await page.request.get(`${address}/log.txt`)).text();
  expect(before).toContain(`Run ID: ${run} was successful`);

  const restore = removeLog(run);
  try {
    await page.reload();
    await expect(page.getByRole("region", { name: "Log", exact: true })).toContainText(`Run ID: ${run} was successful`);
    expect(await (await page.request.get(`${address}/log.txt`)).text()).toBe(before);
    await expect(archive(page)).toContainText("Archived, hash verified");
  } finally {
    restore();
  }
});

test("day-one check 9: the whole registry is one click as CSV and JSON, and the counts are the screen's", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/images");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  const totals = page.getByLabel("The whole registry");
  const shown = async (label: string) =>
    Number((await totals.getByText(label, { exact: true }).locator("..").innerText()).replace(label, "").replaceAll(",", "").trim());
  const screen = { originals: await shown("Originals"), patches: await shown("Patches"), tags: await shown("Tags"), repositories: await shown("Repositories") };
  expect(screen.patches).toBeGreaterThan(0);
  expect(screen.originals + screen.patches).toBe(screen.tags);

  const file = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name }).click()]);
    return readFileSync(await download.path(), "utf8");
  };
  const { images } = JSON.parse(await file("JSON of all tags")) as { images: { repository: string; kind: string }[] };
  const originals = images.filter((image) => image.kind === "original").length;
  const repositories = new Set(images.map((image) => image.repository)).size;
  expect({ originals, patches: images.length - originals, tags: images.length, repositories }).toEqual(screen);
  const rows = (await file("CSV of all tags")).trimEnd().split("\r\n");
  expect(rows.length - 1).toBe(screen.tags);
  expect(rows.filter((row) => row.includes(',"original",')).length).toBe(screen.originals);
});
