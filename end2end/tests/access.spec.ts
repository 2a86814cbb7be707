import { drydock, freshLink } from "../support/drydock.js";
import { expect, test } from "../support/test.js";

test("without a session every page leads to the sign-in page", async ({ page }) => {
  await page.goto("/registries/drydock/policy");
  await expect(page).toHaveURL("/sign-in");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(page.getByText("drydock link", { exact: true })).toBeVisible();
});

test("a link works once", async ({ browser, page }) => {
  const link = freshLink();
  await page.goto(link);
  await expect(page).toHaveURL("/registries/drydock");
  const other = await browser.newContext();
  const second = await other.newPage();
  await second.goto(link);
  await expect(second.getByRole("heading", { name: "This link no longer works" })).toBeVisible();
  await second.goto(drydock().url);
  await expect(second).toHaveURL(/\/sign-in$/);
  await other.close();
});

test("no script reads the session's cookie, and signing out ends the session", async ({ page }) => {
  await page.goto(freshLink());
  await expect(page).toHaveURL("/registries/drydock");
  expect(await page.evaluate(() => document.cookie)).not.toContain("session");
  const [session] = (await page.context().cookies()).filter((cookie) => cookie.name.startsWith("drydock_session"));
  expect(session).toMatchObject({ httpOnly: true, sameSite: "Lax" });

  await page.locator("summary").filter({ has: page.locator(".menu-label") }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  await page.context().addCookies([session!]);
  await page.goto("/");
  await expect(page).toHaveURL("/sign-in");
});

test("another site's form cannot use the session", async ({ page, quiet }) => {
  await page.goto(freshLink());
  await page.route("http://evil.test/", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<form method="post" action="${drydock().url}/sign-out"><button>Win a prize</button></form>`,
    }),
  );
  await page.goto("http://evil.test/");
  const answer = page.waitForResponse(`${drydock().url}/sign-out`);
  await page.getByRole("button").click();
  expect((await answer).status()).toBe(403);
  await expect.poll(() => quiet.splice(0)).toEqual([expect.stringContaining("403 (Forbidden)")]);
  await page.goto("/");
  await expect(page).toHaveURL("/registries/drydock");
});

test("words that somebody wrote into an address are not shown", async ({ page }) => {
  await page.goto(freshLink());
  const error = { code: "internal", message: "Your licence has ended: call 555" };
  const query = new URLSearchParams({ __path: "/api/start_run", __err: Buffer.from(JSON.stringify(error)).toString("base64url") });
  await page.goto(`/registries/drydock/runs?${query}`);
  await expect(page).toHaveURL(/\/runs\??$/);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
  await expect(page.getByText("licence")).toHaveCount(0);
});

test("assets come compressed and are kept for ever", async ({ page }) => {
  const answers = new Map<string, Record<string, string>>();
  page.on("response", (response) => {
    if (response.url().includes("/pkg/")) answers.set(response.url().split("/").pop()!, response.headers());
  });
  await page.goto(freshLink());
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  for (const file of ["drydock.js", "drydock_bg.wasm", "drydock.css"]) {
    const headers = answers.get(file)!;
    expect(headers["content-encoding"], file).toMatch(/^(br|gzip)$/);
    expect(headers["cache-control"], file).toContain("immutable");
  }
});
