import AxeBuilder from "@axe-core/playwright";
import { changeInAzure } from "../support/azure.js";
import { expect, test, withContext } from "../support/test.js";

const preflight = "/registries/drydock/settings/preflight";

test("what somebody deleted in Azure is told with its remedy, repaired, and entered", async ({ signedIn: page }) => {
  await changeInAzure("DELETE", "tasks/cssc-scan-image");
  await page.goto("/registries/drydock/settings");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByRole("link", { name: "Look the registry over" }).click();
  await expect(page).toHaveURL(preflight);

  const line = page.getByRole("row").filter({ hasText: "The three tasks" });
  await expect(line).toContainText("in the way");
  await expect(line).toContainText("cssc-scan-image is missing.");
  await expect(line).toContainText("Repair would create cssc-scan-image.");
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => found.id)).toEqual([]);

  await line.getByRole("button", { name: "Repair" }).press("Enter");
  await expect(page.getByRole("status").getByRole("listitem").first()).toContainText("cssc-scan-image");
  await expect(line).toContainText("good");
  // The identity that went with the task has left its role behind.
  const roles = page.getByRole("row").filter({ hasText: "Roles of the tasks" });
  await expect(roles).toContainText("1 left-over assignment points to an identity that no task has any more");
  await roles.getByRole("button", { name: "Repair" }).click();
  await expect(roles).toContainText("good");
  await expect(page.getByRole("button", { name: "Repair" })).toHaveCount(0);

  await page.goto("/audit?operation=workflow.repair");
  const entries = page.getByRole("row").filter({ hasText: "workflow.repair" });
  await expect(entries.filter({ hasText: "cssc-scan-image: created" })).toContainText("Succeeded");
  await expect(entries.filter({ hasText: "left-over assignment" })).toContainText("Succeeded");
});

test("without JavaScript a repair leads back to the preflight", async ({ browser, session }) => {
  await changeInAzure("DELETE", "tasks/cssc-scan-image");
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto(preflight);
    for (const title of ["The three tasks", "Roles of the tasks"]) {
      const line = page.getByRole("row").filter({ hasText: title });
      await line.getByRole("button", { name: "Repair" }).click();
      await expect(page).toHaveURL(preflight);
      await expect(line).toContainText("good");
    }
  });
});
