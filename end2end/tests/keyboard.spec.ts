import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/test.js";

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 1, name });

/** Moves on by Tab alone, as far as a person would bear. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target.first()).toBeVisible();
  const isFocused = () => target.first().evaluate((one) => one === document.activeElement);
  for (let n = 0; n < 120 && !(await isFocused()); n++) await page.keyboard.press("Tab");
  await expect(target.first()).toBeFocused();
}

async function goBy(page: Page, key: string, name: string | RegExp): Promise<void> {
  await page.keyboard.press("g");
  await page.keyboard.press(key);
  await expect(heading(page, name)).toBeVisible();
}

test("day-one check 14: the main job is done by keyboard alone", async ({ signedIn: page }) => {
  test.setTimeout(5 * 60_000);
  await open(page, "/registries/drydock");
  await test.step("the skip link leads past the navigation", async () => {
    await page.keyboard.press("Tab");
    await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
  });
  await test.step("the policy is read, and a fault in it is found", async () => {
    await goBy(page, "p", "Policy");
    const text = page.getByRole("textbox", { name: "Policy as JSON" });
    await tabTo(page, text);
    const before = await text.inputValue();
    await page.keyboard.press("Control+End");
    await page.keyboard.type(",");
    await expect(page.locator("#policy-findings")).toContainText(/\S/);
    await page.keyboard.press("Backspace");
    await expect(text).toHaveValue(before);
    // Out of the fields, where single keys are keys again.
    await tabTo(page, page.getByRole("link", { name: "Skip to content" }));
  });
  await test.step("the dry run is searched", async () => {
    await goBy(page, "d", "Dry run");
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox").first()).toBeFocused();
    await page.keyboard.type("debian");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/text=debian/);
    await page.getByRole("main").focus();
  });
  await test.step("the schedule is moved, and moved back", async () => {
    await goBy(page, "c", "Schedule");
    for (const days of ["14", "7"]) {
      await tabTo(page, page.getByLabel("Days between runs"));
      await page.keyboard.press("Control+A");
      await page.keyboard.type(days);
      await tabTo(page, page.getByRole("button", { name: "Save schedule" }));
      await page.keyboard.press("Enter");
      await expect(page.getByText(`Deployed: ${days}d at 03:30 UTC`)).toBeVisible();
    }
  });
  await test.step("a cycle is started, followed to its end, and its run opened", async () => {
    await goBy(page, "r", "Runs");
    await tabTo(page, page.getByRole("button", { name: "Run now" }));
    await page.keyboard.press("Enter");
    await expect(heading(page, /^Run /)).toBeVisible();
    const id = page.url().split("/").pop()!;
    await expect(page.getByRole("region", { name: "Log" })).toContainText("Matches found", { timeout: 60_000 });
    await page.getByRole("main").focus();
    await page.keyboard.press("Escape");
    await expect(heading(page, "Runs")).toBeVisible();
    await expect(page.getByRole("main").getByRole("row").getByRole("link").first()).toBeVisible();
    await page.keyboard.press("j");
    await expect(page.getByRole("main").locator(":focus")).toBeVisible();
    // The next test must not find it under way.
    await open(page, `/registries/drydock/runs/${id}`);
    await expect(page.getByText("still running")).toBeHidden({ timeout: 3 * 60_000 });
  });
  await test.step("the image's lineage is found by name", async () => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("debian/ba");
    await expect(page.getByRole("option", { name: /debian\/base/ })).toHaveAttribute("aria-selected", "true");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(/images\/debian\/base$/);
  });
});

test("rows are walked with j and k, opened with Enter and left with Esc", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock/images");
  const links = page.getByRole("row").getByRole("link");
  await page.keyboard.press("j");
  await expect(links.first()).toBeFocused();
  await page.keyboard.press("j");
  await expect(links.first()).not.toBeFocused();
  await page.keyboard.press("k");
  await expect(links.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/images\/./);
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/images$/);
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/registries\/drydock$/);
});

test("Esc closes an open menu and stays on the page", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock/images");
  const menu = page.locator("details.menu").filter({ hasText: "operator" });
  const summary = menu.locator("summary");
  await summary.press("Enter");
  await expect(menu).toHaveAttribute("open");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Escape");
  await expect(menu).not.toHaveAttribute("open");
  await expect(summary).toBeFocused();
  await expect(page).toHaveURL(/\/images$/);
});

test("the palette finds any page, and returns the focus when it is left", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock");
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Go to" });
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("no such thing");
  await expect(palette.getByRole("status")).toContainText("Nothing has this in its name");
  await page.keyboard.press("Escape");
  await expect(palette).toBeHidden();
  await expect(page).toHaveURL(/drydock$/);
  await page.getByRole("button", { name: /Go to/ }).focus();
  await page.keyboard.press("Enter");
  await palette.getByRole("combobox").fill("");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await expect(palette.getByRole("option", { selected: true })).toContainText("Policy");
  await page.keyboard.press("Enter");
  await expect(heading(page, "Policy")).toBeVisible();
});

test("single keys are shown, never taken from a field, and can be turned off", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock/schedule");
  const map = page.getByRole("dialog", { name: "Keyboard" });
  await page.keyboard.press("?");
  await expect(map).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(map).toBeHidden();
  await page.getByLabel("or any zone").focus();
  await page.keyboard.type("?gr");
  await expect(map).toBeHidden();
  await expect(heading(page, "Schedule")).toBeVisible();

  const turn = async (word: string) => {
    const group = page.getByRole("group", { name: "Single-key shortcuts" });
    if (!(await group.isVisible())) await page.locator(".top-bar-end summary").click();
    await group.getByRole("button", { name: word, exact: true }).click();
    await expect(group.getByRole("button", { name: word, exact: true })).toHaveAttribute("aria-pressed", "true");
  };
  await turn("Off");
  await open(page, "/registries/drydock/schedule");
  await expect(page.locator("html")).toHaveAttribute("data-shortcuts", "off");
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("dialog", { name: "Go to" })).toBeVisible();
  await expect(map).toBeHidden();
  await page.keyboard.press("Escape");
  await turn("On");
});

test("density is kept, and targets stay large enough", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock/runs");
  await page.locator(".top-bar-end summary").click();
  const group = page.getByRole("group", { name: "Density" });
  await group.getByRole("button", { name: "Compact" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-density", "compact");
  const link = page.getByRole("navigation", { name: "Console" }).getByRole("link").first();
  expect((await link.boundingBox())!.height).toBeGreaterThanOrEqual(24);
});

test("paper shows the matter and not the controls", async ({ signedIn: page }) => {
  await open(page, "/registries/drydock/schedule");
  await page.emulateMedia({ media: "print" });
  await expect(page.getByRole("navigation", { name: "Console" })).toBeHidden();
  await expect(page.getByRole("button", { name: "Run now" })).toBeHidden();
  await expect(page.getByRole("table", { name: "The next runs" })).toBeVisible();
});
