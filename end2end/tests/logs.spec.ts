import type { Page } from "@playwright/test";
import { lines, longLog, needle, replaceLog, step } from "../support/long_log.js";
import { expect, test, withContext } from "../support/test.js";

let restore: () => void = () => {};
let run = "";

const address = () => `/registries/drydock/runs/${run}`;
const pane = (page: Page) => page.getByRole("region", { name: "Log", exact: true });
const line = (page: Page, number: number) =>
  pane(page).getByRole("listitem").filter({ has: page.getByRole("link", { name: `Line ${number}`, exact: true }) });

async function open(page: Page, hash = ""): Promise<void> {
  await page.goto(`${address()}${hash}`);
  await expect(page.getByText("50,000 lines", { exact: true })).toBeVisible();
}

test.beforeAll(async ({ browser, session }) => {
  await withContext(browser, session, {}, async (page) => {
    await page.goto("/registries/drydock/runs");
    const href = await page.getByRole("link", { name: "Scan run" }).last().getAttribute("href");
    run = href!.split("/").pop()!;
  });
  restore = replaceLog(run, longLog());
});

test.afterAll(() => restore());

test("day-one check 15: a line of fifty thousand is found that is no element, and its address brings it back", async ({ signedIn: page }) => {
  await open(page);
  expect(await pane(page).getByRole("listitem").count(), "lines that are elements").toBeLessThan(500);
  await expect(page.getByText(needle.text)).toHaveCount(0);

  await pane(page).focus();
  await page.keyboard.press("Control+f");
  const field = page.getByRole("searchbox", { name: "Search the log" });
  await expect(field).toBeFocused();
  await field.fill("NEEDLE in");
  await expect(page.getByRole("search", { name: "This log" })).toContainText("1 of 1 line");
  await expect(line(page, needle.line)).toBeInViewport();
  await expect(line(page, needle.line).getByText("needle in", { exact: true })).toBeVisible();
  await expect(page).toHaveURL(`${address()}#L${needle.line}`);

  await page.reload();
  await expect(line(page, needle.line)).toBeInViewport();
  await expect(line(page, needle.line)).toHaveAttribute("aria-current", "true");
  await expect(line(page, needle.line)).toContainText(`${needle.text} it is`);
  await expect(line(page, needle.line)).not.toContainText("title");
});

test("n and N go round the lines that were found", async ({ signedIn: page }) => {
  await open(page);
  const search = page.getByRole("search", { name: "This log" });
  await search.getByRole("searchbox").fill("thousand ");
  await expect(search).toContainText("1 of 48 lines");
  await pane(page).focus();
  await page.keyboard.press("n");
  await expect(search).toContainText("2 of 48 lines");
  await expect(line(page, 2000)).toBeInViewport();
  await page.keyboard.press("N");
  await page.keyboard.press("N");
  await expect(search).toContainText("48 of 48 lines");
  await expect(line(page, 49_000)).toBeInViewport();
  await search.getByRole("searchbox").fill("is nowhere");
  await expect(search).toContainText("Not in this log");
});

test("a step folds, and opens again for a line that is gone to", async ({ signedIn: page }) => {
  await open(page, `#L${step.first}`);
  const fold = line(page, step.first).getByRole("button", { name: `Step ${step.name}, 29,997 lines` });
  await expect(fold).toHaveAttribute("aria-expanded", "true");
  await fold.click();
  await expect(fold).toHaveAttribute("aria-expanded", "false");
  await expect(line(page, step.last + 1)).toBeInViewport();
  await expect(line(page, step.first + 1)).toHaveCount(0);
  await page.getByRole("search", { name: "This log" }).getByRole("searchbox").fill(needle.text);
  await expect(line(page, needle.line)).toBeInViewport();
});

test("the keyboard scrolls the log from its first line to its last", async ({ signedIn: page }) => {
  await open(page);
  await pane(page).focus();
  await page.keyboard.press("End");
  await expect(line(page, lines)).toBeInViewport();
  await page.keyboard.press("PageUp");
  await expect(line(page, lines)).not.toBeInViewport();
  await page.keyboard.press("Home");
  await expect(line(page, 1)).toBeInViewport();
  await page.getByRole("button", { name: "Time stamps" }).click();
  await expect(line(page, 1).getByText("2026/11/21")).toBeHidden();
});

test("without JavaScript the log is text, and says where the rest of it is", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto(address());
    await expect(pane(page)).toContainText("line 4999: unpacked");
    await expect(page.getByText("These are the first 5,000 lines; 45,000 more are in the raw log.")).toBeVisible();
    const raw = await page.request.get(`${address()}/log.txt`);
    expect((await raw.text()).split("\r\n").length).toBe(lines + 1);
  });
});
