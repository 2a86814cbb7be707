import { made } from "../support/made.js";
import { pages } from "../support/pages.js";
import { expect, listen, test, withContext } from "../support/test.js";

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

test("a policy that is refused comes back in the form with the reason, once", async ({ browser, session }) => {
  const text = '{\n  "version": "v1",\n  "repositories": [\n    {"repository": "debian/base", "tags": ["12-1"]}\n  ]\n}';
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/registries/drydock/policy");
    const field = page.getByRole("textbox", { name: "Policy as JSON" });
    const reason = page.getByRole("alert").getByText("Refused by ACR's own check");
    await field.fill(text);
    await page.getByRole("textbox", { name: "Why", exact: true }).fill("to be refused");
    await page.getByRole("button", { name: "Apply policy" }).click();
    await expect(reason).toBeVisible();
    await expect(field).toHaveValue(text);
    await page.reload();
    await expect(reason).toHaveCount(0);
    await expect(field).toHaveValue(text);
  });
});

test("the policy page shows nothing that could not be used, and asks for nothing in vain", async ({ browser, session, quiet }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    listen(page, quiet);
    await page.goto("/registries/drydock/policy");
    await expect(page.getByRole("textbox", { name: "Policy as JSON" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Add a repository" })).toBeHidden();
    await expect(page.getByRole("button", { disabled: true }).filter({ visible: true })).toHaveCount(0);
    await expect(page.locator("link[rel=preload], link[rel=modulepreload]")).toHaveCount(0);
  });
});

test("an earlier policy is taken back by its link", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/registries/drydock/policy");
    const text = page.getByRole("textbox", { name: "Policy as JSON" });
    const deployed = await text.inputValue();
    await page.getByRole("link", { name: "Take into the editor" }).last().click();
    await expect(page.getByRole("textbox", { name: "Why", exact: true })).toHaveValue(/^Restores [0-9a-f]{12}$/);
    await expect(text).not.toHaveValue(deployed);
  });
});

test("a schedule that is none says so without next runs", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/registries/drydock/schedule?days=0&at=02:30");
    await expect(page.getByText("choose from 1 to 30 days")).toBeVisible();
    await expect(page.getByText("Next run")).toHaveCount(0);
    await expect(page.getByText("Twelve months")).toHaveCount(0);
  });
});

test("a run is started by a plain form", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/registries/drydock/runs");
    await page.getByRole("button", { name: "Run now" }).first().click();
    await expect(page).toHaveURL(/\/runs\/\w+$/);
    await expect(page.getByRole("heading", { level: 1, name: /^Run / })).toBeVisible();
  });
});
