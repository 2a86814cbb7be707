import { randomUUID } from "node:crypto";
import type { BrowserContext, Page } from "@playwright/test";
import { mint, newKey, startPortal, type Key, type Portal } from "../portal/portal.mjs";
import { drydock, freshLink } from "../support/drydock.js";
import { behindAZealousProxy, call, makeARun } from "../support/embedding.js";
import { expect, test } from "../support/test.js";

// The browser keeps no cookie of a site in another site's page.
const args = ["--no-sandbox", "--disable-background-networking", "--test-third-party-cookie-phaseout"];
test.use({ launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args } });

const claims = { view: "runs", registry: "drydock", role: "viewer" };
let key: Key;
/** One site that is listed and is another one than Drydock's, one that is the same site at another port, and one that is not listed. */
let sites: { crossSite: Portal; sameSite: Portal; unlisted: Portal };
let embed: string;
let context: BrowserContext;

test.beforeAll(async ({ browser }) => {
  key = newKey("2026");
  const start = (name: string) => startPortal({ name, drydock: drydock().url, key, claims });
  sites = { crossSite: await start("localhost"), sameSite: await start("127.0.0.1"), unlisted: await start("127.0.0.1") };
  const admin = await browser.newContext();
  await admin.request.get(freshLink());
  await makeARun(admin.request);
  const hosts: Record<string, string> = {};
  for (const [name, portal] of Object.entries(sites)) {
    if (name === "unlisted") continue;
    const host = await call(admin.request, "create_embed_host", { name, origin: portal.origin });
    await call(admin.request, "create_embed_key", { host, kid: key.kid, key: key.publicPem });
    hosts[`hosts[${Object.keys(hosts).length}]`] = host;
  }
  embed = await call(admin.request, "create_embed", { ...claims, ...hosts });
  await admin.close();
});

test.afterAll(async () => {
  for (const portal of Object.values(sites)) await portal.close();
});

test.beforeEach(async ({ browser }) => {
  context = await browser.newContext();
  for (const portal of Object.values(sites)) Object.assign(portal, { embed, drydock: drydock().url, claims, token: undefined, minted: 0 });
});

test.afterEach(async () => {
  await context.close();
});

const inside = (page: Page) => page.frameLocator("iframe");
const told = (page: Page) => page.evaluate(() => (window as unknown as { told: { type: string; code?: string }[] }).told);

/** Opens a portal, and counts what its frame sends to be exchanged. */
async function open(portal: Portal): Promise<{ page: Page; exchanged: string[] }> {
  const page = await context.newPage();
  const exchanged: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/embed/api/session") && request.method() === "POST") exchanged.push(request.postDataJSON().token);
  });
  await page.goto(portal.origin);
  return { page, exchanged };
}

async function isShown(page: Page): Promise<void> {
  await expect(inside(page).getByRole("heading", { level: 1, name: "Runs of drydock" })).toBeVisible();
  await expect(inside(page).locator("#notice")).toBeHidden();
}

for (const site of ["crossSite", "sameSite"] as const) {
  test(`day-one check 13: a ${site === "crossSite" ? "cross-site" : "same-site"} portal shows the view without a cookie`, async () => {
    // Whoever is signed in to the console as well is nobody here.
    await context.request.get(freshLink());
    const page = await context.newPage();
    const cookies: (string | undefined)[] = [];
    page.on("request", async (request) => {
      if (request.url().includes("/embed/api/")) cookies.push((await request.allHeaders()).cookie);
    });
    await page.goto(sites[site].origin);
    await isShown(page);
    await inside(page).getByRole("link", { name: /^Run / }).first().click();
    await expect(inside(page).getByRole("heading", { level: 1, name: /^Run / })).toBeVisible();
    await expect(inside(page).getByRole("log")).toContainText("was successful");
    expect(cookies.length).toBeGreaterThan(1);
    if (site === "crossSite") expect(new Set(cookies)).toEqual(new Set([undefined]));
    const types = (await told(page)).map((it) => it.type);
    expect(types).toEqual(expect.arrayContaining(["ready", "resize", "navigated", "title"]));
    expect((await page.locator("iframe").boundingBox())!.height).toBeGreaterThan(200);
    expect(await page.locator("iframe").getAttribute("sandbox")).toContain("allow-scripts allow-same-origin");
    await page.evaluate(() => (window as unknown as { mounted: { setTheme(name: string): void } }).mounted.setTheme("dark"));
    await expect(inside(page).locator("html")).toHaveAttribute("data-theme", "dark");
    await page.evaluate(() => (window as unknown as { mounted: { navigate(route: string): void } }).mounted.navigate("/"));
    await isShown(page);
  });
}

