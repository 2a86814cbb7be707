import AxeBuilder from "@axe-core/playwright";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { binary } from "../support/drydock.js";
import { expect, test, withContext } from "../support/test.js";

const path = "/registries/drydock/compliance";

async function open(page: Page, query = ""): Promise<void> {
  await page.goto(path + query);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const rows = (page: Page) => page.getByRole("table", { name: "Findings" }).getByRole("row").filter({ has: page.getByRole("cell") });

test.describe.configure({ mode: "serial" });

test("a scan fills the page, and nothing unknown is green", async ({ signedIn: page }) => {
  test.setTimeout(300_000);
  await open(page);
  await expect(page.getByText("Not everything is known")).toBeVisible();
  await page.getByRole("button", { name: "Scan now" }).click();
  // It goes on when the page does not wait: every tag has its scan in the end.
  await expect(async () => {
    await open(page, "?view=fedramp-containers");
    await expect(page.getByText("Never scanned")).toHaveCount(0);
  }).toPass({ timeout: 280_000 });
  await expect(page.getByText("Every tag is scanned")).toHaveCount(0);
  await open(page);
  await page.getByRole("link", { name: "FedRAMP containers" }).click();
  await expect(page).toHaveURL(/view=fedramp-containers/);
  const coverage = page.getByRole("table", { name: "Coverage of tags by scans" });
  await expect(coverage.getByRole("row").nth(1)).toContainText(/Scanned within 30 days|Cannot|End of life|end of life/);
});

test("findings are narrowed by the address, dated by the profile, and told with their defaults", async ({ signedIn: page }) => {
  await open(page, "?status=all");
  await expect(rows(page).first()).toContainText("CVE-");
  await page.getByLabel("Deadlines by").selectOption("fedramp-vdr-c");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/profile=fedramp-vdr-c/);
  await expect(rows(page).first()).toContainText("from evaluated");
  await rows(page).first().getByText(/defaults? decided/).click();
  await expect(rows(page).first()).toContainText("exposure is not known, and counts as public");
  const cve = (await rows(page).first().locator("strong").first().textContent())!;
  await page.getByRole("searchbox", { name: "Names" }).fill(cve);
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page).toHaveURL(/text=/);
  await expect(rows(page).filter({ hasNotText: cve })).toHaveCount(0);
  await expect(rows(page).first()).toContainText(cve);
  await page.reload();
  await expect(page.getByLabel("Deadlines by")).toHaveValue("fedramp-vdr-c");
});

test("day-one check 9: the files of a filter hold as many rows as the screen counts", async ({ signedIn: page }) => {
  await open(page, "?status=all");
  const shown = (await page.getByRole("navigation", { name: "Pages of findings" }).textContent())!;
  const total = Number(/of ([\d,]+)/.exec(shown)![1]!.replaceAll(",", ""));
  const save = async (name: string) => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name, exact: true }).click()]);
    return readFileSync(await file.path(), "utf8");
  };
  const lines = (await save("NDJSON")).trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(lines).toHaveLength(1 + total);
  expect(lines[0].export.rows).toBe(total);
  expect((await save("CSV")).trimEnd().split("\r\n")).toHaveLength(1 + total);
  expect(JSON.parse(await save("SARIF 2.1.0")).runs[0].results).toHaveLength(total);
});

test("the same seed draws the same sample", async ({ signedIn: page }) => {
  const draw = async (seed: string) => {
    await open(page, `?view=soc2&seed=${seed}&n=5`);
    await expect(rows(page)).toHaveCount(5);
    return rows(page).evaluateAll((all) => all.map((row) => row.id));
  };
  const first = await draw("2026-q4");
  expect(await draw("2026-q4")).toEqual(first);
  await expect(page.getByText("the seed “2026-q4”")).toBeVisible();
});

test("an exception is given with a reason, counts, and is withdrawn", async ({ signedIn: page }) => {
  await open(page, "?status=all");
  const cve = (await rows(page).first().locator("strong").first().textContent())!;
  await page.getByLabel("Vulnerability").fill(cve);
  await page.getByLabel("Repositories").first().fill("*");
  await page.getByLabel("Owner").fill("platform team");
  await page.getByLabel("Until (UTC)").fill(new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel("Reason").fill("behind a wall");
  await page.getByRole("button", { name: "Accept", exact: true }).click();
  const kept = page.getByRole("listitem").filter({ hasText: "behind a wall" });
  await expect(kept).toContainText("In force");
  await kept.getByRole("button", { name: `Withdraw the exception for ${cve}` }).click();
  await expect(kept).toContainText("Withdrawn");
  await page.goto("/audit?operation=exception.change");
  await expect(page.getByText(`accept ${cve}`)).toBeVisible();
});

test("deadlines are edited as text, and what is none is told with its place", async ({ signedIn: page, quiet }) => {
  await page.goto("/registries/drydock/compliance?view=soc2");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByText("By when what has to be fixed").click();
  const field = page.getByLabel("Profile as JSON");
  const before = await field.inputValue();
  await field.fill(before.replace('"rule"', '"rules"'));
  await page.getByRole("button", { name: "Save deadlines" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "missing field `rule`" })).toBeVisible();
  await expect(field).toHaveValue(/"rules"/);
  await expect.poll(() => quiet.splice(0)).toEqual([expect.stringContaining("422")]);
  await field.fill(before.replace(/"name": "[^"]*"/, '"name": "House rules"'));
  await page.getByRole("button", { name: "Save deadlines" }).click();
  await expect(page.getByText("this registry’s own")).toBeVisible();
  await expect(page.getByRole("main")).toContainText("House rules");
  await page.getByText("By when what has to be fixed").click();
  await field.fill(before);
  await page.getByRole("button", { name: "Save deadlines" }).click();
  await expect(page.getByText("this registry’s own")).toHaveCount(0);
});

test("without JavaScript the filter, the exception form and the exports work, and the pack verifies", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto(path);
    await page.getByLabel("Status").selectOption("all");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page).toHaveURL(/status=all/);
    await page.getByLabel("Vulnerability").fill("CVE-2026-99999");
    await page.getByLabel("Repositories").first().fill("web/*");
    await page.getByLabel("Owner").fill("team");
    await page.getByLabel("Reason").fill("kept in the form");
    await page.getByLabel("Until (UTC)").fill("2001-01-01");
    await page.getByRole("button", { name: "Accept", exact: true }).click();
    await expect(page.getByText("It has to end on a day to come")).toBeVisible();
    await expect(page.getByLabel("Reason")).toHaveValue("kept in the form");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Audit pack" }).click()]);
    const said = execFileSync(binary, ["audit", "verify-pack", await file.path()], { encoding: "utf8" });
    expect(said).toContain("whole, ");
    expect(said).toContain("audit trail: whole");
  });
});

test("axe finds nothing on any view", async ({ signedIn: page }) => {
  // Nine views, of up to fifty findings each.
  test.setTimeout(300_000);
  for (const view of ["", "fedramp-vdr", "fedramp-containers", "kev", "pci", "sp800-190", "soc2", "iso27001", "cra"]) {
    await open(page, `?view=${view}&status=all`);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map((found) => found.id), view).toEqual([]);
  }
});
