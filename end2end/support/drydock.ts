import { execFileSync } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";

/** The Drydock under test, as `start.ts` found it. */
export interface Drydock {
  /** Printed at the start; signs one browser in, once. */
  link: string;
  url: string;
  /** The sandbox's one listener: Azure Resource Manager and the registry. */
  sandbox: string;
  data: string;
}

const target =
  process.env.CARGO_TARGET_DIR ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "drydock", "target");

export const binary = process.env.DRYDOCK ?? join(target, "release", "drydock");

/** Worker processes inherit the environment of the process that ran the set-up. */
export function publish(drydock: Drydock): void {
  process.env.DRYDOCK_UNDER_TEST = JSON.stringify(drydock);
}

export function drydock(): Drydock {
  return JSON.parse(process.env.DRYDOCK_UNDER_TEST!) as Drydock;
}

/** A fresh sign-in link, as the operator gets one. */
export function freshLink(): string {
  return execFileSync(binary, ["link", "--data", drydock().data], { encoding: "utf8" }).trim();
}
