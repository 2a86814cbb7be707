import type { Page } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drydock } from "../support/drydock.js";
import { made } from "../support/made.js";
import { pages } from "../support/pages.js";
import { test } from "../support/test.js";

const LIGHTHOUSE = "lighthouse@12.8.2";
const SLOWDOWN = 4;
const slots = { lcp: 0, event: 0, shift: 0 };

declare global {
  interface Window {
    measured: typeof slots;
  }
}

/** What a person does there first. */
const interactions: Record<string, (page: Page) => Promise<void>> = {
  policy: async (page) => {
    await page.getByRole("textbox", { name: "Policy as JSON" }).press("Control+End");
    await page.keyboard.type("   ");
  },
  "dry-run": async (page) => page.getByRole("link", { name: /^not selected/ }).first().click(),
  schedule: async (page) => {
    await page.getByLabel("Days between runs").fill("9");
  },
  run: async (page) => page.getByRole("searchbox", { name: "Search the log" }).pressSequentially("Match"),
  lineage: async (page) => page.getByRole("row").getByRole("link").last().click(),
  audit: async (page) => page.getByRole("searchbox").first().pressSequentially("debian"),
};

/** Runs in the page, before anything of it. */
function observe(): void {
  window.measured = { lcp: 0, event: 0, shift: 0 };
  const watch = (type: string, take: (entry: PerformanceEntry) => void, options = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...options });
  watch("largest-contentful-paint", (entry) => (window.measured.lcp = entry.startTime));
  // What moves because somebody pressed something is no surprise.
  watch("layout-shift", (entry) => {
    const shift = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
    if (!shift.hadRecentInput) window.measured.shift += shift.value;
  });
  watch("event", (entry) => (window.measured.event = Math.max(window.measured.event, entry.duration)), {
    durationThreshold: 16,
  });
}

function scores(url: string, cookie: string, form: "desktop" | "mobile"): string {
  const folder = mkdtempSync(join(tmpdir(), "drydock-lighthouse-"));
  const output = join(folder, "report.json");
  const args = ["--yes", LIGHTHOUSE, url, "--quiet", "--output=json", `--output-path=${output}`];
  args.push("--only-categories=performance,accessibility,best-practices", "--disable-storage-reset");
  args.push("--chrome-flags=--headless=new --no-sandbox --disable-background-networking");
  args.push(`--extra-headers=${JSON.stringify({ Cookie: cookie })}`);
  if (form === "desktop") args.push("--preset=desktop");
  const env = { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? "/usr/bin/chromium" };
  try {
    execFileSync("npx", args, { env, stdio: ["ignore", "ignore", "pipe"] });
    const report = JSON.parse(readFileSync(output, "utf8")) as {
      categories: Record<string, { score: number; auditRefs: { id: string; weight: number }[] }>;
      audits: Record<string, { score: number | null }>;
    };
    const parts = Object.entries(report.categories).map(([name, category]) => {
      const missed = category.auditRefs.filter(({ id, weight }) => weight > 0 && (report.audits[id]?.score ?? 1) < 0.9);
      const why = missed.length > 0 ? ` (${missed.map(({ id }) => id).join(", ")})` : "";
      return `${name} ${Math.round(category.score * 100)}${why}`;
    });
    return parts.join(", ");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const { name, path } of pages.filter(({ name }) => [name, ""].includes(process.env.PAGE ?? ""))) {
  test(`${name}`, async ({ signedIn: page, session }) => {
    const address = path.replace("{run}", made().run).replace("{repository}", made().repository);
    await page.addInitScript(observe);
    const client = await page.context().newCDPSession(page);
    await client.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
    await page.goto(address);
    await page.locator("main[data-alive=true]").waitFor();
    await page.getByRole("button", { name: /Go to/ }).waitFor();
    await page.getByText("operator", { exact: true }).first().click();
    await page.getByRole("button", { name: "Compact" }).click();
    await page.getByRole("button", { name: "Comfortable" }).click();
    await page.keyboard.press("Escape");
    await page.getByText("operator", { exact: true }).first().click();
    await interactions[name]?.(page);
    // Two frames: what was pressed last is painted then.
    const measured = await page.evaluate(
      () => new Promise<typeof window.measured>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(window.measured), 0)))),
    );
    const cookie = session.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const url = `${drydock().url}${address}`;
    console.log(
      [
        `${name}: LCP ${Math.round(measured.lcp)} ms, slowest answer ${measured.event} ms, shift ${measured.shift.toFixed(3)} (processor ×1/${SLOWDOWN})`,
        `  desktop: ${scores(url, cookie, "desktop")}`,
        `  mobile:  ${scores(url, cookie, "mobile")}`,
      ].join("\n"),
    );
  });
}
