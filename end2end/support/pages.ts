interface ConsolePage {
  name: string;
  path: string;
  /** Words that appear once the browser has added its own to what the server sent. */
  settled?: string;
}

/** Every page, as a person would reach it after the main job; `{run}` is the last trigger run. */
export const pages: ConsolePage[] = [
  { name: "registries", path: "/" },
  { name: "overview", path: "/registries/drydock" },
  { name: "policy", path: "/registries/drydock/policy" },
  { name: "dry-run", path: "/registries/drydock/dry-run", settled: "Computed in this browser" },
  { name: "proposals", path: "/registries/drydock/proposals" },
  { name: "schedule", path: "/registries/drydock/schedule" },
  { name: "runs", path: "/registries/drydock/runs" },
  { name: "run", path: "/registries/drydock/runs/{run}" },
  { name: "images", path: "/registries/drydock/images" },
  { name: "lineage", path: "/registries/drydock/images/{repository}" },
  { name: "compliance", path: "/registries/drydock/compliance" },
  { name: "compliance-coverage", path: "/registries/drydock/compliance?view=fedramp-containers" },
  { name: "settings", path: "/registries/drydock/settings" },
  { name: "preflight", path: "/registries/drydock/settings/preflight" },
  { name: "audit", path: "/audit" },
  { name: "notifications", path: "/notifications" },
  { name: "sessions", path: "/sessions" },
  { name: "embeds", path: "/settings/embeds" },
];

/** What the main job made, for the files that run after it. */
export interface Made {
  run: string;
  repository: string;
  tag: string;
  patched: string;
}
