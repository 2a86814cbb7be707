import { expect, test } from "../support/test.js";

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