test("day-one check 13: a site that is not listed sees nothing, and the frame check names it", async ({ browser }) => {
  const page = await context.newPage();
  await page.clock.install();
  const reported = page.waitForRequest((request) => request.url().endsWith("/reports"), { timeout: 5_000 }).catch(() => undefined);
  await page.goto(sites.unlisted.origin);
  await expect(page.locator("iframe")).toBeAttached();
  await reported;
  await page.clock.runFor(16_000);
  await expect.poll(async () => (await told(page)).map((it) => it.code)).toContain("FRAME_ANCESTOR_BLOCKED");
  expect(sites.unlisted.minted).toBe(0);
  const admin = await browser.newContext({ baseURL: drydock().url });
  await admin.request.get(freshLink());
  const console_ = await admin.newPage();
  await console_.goto(`/settings/embeds?embed=${embed}`);
  await expect(console_.getByText("Browsers blocked frames under these sites")).toBeVisible();
  await expect(console_.getByText(sites.unlisted.origin, { exact: true })).toBeVisible();
  await admin.close();
});

test("day-one check 13: a listed site inside of one that is not listed sees nothing either", async () => {
  const page = await context.newPage();
  await page.goto(`${sites.unlisted.origin}/around?page=${sites.crossSite.origin}`);
  const listed = page.frameLocator("iframe");
  await expect(listed.getByRole("heading", { name: "Portal" })).toBeVisible();
  await expect(listed.frameLocator("iframe").getByText("Connecting…")).toHaveCount(0);
  expect(sites.crossSite.minted).toBe(0);
});

test("day-one check 13: a token that was used, is too old, or is for another site opens nothing", async () => {
  const portal = sites.crossSite;
  const own = { iss: portal.origin, origin: portal.origin, sub: "u-812", ...claims };
  const used = mint(key, own);
  portal.token = () => used;
  await isShown((await open(portal)).page);
  const now = Math.floor(Date.now() / 1000);
  for (const [code, token] of [
    ["TOKEN_REPLAYED", used],
    ["TOKEN_EXPIRED", mint(key, { ...own, iat: now - 70, exp: now - 30 })],
    ["TOKEN_TOO_LONG", mint(key, { ...own, exp: now + 3600 })],
    ["TOKEN_ORIGIN", mint(key, { ...own, origin: sites.sameSite.origin })],
    ["TOKEN_SIGNATURE", mint({ ...newKey(key.kid) }, own)],
    ["TOKEN_VIEW", mint(key, { ...own, view: "overview" })],
  ] as const) {
    portal.token = () => token;
    const { page } = await open(portal);
    await expect(inside(page).locator("#notice")).toContainText(code);
    await expect(inside(page).locator("#view")).toBeEmpty();
    const errors = (await told(page)).filter((it) => it.type === "error");
    expect(errors).toEqual([expect.objectContaining({ code, traceId: expect.stringMatching(/^[0-9a-f]{16}$/) })]);
  }
});

test("day-one check 13: messages of other windows, and of no known shape, are ignored", async () => {
  const { page, exchanged } = await open(sites.crossSite);
  await isShown(page);
  const stolen = randomUUID();
  // A frame of another site beside ours reaches its window, and so does the portal's own page.
  await page.evaluate(async ({ foreign }) => {
    const beside = document.createElement("iframe");
    beside.id = "beside";
    beside.src = `${foreign}/around?page=about:blank`;
    document.body.append(beside);
    await new Promise((loaded) => beside.addEventListener("load", loaded));
  }, { foreign: sites.sameSite.origin });
  const beside = page.frames().find((frame) => frame.url().startsWith(sites.sameSite.origin))!;
  const send = (token: string) => {
    const target = window === parent ? document.querySelector("iframe")!.contentWindow! : parent.frames[0]!;
    for (const message of [{ v: 1, type: "init", token }, { v: 1, type: "token", token }, { v: 2, type: "init", token }, "init", null]) {
      target.postMessage(message, "*", [new MessageChannel().port1]);
    }
  };
  await beside.evaluate(send, stolen);
  await page.evaluate(send, stolen);
  await page.evaluate(() => (window as unknown as { mounted: { navigate(route: string): void } }).mounted.navigate("/"));
  await expect.poll(async () => (await told(page)).filter((it) => it.type === "navigated").length).toBe(2);
  expect(exchanged).toHaveLength(1);
  expect(exchanged).not.toContain(stolen);
});

