import type { Page } from "@playwright/test";
import AxeBuilder from "@axe-core/playwright";
import { made } from "../support/made.js";
import { deleteRepository, manifest, pushUnder } from "../support/registry.js";
import { expect, test, withContext } from "../support/test.js";

interface Row {
  repository: string;
  tags: string[];
}

const policy = (...repositories: Row[]) => JSON.stringify({ version: "v1", repositories });
const dryRun = (text: string, rest = "") => `/registries/drydock/dry-run?policy=${encodeURIComponent(text)}${rest}`;

async function open(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

/** The row of one image, by its first cell. */
const row = (page: Page, repository: string, tag: string) =>
  page
    .getByRole("table", { name: "Verdicts" })
    .getByRole("row")
    .filter({ has: page.getByRole("link", { name: new RegExp(`^${repository}:\\s*${tag.replaceAll(".", "\\.")}$`) }) });

test("day-one check 2: a Bitnami tag, v1.0 beside v110, an orphan patch and a base that was pushed again get the right verdicts", async ({ signedIn: page }) => {
  const names = ["seen/bitnami", "seen/dots", "seen/orphan", "seen/base"];
  try {
    await pushUnder("seen/bitnami", ["16.1-debian-12"]);
    await pushUnder("seen/dots", ["v1.0", "v110"]);
    await pushUnder("seen/orphan", ["1.0", "2.0-3"]);
    await pushUnder("seen/base", ["3.11"]);
    await pushUnder("seen/base", ["3.11-1"], 1);
    await pushUnder("seen/base", ["3.11"], 2);
    const text = policy(
      { repository: "seen/bitnami", tags: ["*"] },
      { repository: "seen/dots", tags: ["v1.0"] },
      { repository: "seen/orphan", tags: ["1.0"] },
      { repository: "seen/base", tags: ["3.11"] },
    );
    // What was pushed a moment ago is in the next list of tags, a few seconds later.
    await expect(async () => {
      await open(page, dryRun(text, "&text=seen/"));
      await expect(row(page, "seen/base", "3.11")).toBeVisible({ timeout: 1_000 });
    }).toPass();
    const check = async (repository: string, tag: string, verdict: string, why: string) => {
      const found = row(page, repository, tag);
      await expect(found.getByText(verdict, { exact: true })).toBeVisible();
      await expect(found).toContainText(why);
    };
    await check("seen/bitnami", "16.1-debian-12", "phantom base", "Azure takes it for patch 12 of 16.1-debian. But 16.1-debian does not exist.");
    await check("seen/dots", "v1.0", "will be scanned", "It is scanned.");
    await check("seen/dots", "v110", "picked by a dot", "The policy names v1.0, and Azure reads a dot as any one character");
    await check("seen/orphan", "2.0-3", "reserved ending", "2.0 does not exist");
    await check("seen/base", "3.11", "pushed again", "3.11 was pushed again after 3.11-1 was made of it");
  } finally {
    for (const name of names) await deleteRepository(name).catch(() => undefined);
  }
});

test("day-one check 3: 101 images are blocked before they are saved, and the largest repositories are named", async ({ signedIn: page }) => {
  const tags = (count: number) => Array.from({ length: count }, (_, index) => `1.${index}`);
  try {
    await pushUnder("many/small", tags(40));
    await pushUnder("many/large", tags(61));
    const field = page.getByRole("textbox", { name: "Policy as JSON" });
    await open(page, "/registries/drydock/policy");
    const before = await field.inputValue();
    const text = policy({ repository: "many/small", tags: ["*"] }, { repository: "many/large", tags: ["*"] });
    // What was pushed a moment ago is in the next list of tags, a few seconds later.
    await expect(async () => {
      await open(page, "/registries/drydock/policy");
      await field.fill(text);
      await expect(page.getByText("101 / 100")).toBeVisible({ timeout: 1_000 });
    }).toPass();
    await expect(page.getByText("Largest: many/large (61), many/small (40).").first()).toBeVisible();
    await expect(page.getByText("101 images match, the limit is 100. The whole run would fail").first()).toBeVisible();
    await expect(page.getByRole("button", { name: /^(Apply policy|Create workflow)$/ })).toBeDisabled();
    await field.fill(before);
  } finally {
    for (const name of ["many/small", "many/large"]) await deleteRepository(name);
  }
});

test("a dry run looks as deep as its address says, writes nothing, and its record keeps what it found", async ({ signedIn: page }) => {
  test.setTimeout(5 * 60_000);
  const { repository, tag, patched } = made();
  const before = [await manifest(repository, tag), await manifest(repository, patched)];
  await open(page, dryRun(policy({ repository, tags: [tag] })));
  await page.getByRole("navigation", { name: "Depth" }).getByRole("link", { name: "Scan and plan" }).click();
  await expect(page).toHaveURL(/depth=scan-and-plan/);
  const said = page.getByText("1 image scanned, and patches planned where there is something to fix.");
  await expect(said).toBeVisible({ timeout: 4 * 60_000 });
  await expect(said).toContainText("0 writes: every tag had the same digest before and after.");
  const found = row(page, repository, tag);
  await found.getByRole("link", { name: /^Show what was found/ }).click();
  const inside = page.getByRole("table", { name: "Verdicts" }).getByText(", scanned ");
  await expect(inside).toBeVisible();
  await expect(page).toHaveURL(/open=/);
  // The address is the state: who gets it sees the same.
  await page.reload();
  await expect(inside).toBeVisible();
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByRole("button", { name: "Keep this dry run" }).click();
  await page.getByRole("link", { name: "Its receipt" }).click();
  await expect(page.getByText("match, scan and plan, 1 image").first()).toBeVisible();
  await expect(page.getByText("0 writes: every tag of the registry had the same digest before and after.")).toBeVisible();
  await expect(page.getByText("Nothing is different: the same tags, verdicts and next tags.")).toBeVisible();
  expect([await manifest(repository, tag), await manifest(repository, patched)]).toEqual(before);
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on a dry run with an image's contents open, ${colorScheme}`, async ({ browser, session }) => {
    test.setTimeout(5 * 60_000);
    const { repository, tag } = made();
    await withContext(browser, session, { colorScheme, viewport: { width: 320, height: 900 } }, async (page) => {
      const address = dryRun(policy({ repository, tags: [tag] }), `&depth=scan-and-plan&open=${repository}:${tag}`);
      await open(page, address);
      await expect(page.getByText(", scanned ").first()).toBeVisible({ timeout: 4 * 60_000 });
      const found = await new AxeBuilder({ page }).analyze();
      expect(found.violations).toEqual([]);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(320);
    });
  });
}

