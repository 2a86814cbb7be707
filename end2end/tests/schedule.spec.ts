import { expect, test, withContext } from "../support/test.js";

test("a schedule that is none shows no runs, and speaks of days", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/schedule");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  const calendar = page.getByRole("heading", { name: "Twelve months" });
  const next = page.getByRole("heading", { name: /^Next runs/ });
  await expect(calendar).toBeVisible();
  await page.getByLabel("Days between runs").fill("0");
  await expect(page.getByText("0 days is no schedule: choose from 1 to 30 days")).toBeVisible();
  await expect(calendar).toBeHidden();
  await expect(next).toBeHidden();
  await page.getByLabel("Days between runs").fill("3");
  await expect(calendar).toBeVisible();
  await expect(next).toContainText("3d");
});

test("an instant is said once where the reader's clock shows UTC", async ({ browser, session }) => {
  const hasLocal = async (timezoneId: string, expected: boolean) =>
    withContext(browser, session, { timezoneId, locale: "en-GB" }, async (page) => {
      await page.goto("/registries/drydock/schedule");
      await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
      const instants = page.getByRole("listitem").filter({ hasText: "03:30 UTC" });
      await expect(instants).toHaveCount(12);
      // The browser's own words come in one go: where the last one would be, all are.
      await expect(page.locator("time[title]")).toHaveCount(expected ? 1 : 0);
      await expect(instants.filter({ hasText: "your time" })).toHaveCount(expected ? 12 : 0);
    });
  await hasLocal("Asia/Tokyo", true);
  await hasLocal("UTC", false);
});
