import { expect, test } from "../support/test.js";

test("continuous patching is removed only when its registry's name is typed", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/settings");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByRole("button", { name: /^(Remove|Delete)/ }).first().click();
  const dialog = page.getByRole("dialog");
  const confirm = dialog.getByRole("button", { name: /^(Remove|Delete)/ });
  await dialog.getByRole("textbox").fill("drydok");
  await expect(confirm).toBeDisabled();
  await dialog.getByRole("textbox").fill("drydock");
  await confirm.click();
  await expect(page.getByText("does not exist").or(page.getByText(/removed|deleted/i)).first()).toBeVisible({ timeout: 60_000 });
  await page.goto("/registries/drydock");
  await expect(page.getByText("Set up continuous patching")).toBeVisible();
});
