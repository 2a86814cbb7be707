// Runs the rules in Chromium and prints the best and the median of each case.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { chromium } = createRequire(new URL("../../package.json", import.meta.url))("@playwright/test");
const cases = [
  ["selection, 1,000 × 1,000 tags, 200 rows `*`", "selection", [1000, 1000, 200, 0], 1000],
  ["selection, 1,000 × 1,000 tags, 200 rows of 50 tags", "selection", [1000, 1000, 200, 50], 1000],
  ["keystroke, 100 × 100 tags, 100 rows `*`", "keystroke", [100, 100, 100, 0], 16],
  ["keystroke, 1 × 10,000 tags, 1 row `*`", "keystroke", [1, 10000, 1, 0], 16],
  ["keystroke, 100 × 100 tags, 100 rows of 10 tags", "keystroke", [100, 100, 100, 10], 16],
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const page = await browser.newPage();
const wasm = readFileSync(process.argv[2]).toString("base64");
let missed = false;
for (const [name, call, size, budget] of cases) {
  const times = await page.evaluate(
    async ([wasm, call, size]) => {
      const bytes = Uint8Array.from(atob(wasm), (character) => character.charCodeAt(0));
      const { instance } = await WebAssembly.instantiate(bytes, {});
      instance.exports.prepare(...size);
      return Array.from({ length: 9 }, () => {
        const start = performance.now();
        instance.exports[call]();
        return performance.now() - start;
      }).sort((a, b) => a - b);
    },
    [wasm, call, size],
  );
  const late = times[4] > budget;
  missed ||= late;
  const figures = `best ${times[0].toFixed(1).padStart(6)} ms, median ${times[4].toFixed(1).padStart(6)} ms of ${budget}`;
  console.log(`${figures}  ${late ? "MISSED" : "ok"}  ${name}`);
}
await browser.close();
process.exit(missed ? 1 : 0);
