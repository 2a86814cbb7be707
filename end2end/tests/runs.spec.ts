import { expect, test } from "../support/test.js";
import { copyTag, deleteTag } from "../support/registry.js";

// After the tenth image the trigger pauses for half a minute: it is still at work when it is cancelled.
const copies = Array.from({ length: 12 }, (_, number) => `copy${number}`);
const repository = "tools/clean";

test.beforeAll(async () => {
  for (const copy of copies) await copyTag(repository, "1.0", copy);
});

test.afterAll(async () => {
  for (const copy of copies) await deleteTag(repository, copy);
});

test("a run is cancelled, and each part of it says what became of it", async ({ signedIn: page }) => {
  await page.goto("/registries/drydock/runs");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByRole("button", { name: "Run now" }).click();
  await expect(page).toHaveURL(/\/runs\/\w+$/);
  const id = page.url().split("/").pop()!;
  await expect(page.getByRole("region", { name: "Log" })).toContainText("Waiting for 30 seconds", { timeout: 60_000 });
  await page.getByRole("button", { name: "Cancel run" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel this run?" });
  await dialog.getByRole("button", { name: "Cancel the run" }).click();
  await expect(dialog).toBeHidden();

  const parts = page.getByRole("status").filter({ hasText: "Cancel was sent" }).getByRole("listitem");
  await expect(parts.filter({ hasText: `run ${id}` })).toContainText("done stopped", { timeout: 60_000 });
  await expect(parts.filter({ hasText: "not done" })).toHaveCount(0);
  const facts = page.getByLabel("Facts about this run");
  await expect(facts).toContainText(/Trigger\s*Canceled/);
  await expect(facts).toContainText(/Cycle\s*Canceled/, { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Cancel run" })).toBeHidden();
  const images = page.getByRole("table", { name: "Images of this cycle" });
  await expect(images.getByText("the cycle ended before this image's turn").first()).toBeVisible();
  await expect(page.getByText(/\d+ never begun/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Scan what was never begun" })).toBeVisible();
});