test("the workflow is shown as an az command, as Bicep and as Terraform", async ({ signedIn: page }) => {
  const text = policy({ repository: "web/a", tags: ["1.0"] });
  await open(page, `/registries/drydock/policy?policy=${encodeURIComponent(text)}`);
  const tools = page.getByRole("navigation", { name: "Tools" });
  const check = async (tool: string, ...parts: string[]) => {
    await tools.getByRole("link", { name: tool }).click();
    const code = page.getByRole("region", { name: tool, exact: true });
    for (const part of parts) await expect(code).toContainText(part);
  };
  await check("az command", "az acr supply-chain workflow", "--registry drydock", text);
  await check("Bicep", "resource trigger 'Microsoft.ContainerRegistry/registries/tasks@", "csscpolicies/patchpolicy:v1");
  await check("Terraform", 'resource "azapi_resource" "trigger"', "csscpolicies/patchpolicy:v1");
  await expect(page).toHaveURL(/code=terraform/);
});

test("the months are walked by key, one stop for the tabulator", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock/schedule?days=7&at=03%3A30&from=2027-01");
  const days = page.locator(".months td[tabindex='0']");
  await expect(days).toHaveCount(1);
  const day = (date: string) => page.locator(`td[data-date='${date}']`);
  await days.focus();
  await expect(day("2027-01-01")).toBeFocused();
  const check = async (key: string, date: string) => {
    await page.keyboard.press(key);
    await expect(day(date)).toBeFocused();
    await expect(day(date)).toHaveAttribute("tabindex", "0");
  };
  await check("ArrowRight", "2027-01-02");
  await check("ArrowDown", "2027-01-09");
  await check("Home", "2027-01-04");
  await check("End", "2027-01-10");
  await check("PageDown", "2027-02-10");
  await check("ArrowUp", "2027-02-03");
  await check("PageUp", "2027-01-03");
  await check("ArrowLeft", "2027-01-02");
  // Beyond what is shown there is nothing to walk to.
  await check("ArrowUp", "2027-01-02");
  await expect(days).toHaveCount(1);
});
