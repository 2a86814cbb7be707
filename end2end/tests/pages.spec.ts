import AxeBuilder from "@axe-core/playwright";
import { made } from "../support/made.js";
import { pages } from "../support/pages.js";
import { expect, listen, test, withContext } from "../support/test.js";

function address(path: string): string {
  return path.replace("{run}", made().run).replace("{repository}", made().repository);
}

const widths = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };

for (const { name, path, settled } of pages) {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const [width, viewport] of Object.entries(widths)) {
      test(`day-one check 14: ${name}, ${colorScheme}, ${width}: accessible, fits, and is photographed`, async ({ browser, session, quiet }) => {
        await withContext(browser, session, { viewport, colorScheme, reducedMotion: "reduce" }, async (page) => {
          listen(page, quiet);
          await page.goto(address(path));
          await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
          await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
          const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
          const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
          expect(violations.map((found) => `${found.id}: ${found.nodes.map((node) => node.target).join(" ")}`)).toEqual([]);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
          expect(overflow, "pixels that stick out on the right").toBeLessThanOrEqual(0);
          await page.screenshot({ path: `screenshots/${name}-${viewport.width}-${colorScheme}.png`, fullPage: true });
        });
      });
    }
  }

  test(`${name} says the same when it is loaded and when it is come to by a link`, async ({ signedIn: loaded, quiet }) => {
    const linked = await loaded.context().newPage();
    listen(linked, quiet);
    await loaded.goto(address(path));
    await linked.goto(path === "/audit" ? "/" : "/audit");
    await expect(linked.getByRole("main")).toHaveAttribute("data-alive", "true");
    // The router takes over clicks on links: this one stands where the page's own would.
    await linked.evaluate((href) => {
      const link = Object.assign(document.createElement("a"), { href });
      document.body.append(link);
      link.click();
      link.remove();
    }, address(path));
    const sides = [loaded, linked].map((page) => page.getByRole("main"));
    for (const main of sides) {
      await expect(main).toHaveAttribute("data-alive", "true");
      if (settled) await expect(main).toContainText(settled);
    }
    // Each side adds the browser's own words, as local times, when it gets to it: both are read again
    // until they agree, and the last difference is what a failure shows.
    await expect(async () => {
      const [byLoading, byLink] = await Promise.all(sides.map(async (main) => steady(await main.innerText())));
      expect(byLink).toBe(byLoading);
    }).toPass({ timeout: 15_000 });
  });
}

/** Without what moves by itself between two loads. */
function steady(text: string): string {
  const fresh = text.replace(/s of \d{4}-\d\d-\d\d [\d:]+ UTC/g, "s of …");
  return fresh.replace(/\d+ (seconds?|minutes?|s|min|h)\b( ago)?/g, "…").trim();
}

test("an address without a registry's name leads to all of them", async ({ signedIn: page }) => {
  const answer = await page.request.get("/registries", { maxRedirects: 0 });
  expect(answer.headers().location).toBe("/");
});

test("an address that leads nowhere says so, with status 404", async ({ browser, session }) => {
  await withContext(browser, session, {}, async (page) => {
    const answer = await page.goto("/registries/drydock/nowhere");
    expect(answer!.status()).toBe(404);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  });
});

test("the theme that is chosen stays", async ({ signedIn: page }) => {
  await page.goto("/audit");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.locator("summary").filter({ has: page.locator(".menu-label") }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.locator("summary").filter({ has: page.locator(".menu-label") }).click();
  await page.getByRole("button", { name: "System" }).click();
  await expect(page.locator("html")).not.toHaveAttribute("data-theme");
});
