import AxeBuilder from "@axe-core/playwright";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { binary } from "../support/drydock.js";
import { launch } from "../support/launch.js";
import { expect, test, withContext } from "../support/test.js";

/** Changes an entry as somebody can who holds the database: the triggers go first. */
const EDIT = `
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], timeout=10)
ledger.execute("DROP TRIGGER chain_is_final")
edited = ledger.execute("UPDATE chain SET body = replace(body, ':1', ':2') WHERE sequence = 2")
assert edited.rowcount == 1
ledger.commit()
`;

test("the trail is verified, narrowed by its address, and followed from entry to entry", async ({ signedIn: page }) => {
  await page.goto("/audit");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(page.getByText(/^Verified to #\d+$/)).toBeVisible();

  await page.getByRole("textbox", { name: "Operation" }).fill("workflow.create");
  await page.getByLabel("Outcome").selectOption("succeeded");
  await page.getByRole("button", { name: "Filter" }).press("Enter");
  await expect(page).toHaveURL(/operation=workflow\.create/);
  const rows = page.getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(rows).toHaveCount(1);
  await expect(rows).toContainText("workflow.create");
  await page.reload();
  await expect(rows).toHaveCount(1);
  await expect(page.getByLabel("Outcome")).toHaveValue("succeeded");

  await rows.getByRole("link", { name: "drydock", exact: true }).click();
  await expect(page).toHaveURL("/audit?id=drydock");
  await expect(rows.filter({ hasText: "run.start" }).first()).toBeVisible();
  await page.goto("/audit?actor=nobody");
  await expect(page.getByText("No such entries")).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => found.id)).toEqual([]);
  await page.getByRole("link", { name: "Show all" }).click();
  await expect(page).toHaveURL("/audit");
});

test("without JavaScript the filters work, and the file that is exported verifies", async ({ browser, session }) => {
  await withContext(browser, session, { javaScriptEnabled: false }, async (page) => {
    await page.goto("/audit");
    await page.getByRole("textbox", { name: "Operation" }).fill("auth.login");
    await page.getByRole("button", { name: "Filter" }).click();
    await expect(page.getByRole("row").filter({ hasText: "auth.login" }).first()).toBeVisible();
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Export as NDJSON" }).click(),
    ]);
    const said = execFileSync(binary, ["audit", "verify", await file.path()], { encoding: "utf8" });
    expect(said).toContain("whole, entries 1 to");
  });
});

test("the browser verifies the whole trail by itself, with code that comes when it is asked for", async ({ signedIn: page }) => {
  const packs: string[] = [];
  page.on("response", (answer) => {
    if (answer.url().endsWith(".pack")) packs.push(answer.url());
  });
  await page.goto("/audit");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  const key = page.getByRole("textbox", { name: "Key that may sign" });
  await expect(key).toHaveValue(/^[0-9a-f]{64}$/);
  const before = packs.length;
  const verify = page.getByRole("button", { name: "Verify in this browser" });
  await verify.click();
  // Its own export is entered first, and verified with the rest.
  const verified = page.getByText(/^This browser verified \d+ entries, to #\d+$/);
  await expect(verified).toBeVisible();
  const [, entries, last] = /verified (\d+) entries, to #(\d+)/.exec((await verified.textContent())!)!;
  expect(entries).toBe(last);
  expect(packs.length).toBe(before + 1);
  await expect(page.getByText("compare it with a copy")).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map((found) => found.id)).toEqual([]);

  // A key that did not sign it proves the opposite.
  await key.fill("0".repeat(64));
  await verify.click();
  await expect(page.getByText("which is not a trusted one")).toBeVisible();
  await key.fill("no key");
  await verify.click();
  await expect(page.getByText("paste the 64 hexadecimal digits")).toBeVisible();
});

test("day-one check 10: an entry that was edited in the database is named by the browser itself", async ({ page }) => {
  const server = await launch(["--no-samples"]);
  try {
    await page.goto(server.link);
    await page.goto(`${server.url}/audit`);
    await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
    await expect(page.getByText(/^Verified to #\d+$/)).toBeVisible();
    execFileSync("python3", ["-c", EDIT, join(server.data, "ledger.sqlite")]);
    await page.getByRole("button", { name: "Verify in this browser" }).click();
    await expect(page.getByText("This browser finds the trail changed")).toBeVisible();
    await expect(page.getByText(/^It breaks at entry 2 \(line \d\): it was changed after it was written\.$/)).toBeVisible();
  } finally {
    await server.stop();
  }
});
