import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test, withContext } from "../support/test.js";

const path = "/registries/drydock/schedule";

async function open(page: Page, query = ""): Promise<void> {
  await page.goto(path + query);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const nextRuns = (page: Page) => page.getByRole("table", { name: "The next runs" }).getByRole("row");

test("a schedule that is none shows no runs, and speaks of days", async ({ signedIn: page }) => {
  await open(page);
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

test("day-one check 1: 30d and 20d show their true next 12 dates, and saving warns if the hour moves", async ({ signedIn: page }) => {
  const dates = async (days: number): Promise<Date[]> => {
    await page.getByLabel("Days between runs").fill(String(days));
    await expect(page.getByRole("heading", { name: `Next runs of ${days}d` })).toBeVisible();
    const instants = await nextRuns(page).locator("td:first-child time").evaluateAll((all) => all.map((one) => one.getAttribute("datetime")!));
    expect(instants).toHaveLength(12);
    return instants.map((instant) => new Date(instant));
  };
  // Cron's own arithmetic: day 1 and every so many days on, begun again each month.
  const cron = (from: Date, days: number): Date[] => {
    const found: Date[] = [];
    for (const day = new Date(from); found.length < 12; day.setUTCDate(day.getUTCDate() + 1)) {
      if ((day.getUTCDate() - 1) % days === 0) found.push(new Date(day));
    }
    return found;
  };
  await open(page);
  for (const days of [30, 20]) {
    const shown = await dates(days);
    expect(shown).toEqual(cron(shown[0]!, days));
  }
  await expect(page.getByText(/the run time from/)).toBeHidden();
  await page.getByLabel("Time of day").fill("05:41");
  await expect(page.getByText("Saving moves the run time from 03:30 to 05:41 UTC.")).toBeVisible();
  await page.getByLabel("Days between runs").fill("30");
  await expect(page.getByText(/A double run from the 31st to the 1st: 1 day instead of 30/)).toBeVisible();
});

test("what is chosen and not saved outlives a reload, by its address", async ({ signedIn: page }) => {
  await open(page);
  await page.getByLabel("Days between runs").fill("10");
  await expect(page).toHaveURL(/days=10/);
  await page.reload();
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(page.getByLabel("Days between runs")).toHaveValue("10");
  await page.getByLabel("Compare with every").fill("20");
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await expect(page).toHaveURL(/compare=20/);
  const table = page.getByRole("table", { name: "Two schedules" });
  await expect(table.getByRole("row").filter({ hasText: "20d" })).toContainText("to compare");
  await expect(table.getByRole("row").filter({ hasText: "10d" })).toContainText("1 day");
});

test("an instant is said once where the reader's clock shows UTC", async ({ browser, session }) => {
  const hasLocal = async (timezoneId: string, columns: number) =>
    withContext(browser, session, { timezoneId, locale: "en-GB" }, async (page) => {
      await open(page);
      await expect(nextRuns(page)).toHaveCount(13);
      await expect(nextRuns(page).first().getByRole("columnheader")).toHaveCount(columns);
    });
  await hasLocal("Asia/Tokyo", 4);
  await hasLocal("UTC", 3);
});

test("the chosen zone is obeyed on every page, and clock changes are named", async ({ browser, session }) => {
  await withContext(browser, session, { timezoneId: "UTC" }, async (page) => {
    await open(page);
    const picker = page.getByRole("region", { name: "Zone" });
    await picker.getByLabel("or any zone").fill("Mars/Olympus");
    await picker.getByRole("button", { name: "Show" }).click();
    await expect(page.getByText("There is no zone `Mars/Olympus`")).toBeVisible();
    await picker.getByLabel("or any zone").fill("America/New_York");
    await picker.getByRole("button", { name: "Show" }).click();
    await expect(nextRuns(page).nth(1)).toContainText(/2[12]:30 UTC-[45]|2[23]:30 UTC-[45]/);
    await expect(page.getByText(/runs come at \d\d:30 in America\/New_York, and no longer at \d\d:30/).first()).toBeVisible();
    // The server obeys it too: what it sends is what the page stays.
    for (const other of ["/registries/drydock", "/registries/drydock/runs", "/audit"]) {
      const sent = await (await page.request.get(other)).text();
      expect(sent).toMatch(/UTC-[45]</);
      await page.goto(other);
      await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
      await expect(page.locator("main time").first()).toContainText(/UTC-[45]/);
    }
  });
});

test("a freeze marks the runs inside it, and is lifted", async ({ signedIn: page }) => {
  await open(page, "?days=1&at=03%3A30");
  const at = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);
  await page.getByLabel("Name").fill("quarter end");
  await page.getByLabel("From", { exact: true }).fill(at(2));
  await page.getByLabel("To", { exact: true }).fill(at(4));
  await page.getByRole("button", { name: "Declare freeze" }).click();
  const freeze = page.getByRole("listitem").filter({ hasText: "quarter end" });
  await expect(freeze).toContainText("2 planned runs fall into it");
  await expect(nextRuns(page).filter({ hasText: "In the freeze “quarter end”" })).toHaveCount(2);
  await expect(page.getByText("Azure has no freeze")).toBeVisible();
  await freeze.getByRole("button", { name: "Lift the freeze quarter end" }).click();
  await expect(freeze).toHaveCount(0);
  await page.goto("/audit");
  await expect(page.getByText("calendar.freeze").first()).toBeVisible();
});

test("a calendar link is shown once, read without a session, and revoked", async ({ signedIn: page, browser }) => {
  await open(page);
  await page.getByRole("button", { name: "Make a calendar link" }).click();
  const shown = page.getByRole("region", { name: "calendar link" });
  const link = (await shown.textContent())!.trim();
  const stranger = await browser.newContext();
  const read = async () => stranger.request.get(link);
  const feed = await (await read()).text();
  expect(feed.split("\r\n")).toContain("BEGIN:VCALENDAR");
  expect(feed).toMatch(/DTSTART:\d{8}T033000Z/);
  await page.reload();
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(shown).toHaveCount(0);
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("button", { name: "Revoke" })).toHaveCount(0);
  expect((await read()).status()).toBe(404);
  await stranger.close();
});

test("the run that was started by hand is on its day, and leads to its page", async ({ signedIn: page }) => {
  await open(page);
  const today = page.locator("td[aria-current=date]");
  await expect(today).toContainText("started by hand at");
  await expect(page.getByText(/The next regular run stays as it is/)).toBeVisible();
  await today.getByRole("link").click();
  await expect(page.getByRole("heading", { level: 1, name: /^Run / })).toBeVisible();
});

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing on a calendar with a freeze, warnings and a comparison, ${colorScheme}`, async ({ browser, session }) => {
    await withContext(browser, session, { colorScheme, viewport: { width: 320, height: 900 } }, async (page) => {
      await open(page, "?days=20&at=05%3A41&compare=7");
      await expect(page.getByRole("table", { name: "Two schedules" })).toBeVisible();
      const found = await new AxeBuilder({ page }).analyze();
      expect(found.violations).toEqual([]);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(320);
    });
  });
}
