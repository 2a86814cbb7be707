import { expect, test } from "../support/test.js";

test("the question before a removal is asked and answered by keyboard", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/settings");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  const opener = page.getByRole("button", { name: "Delete continuous patching" });
  const dialog = page.getByRole("dialog", { name: "Delete continuous patching?" });
  await opener.press("Enter");
  await expect(dialog).toBeVisible();
  await expect(dialog.locator(":focus")).toHaveCount(1);
  // The browser's own bars may have the focus in between, the page behind the question never.
  const isBehind = () =>
    page.evaluate(() => {
      const focused = document.activeElement;
      return focused !== null && focused !== document.body && focused.closest("dialog") === null;
    });
  for (const key of [...Array<string>(8).fill("Tab"), ...Array<string>(8).fill("Shift+Tab")]) {
    await page.keyboard.press(key);
    expect(await isBehind(), key).toBe(false);
  }
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await expect(page.getByRole("heading", { name: "Parts" })).toBeVisible();
});

test("continuous patching is removed only when its registry's name is typed", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/settings");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByRole("button", { name: "Delete continuous patching" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete continuous patching?" });
  const confirm = dialog.getByRole("button", { name: "Delete it" });
  await dialog.getByLabel("Name of the registry").fill("drydok");
  await expect(confirm).toBeDisabled();
  await dialog.getByLabel("Name of the registry").fill("drydock");
  await confirm.click();
  await expect(page.getByText("Continuous patching is not set up")).toBeVisible({ timeout: 60_000 });
  await page.goto("/registries/drydock");
  await expect(page.getByText("Set up continuous patching")).toBeVisible();
});

test("without a workflow nothing can be started, and the page says what to do", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/runs");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(page.getByRole("button", { name: "Run now" })).toBeDisabled();
  await page.getByRole("link", { name: "write a policy first" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Policy" })).toBeVisible();
});
