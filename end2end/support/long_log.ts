import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drydock } from "./drydock.js";

export const lines = 50_000;
/** Stands in one line only, far beyond those that a page comes with. */
export const needle = { line: 43_210, text: "needle in line 43210" };
export const step = { first: 20_001, last: 49_998, name: "acb_step_1" };

/** A run's log as the runner writes it, with two steps and colours. */
export function longLog(): string {
  const stamp = "2026/11/21 08:00:00";
  const text = Array.from({ length: lines }, (_, index) => {
    const line = index + 1;
    switch (line) {
      case 1:
        return `${stamp} Executing step ID: acb_step_0. Timeout(sec): 600, Working directory: '', Network: ''`;
      case step.first - 1:
        return `${stamp} Successfully executed container: acb_step_0`;
      case step.first:
        return `${stamp} Executing step ID: ${step.name}. Timeout(sec): 600, Working directory: '', Network: ''`;
      case step.last:
        return `${stamp} Successfully executed container: ${step.name}`;
      case step.last + 1:
        return `${stamp} Step ID: ${step.name} marked as successful (elapsed time in seconds: 4.000000)`;
      case lines:
        return `${stamp} Run ID: ca1 was successful after 4s`;
      case needle.line:
        return `a \u001b[1;31m${needle.text}\u001b[0m\u001b]0;a title\u0007 it is`;
      default:
        return line % 1000 === 0 ? `\u001b[32mok\u001b[0m thousand ${line / 1000}` : `line ${line}: unpacked usr/share/doc/package-${line}/copyright (${line * 37} bytes)`;
    }
  });
  return text.map((line) => `${line}\r\n`).join("");
}

function path(run: string): string {
  const found = readdirSync(drydock().data, { recursive: true, encoding: "utf8" });
  const name = found.find((name) => name.endsWith(join("logs", `${run}.log`)));
  if (!name) throw new Error(`no log of run ${run} under ${drydock().data}`);
  return join(drydock().data, name);
}

/** Gives a finished run of the sandbox another log, and gives back how to undo that. */
export function replaceLog(run: string, text: string): () => void {
  const file = path(run);
  const before = readFileSync(file);
  writeFileSync(file, text);
  return () => writeFileSync(file, before);
}

/** Takes a finished run's log away, as Azure does after thirty days, and gives back how to undo that. */
export function removeLog(run: string): () => void {
  const file = path(run);
  const before = readFileSync(file);
  rmSync(file);
  return () => writeFileSync(file, before);
}
