import { test as base, expect, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { drydock, freshLink } from "./drydock.js";

/** The sandbox's one registry. */
export interface Fixtures {
  /** Fails the test on any console error or warning: a panic, a hydration mismatch, a CSP violation. */
  quiet: string[];
  /** A page of a signed-in browser. */
  signedIn: Page;
}

interface WorkerFixtures {
  session: Awaited<ReturnType<BrowserContext["storageState"]>>;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  session: [
    async ({ browser }, use) => {
      const context = await browser.newContext();
      await context.request.get(freshLink());
      await use(await context.storageState());
      await context.close();
    },
    { scope: "worker" },
  ],
  quiet: [
    async ({}, use) => {
      const complaints: string[] = [];
      await use(complaints);
      expect(complaints, "messages on the browser's console").toEqual([]);
    },
    { auto: true },
  ],
  baseURL: async ({}, use) => use(drydock().url),
  page: async ({ page, quiet }, use) => {
    listen(page, quiet);
    await use(page);
  },
  signedIn: async ({ context, page, session }, use) => {
    await context.addCookies(session.cookies);
    await use(page);
  },
});

export { expect };

export function listen(page: Page, complaints: string[]): void {
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
}

/** A signed-in browser with other settings than the project's, for the time of `use`. */
export async function withContext(
  browser: Browser,
  session: WorkerFixtures["session"],
  options: Parameters<Browser["newContext"]>[0],
  use: (page: Page) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({ ...options, baseURL: drydock().url, storageState: session });
  try {
    await use(await context.newPage());
  } finally {
    await context.close();
  }
}
