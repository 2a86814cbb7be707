import type { Page } from "@playwright/test";
import { pushUnder } from "../support/registry.js";
import { expect, test } from "../support/test.js";

const repositories = Array.from({ length: 20 }, (_, index) => `bench/app-${index + 1}`);
const tagsOfEach = 500;
const total = repositories.length * tagsOfEach;
const slowdown = Number(process.env.CPU_SLOWDOWN ?? "1");

/** Five images of each repository: as many as a run may have. */
const policy = JSON.stringify({
  version: "v1",
  repositories: repositories.map((repository) => ({ repository, tags: ["1.1", "1.2", "1.3", "1.4", "1.5"] })),
});
const path = `/registries/drydock/dry-run?policy=${encodeURIComponent(policy)}`;

async function fill(page: Page): Promise<void> {
  await page.goto("/registries/drydock/images");
  if (await page.getByText(repositories.at(-1)!, { exact: true }).isVisible()) return;
  const tags = Array.from({ length: tagsOfEach }, (_, index) => `1.${index + 1}`);
  for (const repository of repositories) await pushUnder(repository, tags);
}

/** Milliseconds from the navigation on until something is on the screen. */
async function until(page: Page, address: string, shown: (page: Page) => Promise<void>): Promise<number> {
  await page.goto("about:blank");
  const begun = performance.now();
  await page.goto(address, { waitUntil: "commit" });
  await shown(page);
  return Math.round(performance.now() - begun);
}

/** Milliseconds of the longest frame while the page scrolls from its beginning to its end. */
async function longestFrame(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        scrollTo(0, 0);
        let longest = 0;
        let last = performance.now();
        const step = (now: number) => {
          longest = Math.max(longest, now - last);
          last = now;
          const end = document.documentElement.scrollHeight - innerHeight;
          if (scrollY >= end - 1) return resolve(Math.round(longest));
          scrollBy(0, 120);
          requestAnimationFrame(step);
        };
        requestAnimationFrame((now) => {
          last = now;
          requestAnimationFrame(step);
        });
      }),
  );
}

test("a dry run of ten thousand tags", async ({ signedIn: page }) => {
  await fill(page);
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
  const rows = page.getByRole("table", { name: "Verdicts" }).locator("tbody tr");
  const first = await until(page, path, () => rows.first().waitFor());
  const alive = await until(page, path, () => page.getByText("Computed in this browser").waitFor());
  const lastPage = await until(page, `${path}&page=${Math.ceil(total / 100)}`, () => rows.last().waitFor());
  await page.locator("main[data-alive=true]").waitFor();
  const place = page.getByRole("navigation", { name: "Pages of verdicts" });
  const before = (await place.textContent())!;
  const clicked = performance.now();
  await page.getByRole("link", { name: "Previous", exact: true }).click();
  await expect(place).not.toHaveText(before);
  const turned = Math.round(performance.now() - clicked);
  const frame = await longestFrame(page);
  console.log(
    `processor ×1/${slowdown}, ${total.toLocaleString("en")} tags: first row ${first} ms, judged in the browser too ${alive} ms, ` +
      `last row ${lastPage} ms, a page turned ${turned} ms, longest frame of a scroll ${frame} ms`,
  );
});
