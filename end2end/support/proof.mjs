import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const target = process.env.CARGO_TARGET_DIR ?? join(cache, "drydock", "target");
export const binary = process.env.DRYDOCK ?? join(target, "release", "drydock");
export const registry = "drydock";

export const work = mkdtempSync(join(tmpdir(), "drydock-proof-"));
const skipped = [];
let running;

export function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
}

export function has(command) {
  try {
    run("sh", ["-c", `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

export function prove(statement, holds, evidence = "") {
  if (!holds) throw new Error(`not so: ${statement}\n${evidence}`);
  console.log(`  proven: ${statement}`);
}

export function skip(part, reason) {
  skipped.push(part);
  console.log(`  SKIPPED: ${part}: ${reason}`);
}

/** Starts Drydock on free ports; `stop` ends it in order. */
async function start() {
  const data = join(work, "data");
  const child = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--data", data], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running = child;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  const [console_, sandbox] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`${binary} ended with ${code}`)));
    const found = {};
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, authority] = / at https?:\/\/([^\s/]+)/.exec(line) ?? [];
      // The sandbox answers plain HTTP as well: nothing here has to trust its authority.
      if (authority) found[line.includes("sandbox") ? "sandbox" : "console"] = `http://${authority}`;
      if (found.console && found.sandbox) resolve([found.console, found.sandbox]);
    });
  });
  const stop = async () => {
    child.kill("SIGTERM");
    prove("the server stops in order", (await ended) === 0);
  };
  return { console: console_, sandbox, data, stop };
}

/** A signed-in client of the console's own server functions. */
async function signIn(drydock) {
  const link = run(binary, ["link", "--data", drydock.data]).trim();
  const answer = await fetch(link, { redirect: "manual" });
  const cookie = answer.headers.get("set-cookie").split(";")[0];
  const headers = { cookie, origin: drydock.console, accept: "application/json" };
  const call = async (name, fields) => {
    const response = await fetch(`${drydock.console}/api/${name}`, { method: "POST", headers, body: new URLSearchParams(fields) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${name}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  /** Reads a stream of events until one of them says what `until` waits for. */
  const watch = async (path, until) => {
    const response = await fetch(drydock.console + path, { headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
      const found = line.startsWith("data:") && line.length > 6 ? until(JSON.parse(line.slice(5))) : undefined;
      if (found !== undefined) return found;
    }
    throw new Error(`${path} ended early`);
  };
  return { call, watch };
}

/** What the own dpkg of an unpacked root file system calls installed: versions by `name:architecture`. */
export function installed(root) {
  const format = "${Package}:${Architecture} ${Version} ${db:Status-Status}\\n";
  const rows = run("chroot", [root, "dpkg-query", "--show", `--showformat=${format}`]).trim().split("\n");
  const present = rows.map((row) => row.split(" ")).filter(([, , status]) => status === "installed");
  return new Map(present.map(([name, version]) => [name, version]));
}

/** Where buildah keeps what this proof makes: nothing outlives it. */
export const storage = ["--storage-driver", "vfs", "--root", join(work, "storage"), "--runroot", join(work, "runroot")];

/** Starts Drydock, hands it to `main`, and says what was proven and what was not. */
export async function proof(name, main) {
  try {
    if (!existsSync(binary) || !statSync(binary).isFile()) {
      throw new Error(`there is no ${binary}: run \`cargo build --release\`, or name a binary in DRYDOCK`);
    }
    const drydock = await start();
    const api = await signIn(drydock);
    const samples = await api.watch("/events?samples=true", (progress) => (progress.finished ? progress : undefined));
    console.log(`Sample images from ${samples.source}`);
    const credentials = run(binary, ["credentials", "--data", drydock.data]).trim();
    await main({ drydock, api, samples, credentials });
    await drydock.stop();
    console.log(skipped.length ? `Proven, but for what was skipped: ${skipped.join("; ")}` : "Proven, all of it.");
  } catch (error) {
    console.error(`end2end/${name}: ${error.message}`);
    process.exitCode = 1;
    running?.kill("SIGTERM");
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
