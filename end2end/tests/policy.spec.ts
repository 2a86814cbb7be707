import type { Page } from "@playwright/test";
import { expect, test } from "../support/test.js";

async function open(page: Page): Promise<void> {
  await page.goto("/registries/drydock/policy");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const text = (page: Page) => page.getByRole("textbox", { name: "Policy as JSON" });
const rows = (page: Page) => page.getByRole("combobox", { name: "Repository" });

test("who adds or removes a repository by keyboard goes on beside it", async ({ signedIn: page }) => {
  await open(page);
  const add = page.getByRole("button", { name: "Add a repository" });
  const before = await rows(page).count();
  await add.press("Enter");
  await expect(rows(page)).toHaveCount(before + 1);
  await expect(rows(page).last()).toBeFocused();
  await page.getByRole("button", { name: /^Remove / }).first().press("Enter");
  await expect(rows(page)).toHaveCount(before);
  await expect(rows(page).first()).toBeFocused();
  for (let left = before; left > 0; left--) {
    await page.getByRole("button", { name: /^Remove / }).last().press("Enter");
    await expect(rows(page)).toHaveCount(left - 1);
    await expect(add).toBeFocused();
  }
});

test("a draft survives a reload, until it is given up", async ({ signedIn: page }) => {
  await open(page);
  const deployed = await text(page).inputValue();
  const draft = deployed.replace('"v1"', '"v1" ');
  expect(draft).not.toBe(deployed);
  await text(page).fill(draft);
  await page.reload();
  await expect(page.getByText("A draft of this tab")).toBeVisible();
  await expect(text(page)).toHaveValue(draft);
  await page.getByRole("button", { name: "Discard the draft" }).click();
  await expect(text(page)).toHaveValue(deployed);
  await page.reload();
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(text(page)).toHaveValue(deployed);
  await expect(page.getByText("A draft of this tab")).toBeHidden();
});

test("of two who edit, the second is told which policy is there now", async ({ signedIn: first }) => {
  const second = await first.context().newPage();
  await open(first);
  await open(second);
  const deployed = await text(first).inputValue();
  await text(first).fill(`${deployed}\n`);
  await first.getByRole("button", { name: "Apply policy" }).click();
  await expect(first.getByText("The policy is deployed")).toBeVisible();

  await text(second).fill(`${deployed}\n\n`);
  await second.getByRole("button", { name: "Apply policy" }).click();
  const notice = second.getByRole("status").filter({ hasText: "Not possible as things stand" });
  await expect(notice).toContainText(/the policy was changed since this one was begun; [0-9a-f]{12} is deployed now/);
  await expect(notice.getByTitle(/^sha256:[0-9a-f]{64}$/)).toBeVisible();
  await expect(text(second)).toHaveValue(`${deployed}\n\n`);
  await second.getByRole("button", { name: "Show the deployed policy" }).click();
  await second.getByRole("button", { name: "Take the deployed text" }).click();
  await expect(text(second)).toHaveValue(`${deployed}\n`);
});
