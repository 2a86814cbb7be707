import AxeBuilder from "@axe-core/playwright";
import { execFileSync } from "node:child_process";
import { binary } from "../support/drydock.js";
import { expect, test, withContext } from "../support/test.js";

test("the trail is verified, narrowed by its address, and followed from entry to entry", async ({ signedIn: page }) => {
  await page.goto("/audit");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(page.getByText(/^Verified to #\d+$/)).toBeVisible();

  await page.getByRole("textbox", { name: "Operation" }).fill("workflow.create");
  await page.getByLabel("Outcome").selectOption("succeeded");
  await page.getByRole("button", { name: "Filter" }).press("Enter");
  await expect(page).toHaveURL(/operation=workflow\.create/);
  const rows = page.getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("workflow.create");
  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(page.getByLabel("Outcome")).toHaveValue("succeeded");

  await rows.getByRole("link", { name: "drydock", exact: true }).click();
  await expect(page).toHaveURL("/audit?id=drydock");
  await expect(rows.filter({ hasText: "run.start" }).first()).toBeVisible();
  await page.goto("/audit?actor=nobody");
  await expect(page.getByText("No such entries")).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => found.id)).toEqual([]);
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page).toHaveURL("/audit");
});

test("without JavaScript the filters work, and the file that is exported verifies", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/audit");
    await page.getByRole("textbox", { name: "Operation" }).fill("auth.login");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByRole("row").filter({ hasText: "auth.login" }).first()).toBeVisible();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export as NDJSON" }).click(),
    ]);
    const said = execFileSync(binary, ["audit", "verify", await file.path()], { encoding: "utf8" });
    expect(said).toContain("whole, entries 1 to");
  });
});