test("day-one check 13: the session is renewed with a new token, across a time without network", async () => {
  const page = await context.newPage();
  await page.clock.install();
  const exchanged: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/embed/api/session") && request.method() === "POST") exchanged.push(request.postDataJSON().token);
  });
  await page.goto(sites.crossSite.origin);
  await isShown(page);
  await inside(page).locator("details.cycle summary").first().click();
  const unfolded = await inside(page).locator("details.cycle").first().getAttribute("open");
  await context.setOffline(true);
  await expect(inside(page).locator("#notice")).toContainText("Offline");
  await page.clock.fastForward("07:20");
  await expect.poll(async () => (await told(page)).map((it) => it.code)).toContain("TOKEN_UNAVAILABLE");
  expect(exchanged).toHaveLength(1);
  await context.setOffline(false);
  await expect.poll(() => exchanged.length).toBe(2);
  expect(exchanged[0]).not.toBe(exchanged[1]);
  await isShown(page);
  expect(await inside(page).locator("details.cycle").first().getAttribute("open")).toBe(unfolded);
});

test("day-one check 13: a proxy that adds X-Frame-Options is found, and the browser obeys the exact list", async ({ browser }) => {
  const proxy = await behindAZealousProxy();
  sites.crossSite.drydock = proxy.url;
  await isShown((await open(sites.crossSite)).page);
  const admin = await browser.newContext();
  await admin.request.get(freshLink());
  const page = await admin.newPage();
  await page.goto(`${proxy.url}/settings/embeds?embed=${embed}`);
  const row = page.getByRole("row").filter({ hasText: "x-frame-options" });
  await expect(row).toContainText("added by a proxy");
  await expect(row).toContainText("DENY");
  await expect(page.getByText("as sent", { exact: true })).toHaveCount(6);
  await admin.close();
  proxy.close();
});

test("an administrator lists a site, takes its key, and gets the snippet", async ({ signedIn: page, quiet }) => {
  await page.goto("/settings/embeds");
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
  await page.getByLabel("Name", { exact: true }).fill("Intranet");
  await page.getByLabel("Origin", { exact: true }).fill("https://*.corp.example");
  await page.getByRole("button", { name: "List this site" }).click();
  await expect(page.getByText("a wildcard would let sites embed")).toBeVisible();
  await expect.poll(() => quiet.splice(0)).toEqual([expect.stringContaining("422 (Unprocessable Entity)")]);
  await page.getByLabel("Origin", { exact: true }).fill("https://intranet.corp.example");
  await page.getByRole("button", { name: "List this site" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Intranet" })).toBeVisible();
  await page.getByRole("checkbox", { name: "Intranet (https://intranet.corp.example)" }).check();
  await page.getByLabel("View", { exact: true }).selectOption("overview");
  await page.getByRole("button", { name: "Make embeddable" }).click();
  const row = page.getByRole("table", { name: "Embeds", exact: true }).getByRole("row").filter({ hasText: "https://intranet.corp.example" });
  await row.getByRole("link", { name: "overview" }).click();
  await expect(page.getByRole("region", { name: "snippet" })).toContainText("/embed/drydock-embed.js");
  await expect(page.getByText("as sent", { exact: true })).toHaveCount(6);
  await expect(page.getByText("absent, as it should be")).toBeVisible();
  await row.getByRole("button", { name: /^Revoke the embed/ }).click();
  await expect(row).toContainText("revoked");
  await page.getByRole("button", { name: "Remove the site Intranet" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Intranet" })).toHaveCount(0);
});
