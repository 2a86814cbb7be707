import { spawn } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { binary, type Drydock } from "./drydock.js";

export interface Launched extends Drydock {
  /** Stops it as an operator would. */
  stop(): Promise<void>;
}

/**
 * Starts the release binary on free ports with an empty data directory, and reads from its own words where
 * it is.
 */
export async function launch(more: string[] = [], environment: NodeJS.ProcessEnv = {}): Promise<Launched> {
  const data = mkdtempSync(join(tmpdir(), "drydock-end2end-"));
  const log = join(data, "..", `${data.split("/").pop()}.log`);
  const args = ["serve", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--data", join(data, "state")];
  const child = spawn(binary, [...args, "--print-link", ...more], {
    stdio: ["ignore", "pipe", openSync(log, "w")],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));

  let sandbox = "";
  const link = await new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`${binary} ended with ${code}:\n${readFileSync(log, "utf8")}`)));
    const lines = createInterface({ input: child.stdout! });
    lines.on("line", (line) => {
      // It answers plain HTTP as well: nothing here has to trust its authority.
      const found = /sandbox.* at https?:\/\/([^\s/]+)/.exec(line);
      if (found) sandbox = `http://${found[1]}`;
      const link = /^\s+(http:\S+\/sign-in\?token=\S+)$/.exec(line);
      if (link) resolve(link[1]!);
    });
  });

  const stop = async () => {
    child.kill("SIGTERM");
    const code = await ended;
    if (code !== 0) throw new Error(`Drydock did not stop in order (${code}):\n${readFileSync(log, "utf8")}`);
    const panics = readFileSync(log, "utf8").split("\n").filter((line) => line.includes("panicked"));
    if (panics.length > 0) throw new Error(`the server panicked:\n${panics.join("\n")}`);
    rmSync(data, { recursive: true });
    rmSync(log);
  };
  return { link, url: new URL(link).origin, sandbox, data: join(data, "state"), stop };
}
