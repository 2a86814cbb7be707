import type { Page } from "@playwright/test";
import { expect, test } from "../support/test.js";

async function open(page: Page): Promise<void> {
  await page.goto("/registries/drydock/policy");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const text = (page: Page) => page.getByRole("textbox", { name: "Policy as JSON" });
const why = (page: Page) => page.getByRole("textbox", { name: "Why", exact: true });
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
  await why(first).fill("a line more");
  await first.getByRole("button", { name: "Apply policy" }).click();
  await expect(first.getByText("The policy is deployed")).toBeVisible();

  await text(second).fill(`${deployed}\n\n`);
  await why(second).fill("two lines more");
  await second.getByRole("button", { name: "Apply policy" }).click();
  const notice = second.getByRole("status").filter({ hasText: "Not possible as things stand" });
  await expect(notice).toContainText(/The policy was changed since this one was begun; [0-9a-f]{12} is deployed now/);
  await expect(notice.getByTitle(/^sha256:[0-9a-f]{64}$/)).toBeVisible();
  await expect(text(second)).toHaveValue(`${deployed}\n\n`);
  await expect(second.getByRole("listitem").filter({ hasText: "a line more" })).toBeVisible();
  await second.getByRole("button", { name: "Show the deployed policy" }).click();
  await second.getByRole("button", { name: "Take the deployed text" }).click();
  await expect(text(second)).toHaveValue(`${deployed}\n`);
});

test("one history leads back from the form and from the text", async ({ signedIn: page }) => {
  await open(page);
  const deployed = await text(page).inputValue();
  await page.getByRole("button", { name: "Add a repository" }).click();
  const added = await text(page).inputValue();
  expect(added).not.toBe(deployed);
  await text(page).press("Control+End");
  await text(page).pressSequentially(" ");
  await expect(text(page)).toHaveValue(`${added} `);
  await page.getByRole("button", { name: "Undo", exact: true }).first().click();
  await expect(text(page)).toHaveValue(added);
  await page.locator("body").press("Control+z");
  await expect(text(page)).toHaveValue(deployed);
  await expect(page.getByRole("button", { name: "Undo", exact: true }).first()).toBeDisabled();
  await page.locator("body").press("Control+Shift+Z");
  await expect(text(page)).toHaveValue(added);
});

test("a finding is mended by its button, and the rest of the text stays", async ({ signedIn: page }) => {
  await open(page);
  await text(page).fill('{"version": "v1", "note": 1, "repositories": [{"repository": "web/nginx", "tags": ["latest"]},]}');
  const finding = page.locator("#policy-findings").getByRole("listitem").filter({ hasText: "Refused by" });
  await finding.getByRole("button").first().click();
  await expect(text(page)).toHaveValue(
    '{"version": "v1", "note": 1, "repositories": [{"repository": "web/nginx", "tags": ["latest"]}]}',
  );
  await expect(page.locator("#policy-findings")).toBeFocused();
});

test("an earlier policy is taken back out of the history", async ({ signedIn: page }) => {
  await open(page);
  const history = page.getByRole("region").or(page.locator("section")).filter({ has: page.getByRole("heading", { name: "History" }) });
  await expect(history.getByText("a line more")).toBeVisible();
  await expect(history.getByText("deployed", { exact: true })).toHaveCount(1);
  await history.getByRole("link", { name: "Take into the editor" }).last().click();
  await expect(why(page)).toHaveValue(/^Restores [0-9a-f]{12}$/);
  await expect(page.getByRole("heading", { name: "Changes" })).toBeVisible();
});
