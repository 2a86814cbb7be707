import AxeBuilder from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { launch, type Launched } from "../support/launch.js";
import { CLIENT, signInAt, startProvider, type RunningProvider } from "../support/provider.js";
import { expect, test } from "../support/test.js";

let provider: RunningProvider;
let drydock: Launched;

test.beforeAll(async () => {
  provider = await startProvider();
  const options = ["--oidc-issuer", provider.issuer, "--oidc-client-id", CLIENT.id, "--oidc-name", "Corp"];
  const grants = ["--grant", "secops=admin", "--grant", "auditors=auditor@drydock"];
  drydock = await launch(["--no-samples", ...options, ...grants], { DRYDOCK_OIDC_CLIENT_SECRET: CLIENT.secret });
  provider.register(drydock.url);
});

test.afterEach(() => {
  provider.meddle = undefined;
});

test.afterAll(async () => {
  await drydock.stop();
  await provider.stop();
});

/** A browser of its own, on the console that has a provider. */
async function visit(browser: Browser, use: (page: Page) => Promise<void>, options = {}): Promise<void> {
  const context = await browser.newContext({ baseURL: drydock.url, ...options });
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** Changes the provider's answer on its way to the console. */
function meddle(change: (answer: URL) => void): void {
  provider.meddle = (location) => {
    if (!location.startsWith(`${drydock.url}/sign-in/callback?`)) return location;
    const answer = new URL(location);
    change(answer);
    return answer.href;
  };
}

async function whoever(page: Page): Promise<string> {
  return await page.locator("summary .menu-label").innerText();
}

test("a person signs in at the provider, and out there too", async ({ browser }) => {
  await visit(browser, async (page) => {
    await signInAt(page, "ada");
    await expect(page).toHaveURL(`${drydock.url}/registries/drydock`);
    expect(await whoever(page)).toBe("ada@corp.example");
    await page.goto("/audit?operation=auth.login");
    await expect(page.getByRole("row").filter({ hasText: "ada@corp.example" })).toContainText(`by ${provider.issuer}`);

    await page.locator("summary").filter({ has: page.locator(".menu-label") }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: "Yes, sign me out" }).click();
    await expect(page).toHaveURL(`${drydock.url}/sign-in`);
    await page.goto("/");
    await expect(page).toHaveURL(`${drydock.url}/sign-in`);
    // The provider asks again who it is.
    await page.getByRole("link", { name: "Sign in with Corp" }).click();
    await expect(page.getByPlaceholder("Enter any login")).toBeVisible();
  });
});

test("signing in needs no JavaScript", async ({ browser }) => {
  await visit(
    browser,
    async (page) => {
      await signInAt(page, "ada");
      expect(await whoever(page)).toBe("ada@corp.example");
      await page.locator("summary").filter({ has: page.locator(".menu-label") }).click();
      await page.getByRole("button", { name: "Sign out" }).click();
      await expect(page.getByRole("button", { name: "Yes, sign me out" })).toBeVisible();
    },
    { javaScriptEnabled: false },
  );
});

test("whom nothing gives a role is told what the provider said", async ({ browser }) => {
  await visit(browser, async (page) => {
    await signInAt(page, "nora");
    await expect(page.getByRole("heading", { name: "You have no role here" })).toBeVisible();
    for (const part of ["nora@corp.example", "everybody", "<script>", "--grant VALUE=ROLE"])
      await expect(page.getByRole("main")).toContainText(part);
    await page.goto("/");
    await expect(page).toHaveURL(/\/sign-in$/);
  });
});

test("an answer with another state is refused", async ({ browser }) => {
  await visit(browser, async (page) => {
    meddle((answer) => answer.searchParams.set("state", "0".repeat(64)));
    await signInAt(page, "ada");
    await expect(page.getByRole("heading", { name: "This sign-in did not begin here" })).toBeVisible();
    await page.goto("/");
    await expect(page).toHaveURL(/\/sign-in$/);
  });
});

