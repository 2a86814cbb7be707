import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { made } from "../support/made.js";
import { copyImage, deleteRepository, manifest } from "../support/registry.js";
import { expect, test, withContext } from "../support/test.js";

// What the main job made, under a name of its own: here the original is pushed again.
const repository = "proof/lineage";
const address = `/registries/drydock/images/${repository}`;
const short = (digest: string) => digest.replace("sha256:", "").slice(0, 12);
let original = "";
let patched = "";

test.beforeAll(async () => {
  const from = made();
  await copyImage(from.repository, from.tag, repository, "12");
  await copyImage(from.repository, from.patched, repository, "12-1");
  [original, patched] = [(await manifest(repository, "12")).digest, (await manifest(repository, "12-1")).digest];
});

test.afterAll(() => deleteRepository(repository));

async function open(page: Page, query = ""): Promise<void> {
  await page.goto(address + query);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const twin = (page: Page) => page.getByRole("table", { name: "Patches", exact: true }).getByRole("row");
const stop = (page: Page, tag: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 3, name: tag, exact: true }) });

async function accessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).join(" ")}`)).toEqual([]);
}

test("the graph and its table say the same, and so do its files", async ({ signedIn: page }) => {
  await open(page);
  const boxes = page.getByRole("region", { name: "Lineage graph" }).getByRole("link");
  await expect(boxes).toHaveText([new RegExp(`^12${short(original)}`), new RegExp(`^12-1${short(patched)}`)]);
  const patch = twin(page).nth(1);
  for (const words of ["12", short(original), "12-1", short(patched), "Verified", "drydock "]) await expect(patch).toContainText(words);

  const json = await (await page.request.get(`/registries/drydock/lineage?repository=${repository}&as=json`)).json();
  expect(json.graph.nodes.map((node: { digest: string }) => node.digest)).toEqual([original, patched]);
  expect(json.graph.edges).toHaveLength((await twin(page).count()) - 1);
  const dot = await (await page.request.get(`/registries/drydock/lineage?repository=${repository}&as=dot`)).text();
  expect(dot).toContain(`"${original}" -> "${patched}"`);
  const links = page.getByRole("main").getByRole("link");
  for (const format of ["DOT", "JSON"]) {
    const [download] = await Promise.all([page.waitForEvent("download"), links.filter({ hasText: format }).click()]);
    expect(download.suggestedFilename()).toBe(`lineage-proof-lineage.${format.toLowerCase()}`);
  }
});

test("an image's attachments, contents and ways back have an address", async ({ signedIn: page }) => {
  await open(page);
  await page.getByRole("region", { name: "Lineage graph" }).getByRole("link").nth(1).click();
  await expect(page).toHaveURL(`${address}?image=${encodeURIComponent(patched)}#contents`);
  const shelf = page.getByRole("table", { name: "Attached to this image" });
  await expect(shelf.getByRole("row").filter({ hasText: "Patch report" })).toContainText("vnd.drydock.patch-report");
  await expect(shelf.getByRole("row").filter({ hasText: "VEX" })).toBeVisible();
  const contents = page.locator("#contents");
  await contents.getByText(/^\d+ packages$/).click({ timeout: 60_000 });
  await expect(contents.getByRole("table", { name: "Packages" }).getByRole("row").filter({ hasText: "libc6" })).toBeVisible();
  await contents.getByText("Pull by digest, and roll back").click();
  await expect(contents).toContainText(`${repository}@${patched}`);
  await accessible(page);
});

test("any two digests are compared, packages and configuration", async ({ signedIn: page }) => {
  await open(page);
  const report = await stop(page, "12-1").getByText(/^What changed in \d+ packages?$/).innerText();
  const changed = /\d+/.exec(report)![0];
  await page.getByLabel("From").selectOption(original);
  await page.getByLabel("To", { exact: true }).selectOption(patched);
  await page.getByRole("button", { name: "Compare" }).click();
  await expect(page).toHaveURL((url) => url.searchParams.get("from") === original && url.searchParams.get("to") === patched);
  const comparison = page.locator("#compare");
  await expect(comparison.getByText("Packages changed").locator("..")).toContainText(changed, { timeout: 60_000 });
  const rows = comparison.getByRole("table", { name: "Packages that differ" }).getByRole("row");
  await expect(rows).toHaveCount(Number(changed) + 1);
  await expect(rows.filter({ hasText: "newer" })).toHaveCount(Number(changed));
  await expect(comparison).toContainText("1 shared, 0 only in the first, 1 only in the second");
  await expect(comparison.getByText("Fixed", { exact: true })).toBeVisible({ timeout: 60_000 });
  await accessible(page);

  // The other way round it is a way back, and says so.
  await open(page, `?from=${encodeURIComponent(patched)}&to=${encodeURIComponent(original)}`);
  await expect(rows.filter({ hasText: "older" })).toHaveCount(Number(changed));
});

test("of a digest that is not in the repository nothing else is said", async ({ signedIn: page }) => {
  for (const digest of [`sha256:${"0".repeat(64)}`, "sha256:00"]) {
    for (const query of [`image=${digest}`, `from=${original}&to=${digest}`]) {
      const answer = await page.request.get(`${address}?${query}`);
      expect(answer.status()).toBe(404);
      const text = await answer.text();
      expect(text).toContain(`No image with this digest is in ${repository}.`);
      for (const claim of ["docker pull", "Nothing is attached"]) expect(text).not.toContain(claim);
    }
  }
});

test("verified is only what stands on the original's layers, and a new push makes a drift", async ({ browser, session, signedIn: page }) => {
  await open(page);
  await expect(stop(page, "12-1")).toContainText("Verified");

  // Content of another origin under the name of a patch.
  await copyImage("tools/clean", "1.0", repository, "12-2");
  await open(page);
  await expect(stop(page, "12-2")).toContainText("Unverified");
  await expect(stop(page, "12-2")).toContainText("its layers do not begin with the original's");
  await expect(stop(page, "12-1")).toContainText("Verified");

  await copyImage("tools/clean", "1.0", repository, "12");
  await open(page);
  await expect(stop(page, "12-1")).toContainText("Drifted");
  await expect(stop(page, "12-1")).toContainText("the original was pushed again after this patch, with other content");
  await expect(page.getByRole("region", { name: "Lineage graph" }).getByRole("link").filter({ hasText: "no tag any more" })).toContainText(short(original));
  await page.getByText("Tags that move, and where they were").click();
  const moved = page.getByRole("listitem").filter({ has: page.getByText("12", { exact: true }) }).filter({ hasText: "before at" });
  await expect(moved).toContainText(short(original));
  await accessible(page);
  await withContext(browser, session, { javaScriptEnabled: false }, async (plain) => {
    await plain.goto(address);
    await expect(stop(plain, "12-1")).toContainText("Drifted");
  });
});
