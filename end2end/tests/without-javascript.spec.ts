import { made } from "../support/made.js";
import { pages } from "../support/pages.js";
import { expect, test, withContext } from "../support/test.js";

for (const { name, path } of pages) {
  test(`${name} is whole without JavaScript`, async ({ browser, session }) => {
    await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
      const answer = await page.goto(path.replace("{run}", made().run).replace("{repository}", made().repository));
      expect(answer!.status()).toBe(200);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByText("Loading", { exact: false })).toHaveCount(0);
    });
  });
}

test("a run is started by a plain form", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/registries/drydock/runs");
    await page.getByRole("button", { name: "Run now" }).first().click();
    await expect(page).toHaveURL(/\/runs\/\w+$/);
    await expect(page.getByRole("heading", { level: 1, name: /^Run / })).toBeVisible();
  });
});
