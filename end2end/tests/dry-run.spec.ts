import { copyTag, deleteTag } from "../support/registry.js";
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

test("a dry run leaves registry digests identical before and after, and is applied only as it was", async ({ signedIn: page, quiet }) => {
  await page.goto(`/registries/drydock/dry-run?policy=${encodeURIComponent(policy)}`);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByRole("button", { name: "Keep this dry run" }).click();
  await page.getByRole("link", { name: "Its receipt" }).click();
  await expect(page.getByText("0 writes: every tag of the registry had the same digest before and after.")).toBeVisible();
  await expect(page.getByText("Nothing is different: the same tags, verdicts and next tags.")).toBeVisible();
  expect(new URL(page.url()).searchParams.get("record")).toMatch(/^sha256:[0-9a-f]{64}$/);
  await copyTag("web/nginx", "latest", "moved");
  await page.getByRole("textbox", { name: "Why", exact: true }).fill("as tried");
  await page.getByRole("button", { name: "Apply exactly this" }).click();
  await expect(page.getByText("the registry is not what this dry run saw: web/nginx:moved")).toBeVisible();
  await expect.poll(() => quiet.splice(0)).toEqual([expect.stringContaining("409 (Conflict)")]);
  await deleteTag("web/nginx", "moved");
});

test("any reference is explained rule by rule", async ({ signedIn: page }) => {
  await page.goto(`/registries/drydock/dry-run?why=web/ngins:latest&policy=${encodeURIComponent(policy)}`);
  await expect(page.locator("a[href*='?why=']", { hasText: "web/nginx:latest" })).toBeVisible();
  await page.getByText("Rule by rule").click();
  await expect(page.getByText("Does a row name the repository?")).toBeVisible();
});
