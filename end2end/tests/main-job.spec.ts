import type { Page } from "@playwright/test";
import { drydock } from "../support/drydock.js";
import { remember } from "../support/made.js";
import { blob, files, manifest } from "../support/registry.js";
import { expect, test } from "../support/test.js";

const repository = "debian/base";
const tag = "12";
const patched = "12-1";

const policy = (tail: string) => `{
  "version": "v1",
  "tag-convention": "incremental",
  "repositories": [
    {"repository": "${repository}", "tags": ["${tag}"], "enabled": true},
    {"repository": "tools/clean", "tags": ["*"], "enabled": true}${tail}
  ]
}`;

async function visit(page: Page, name: string): Promise<void> {
  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
}

test("a policy becomes a really patched image", async ({ page }) => {
  // The sample images are assembled from an archive; on a slow line that takes minutes.
  test.setTimeout(15 * 60_000);

  await test.step("the printed link signs in", async () => {
    await page.goto(drydock().link);
    await expect(page.getByRole("heading", { level: 1, name: "drydock" })).toBeVisible();
    await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
    // The stream ends when all samples are there.
    await page.request.get("/events?samples=true", { timeout: 10 * 60_000 });
  });

  await test.step("the policy's faults are named while it is typed", async () => {
    await visit(page, "Policy");
    const text = page.getByRole("textbox", { name: "Policy as JSON" });
    await text.fill(policy(","));
    const fault = page.locator("#policy-findings").getByText("There is a comma after the last item");
    await expect(fault).toBeVisible();
    await expect(page.getByRole("button", { name: "Create workflow" })).toBeDisabled();
    await text.fill(policy(""));
    await expect(fault).toBeHidden();
    await expect(page.getByRole("combobox", { name: "Repository" }).first()).toHaveValue(repository);
  });

  await test.step("the dry run says what happens to each tag, and why", async () => {
    await page.getByRole("link", { name: "Dry run of this text" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Dry run" })).toBeVisible();
    const row = page.getByRole("row").filter({ hasText: repository }).filter({ hasText: patched });
    await expect(row.first()).toBeVisible();
    await expect(page.getByRole("row").filter({ hasText: "legacy/bullseye" }).first()).toBeVisible();
  });

  await test.step("the schedule's real days are shown, and the workflow is created", async () => {
    await page.goBack();
    await expect(page.getByRole("heading", { level: 1, name: "Policy" })).toBeVisible();
    // The text is a draft of this tab: it has outlived the way to the dry run and back.
    await expect(page.getByRole("textbox", { name: "Policy as JSON" })).toHaveValue(policy(""));
    await page.getByLabel("Days between runs").fill("7");
    await page.getByLabel("Time of day").fill("03:30");
    await page.getByRole("button", { name: "Create workflow" }).click();
    await expect(page.getByText("Continuous patching is set up")).toBeVisible({ timeout: 60_000 });
    await visit(page, "Schedule");
    await expect(page.getByText("03:30 UTC").first()).toBeVisible();
    await expect(page.getByText("Twelve months")).toBeVisible();
  });

  const run = await test.step("run now: the log is read while it is written", async () => {
    await visit(page, "Runs");
    await page.getByRole("button", { name: "Run now" }).first().click();
    await expect(page).toHaveURL(/\/runs\/\w+$/);
    const log = page.getByRole("region", { name: "Log" });
    await expect(log).toContainText("Matches found: 2", { timeout: 60_000 });
    return page.url().split("/").pop()!;
  });

  await test.step("the cycle ends: one image is patched, one was up to date", async () => {
    await visit(page, "Runs");
    const row = page.getByRole("row").filter({ hasText: repository });
    await expect(row).toContainText("Succeeded", { timeout: 8 * 60_000 });
    await expect(page.getByRole("row").filter({ hasText: "tools/clean" })).toContainText("Skipped", { timeout: 60_000 });
    await row.getByRole("link", { name: "Patch" }).click();
    await expect(page.getByRole("heading", { level: 1, name: /^Run / })).toBeVisible();
    await expect(page.getByRole("region", { name: "Log" })).toContainText(`${repository}:${patched}`);
  });

  const change = await test.step("the lineage shows the new tag and what changed in it", async () => {
    await visit(page, "Images");
    await page.getByRole("link", { name: repository }).click();
    const stop = page.getByRole("listitem").filter({ has: page.getByRole("heading", { level: 3, name: patched, exact: true }) });
    await expect(stop).toContainText("Fixable findings left");
    await stop.getByText(/^What changed in \d+ packages?$/).click();
    const first = stop.getByRole("table", { name: "Packages changed by this patch" }).getByRole("row").nth(1);
    const cells = await first.getByRole("cell").allInnerTexts();
    return { name: cells[0]!.trim(), version: cells[2]!.trim() };
  });

  await test.step("the registry's own API gives the patched image back", async () => {
    const [original, result] = [await manifest(repository, tag), await manifest(repository, patched)];
    expect(result.layers.slice(0, -1).map((layer) => layer.digest)).toEqual(original.layers.map((layer) => layer.digest));
    const config = JSON.parse((await blob(repository, result.config.digest)).toString());
    expect(config.rootfs.diff_ids).toHaveLength(result.layers.length);
    const layer = files(await blob(repository, result.layers.at(-1)!.digest));
    const status = layer.get("var/lib/dpkg/status")!.split("\n\n");
    const stanza = status.find((stanza) => stanza.startsWith(`Package: ${change.name}\n`));
    expect(stanza).toContain(`\nVersion: ${change.version}\n`);
  });

  await test.step("each change is on the audit page", async () => {
    await visit(page, "Audit");
    for (const operation of ["workflow.create", "run.start"]) {
      await expect(page.getByText(operation).first()).toBeVisible();
    }
  });

  remember({ run, repository, tag, patched });
});
