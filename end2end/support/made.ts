import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { drydock } from "./drydock.js";
import type { Made } from "./pages.js";

const file = () => join(dirname(drydock().data), "made.json");

/** Test files run in processes of their own: what one made, another reads here. */
export function remember(made: Made): void {
  writeFileSync(file(), JSON.stringify(made));
}

export function made(): Made {
  return JSON.parse(readFileSync(file(), "utf8")) as Made;
}