test("an answer that another browser began is refused", async ({ browser }) => {
  await visit(browser, async (page) => {
    let callback = "";
    meddle((answer) => {
      callback = answer.href;
      answer.search = "";
      answer.pathname = "/sign-in";
    });
    await signInAt(page, "ada");
    await expect(page.getByRole("link", { name: "Sign in with Corp" })).toBeVisible();
    await visit(browser, async (other) => {
      await other.goto(callback);
      await expect(other.getByRole("heading", { name: "This sign-in did not begin here" })).toBeVisible();
      await other.goto("/");
      await expect(other).toHaveURL(/\/sign-in$/);
    });
  });
});

test("a token with another nonce is refused", async ({ browser }) => {
  await visit(browser, async (page) => {
    // What goes to the provider is changed on its way, as by somebody who wants to reuse a token.
    await page.route(`${drydock.url}/sign-in/provider`, async (route) => {
      const answer = await route.fetch({ maxRedirects: 0 });
      const headers = answer.headers();
      const url = new URL(headers["location"]!);
      url.searchParams.set("nonce", "another");
      await route.fulfill({ status: answer.status(), headers: { ...headers, location: url.href } });
    });
    await signInAt(page, "ada");
    await expect(page.getByRole("heading", { name: "Your sign-in could not be verified" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("the provider's ID token is not valid");
  });
});

test("a code works once, and only with the proof of whoever asked for it", async ({ browser }) => {
  await visit(browser, async (page) => {
    meddle((answer) => answer.searchParams.set("code", "used-or-too-old"));
    await signInAt(page, "ada");
    await expect(page.getByRole("heading", { name: "Your sign-in could not be verified" })).toBeVisible();
    await expect(page.getByRole("main")).toContainText("refused to exchange the code");
  });
});

test("what somebody wrote into the answer's address is not shown", async ({ browser }) => {
  await visit(browser, async (page) => {
    await page.goto("/sign-in/callback?error=call&error_description=call+555&state=x");
    await expect(page.getByRole("heading", { name: "This sign-in did not begin here" })).toBeVisible();
    await expect(page.getByText("555")).toHaveCount(0);
  });
});

test("an auditor reads everything, changes nothing, and is told why", async ({ browser }) => {
  await visit(browser, async (page) => {
    await signInAt(page, "bob");
    await page.goto("/registries/drydock/policy");
    await expect(page.getByRole("button", { name: "Create workflow" })).toBeDisabled();
    await expect(page.getByText(/^workflow\.create needs the role editor or admin/)).toBeVisible();
    // The trail is of every registry, and bob was given one.
    await expect(page.getByRole("navigation").getByRole("link", { name: "Audit" })).toHaveCount(0);
  });
});

test("an administrator ends somebody's session", async ({ browser }) => {
  await visit(browser, async (bob) => {
    await signInAt(bob, "bob");
    await visit(browser, async (page) => {
      await signInAt(page, "ada");
      await page.goto("/sessions");
      const row = page.getByRole("row").filter({ hasText: "bob@corp.example" });
      await expect(row.first()).toContainText("auditor");
      await page.getByRole("button", { name: "End all others" }).click();
      await expect(row).toHaveCount(0);
    });
    await bob.goto("/");
    await expect(bob).toHaveURL(/\/sign-in$/);
  });
});

test("an administrator views the console as an auditor, and goes back", async ({ browser }) => {
  await visit(browser, async (page) => {
    await signInAt(page, "ada");
    await page.goto("/sessions");
    await page.getByRole("button", { name: "View as auditor" }).click();
    const banner = page.getByRole("complementary", { name: "View as another role" });
    await expect(banner).toContainText("You see the console as an auditor does.");
    await page.goto("/registries/drydock/policy");
    await expect(page.getByRole("button", { name: "Create workflow" })).toBeDisabled();
    const report = await new AxeBuilder({ page }).analyze();
    expect(report.violations).toEqual([]);
    await banner.getByRole("button", { name: "Back to your own view" }).click();
    await expect(banner).toHaveCount(0);
    await expect(page).toHaveURL(/\/sessions$/);
  });
});

test("the sign-in page is accessible", async ({ browser }) => {
  for (const colorScheme of ["light", "dark"] as const)
    await visit(
      browser,
      async (page) => {
        await page.goto("/sign-in");
        const report = await new AxeBuilder({ page }).analyze();
        expect(report.violations).toEqual([]);
      },
      { colorScheme },
    );
});
