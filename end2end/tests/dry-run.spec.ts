import { expect, test, withContext } from "../support/test.js";

const policy = '{"version": "v1", "repositories": [{"repository": "web/nginx", "tags": ["*"]}]}';

for (const width of [1440, 1024]) {
  test(`a tag stands on one line, and the table scrolls where it must, at ${width}`, async ({ browser, session }) => {
    await withContext(browser, session, { viewport: { width, height: 900 } }, async (page) => {
      await page.goto(`/registries/drydock/dry-run?policy=${encodeURIComponent(policy)}`);
      const table = page.getByRole("table", { name: "Verdicts" });
      await expect(table.getByText("latest-1", { exact: true }).last()).toBeVisible();
      const broken = await table.locator(".tag").evaluateAll((tags) =>
        tags.filter((tag) => tag.getClientRects().length !== 1).map((tag) => tag.textContent),
      );
      expect(broken).toEqual([]);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    });
  });
}
