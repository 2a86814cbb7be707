import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { launch, type Launched } from "../support/launch.js";
import { CLIENT, signInAt, startProvider, type RunningProvider } from "../support/provider.js";
import { expect, listen, test } from "../support/test.js";

let provider: RunningProvider;
let drydock: Launched;

test.beforeAll(async () => {
  provider = await startProvider();
  const options = ["--oidc-issuer", provider.issuer, "--oidc-client-id", CLIENT.id, "--oidc-name", "Corp"];
  const grants = ["--grant", "secops=admin", "--grant", "editors=editor", "--grant", "approvers=approver"];
  drydock = await launch(["--no-samples", "--require-approval", ...options, ...grants], {
    DRYDOCK_OIDC_CLIENT_SECRET: CLIENT.secret,
  });
  provider.register(drydock.url);
});

test.afterAll(async () => {
  await drydock.stop();
  await provider.stop();
});

/** A browser of somebody's own, signed in. */
async function as(
  browser: Browser,
  quiet: string[],
  name: string,
  use: (page: Page) => Promise<void>,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<void> {
  const context = await browser.newContext({ baseURL: drydock.url, ...options });
  try {
    const page = await context.newPage();
    await signInAt(page, name);
    await expect(page).toHaveURL(`${drydock.url}/registries/drydock`);
    // The provider's own pages ask the internet for fonts.
    listen(page, quiet);
    await use(page);
  } finally {
    await context.close();
  }
}

async function open(page: Page, name: string): Promise<void> {
  await page.goto(`/registries/drydock/${name}`);
  await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
}

const policy = JSON.stringify({
  version: "v1",
  repositories: [{ repository: "web/api", tags: ["*"], enabled: true }],
});

/** The id of the proposal that waits, out of its page's form. */
async function waiting(page: Page): Promise<string> {
  return await page.locator("input[name=id]").first().inputValue();
}

test("an editor proposes, an approver approves, and it is deployed", async ({ browser, quiet }) => {
  await as(browser, quiet, "eve", async (page) => {
    await open(page, "policy");
    await page.getByRole("textbox", { name: "Policy as JSON" }).fill(policy);
    await page.getByRole("textbox", { name: "Why", exact: true }).fill("the API first");
    await page.getByRole("button", { name: "Propose workflow" }).click();
    await expect(page.getByText("Proposed; nothing is changed yet")).toBeVisible();
    await expect(page.getByText("A change waits for approval")).toBeVisible();
    await page.getByRole("link", { name: "See the proposals" }).first().click();
    await expect(page.getByText("You proposed this yourself")).toBeVisible();
    await expect(page.getByRole("button", { name: "Approve and carry out" })).toHaveCount(0);
  });
  await as(browser, quiet, "grace", async (page) => {
    await expect(page.getByText("1 change waits for approval, proposed by eve@corp.example")).toBeVisible();
    await page.getByRole("link", { name: "Look at it" }).click();
    await expect(page.getByRole("main")).toHaveAttribute("data-alive", "true");
    await expect(page.getByText("the API first")).toBeVisible();
    await expect(page.locator(".changes-rows")).toContainText("web/api");
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await page.getByRole("textbox", { name: "What you looked at" }).fill("the dry run");
    await page.getByRole("button", { name: "Approve and carry out" }).click();
    await expect(page.getByText("Approved and carried out")).toBeVisible();
    await expect(page.locator(".versions")).toContainText("Decided by grace@corp.example");
    const deployed = await page.request.get("/registries/drydock/policy.json");
    expect(await deployed.text()).toBe(policy);
    await open(page, "policy");
    await expect(page.getByText("eve@corp.example, approved by grace@corp.example")).toBeVisible();
  });
});

test("nobody approves what they proposed, whatever their role", async ({ browser, quiet }) => {
  await as(browser, quiet, "ada", async (page) => {
    await open(page, "schedule");
    await page.getByLabel("Days between runs").fill("3");
    await page.getByRole("textbox", { name: "Why", exact: true }).fill("more often");
    await page.getByRole("button", { name: "Propose schedule" }).click();
    await expect(page.getByText("Proposed; nothing is changed yet")).toBeVisible();
    await open(page, "proposals");
    await expect(page.getByText("You proposed this yourself")).toBeVisible();
    const form = { registry: "drydock", id: await waiting(page), comment: "fine" };
    const headers = { accept: "application/json", origin: drydock.url };
    const answer = await page.request.post("/api/approve_proposal", { form, headers });
    expect(answer.status()).toBe(403);
    expect(await answer.text()).toContain("You proposed this change yourself");
    await page.getByRole("button", { name: "Withdraw it" }).click();
    await expect(page.getByText("No change waits")).toBeVisible();
    await expect(page.locator(".versions")).toContainText("withdrawn");
  });
});

test("proposing and rejecting need no JavaScript", async ({ browser, quiet }) => {
  const plain = { javaScriptEnabled: false };
  await as(
    browser,
    quiet,
    "eve",
    async (page) => {
      await page.goto("/registries/drydock/policy");
      await page.getByRole("textbox", { name: "Policy as JSON" }).fill(`${policy}\n`);
      await page.getByRole("textbox", { name: "Why", exact: true }).fill("a line more");
      await page.getByRole("button", { name: "Propose policy" }).click();
      await expect(page).toHaveURL("/registries/drydock/proposals");
      await expect(page.getByText("a line more")).toBeVisible();
    },
    plain,
  );
  await as(
    browser,
    quiet,
    "grace",
    async (page) => {
      await page.goto("/registries/drydock/proposals");
      await page.getByRole("textbox", { name: "Why not" }).fill("no need");
      await page.getByRole("button", { name: "Reject" }).click();
      await expect(page.locator(".versions").getByText("no need")).toBeVisible();
      const deployed = await page.request.get("/registries/drydock/policy.json");
      expect(await deployed.text()).toBe(policy);
    },
    plain,
  );
});
