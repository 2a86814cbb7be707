import logViewer from "./log-viewer.config.js";

export default {
  ...logViewer,
  projects: [{ name: "bench", testMatch: "dry-run.bench.ts" }],
};
