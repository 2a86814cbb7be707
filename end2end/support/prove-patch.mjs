import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { createInterface } from "node:readline";

const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
const target = process.env.CARGO_TARGET_DIR ?? join(cache, "drydock", "target");
const binary = process.env.DRYDOCK ?? join(target, "release", "drydock");
const wanted = process.argv[2];
const registry = "drydock";

const work = mkdtempSync(join(tmpdir(), "drydock-proof-"));
const skipped = [];
let running;

function run(command, args, options = {}) {
  return execFileSync(command, args, { encoding: "utf8", maxBuffer: 1 << 28, ...options });
}

function has(command) {
  try {
    run("sh", ["-c", `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

function prove(statement, holds, evidence = "") {
  if (!holds) throw new Error(`not so: ${statement}\n${evidence}`);
  console.log(`  proven: ${statement}`);
}

function skip(part, reason) {
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
    for await (const line of createInterface({ input: (await import("node:stream")).Readable.fromWeb(response.body) })) {
      const found = line.startsWith("data:") && line.length > 6 ? until(JSON.parse(line.slice(5))) : undefined;
      if (found !== undefined) return found;
    }
    throw new Error(`${path} ended early`);
  };
  return { call, watch };
}

/** Configures patching of one image and waits for the cycle that it starts. */
async function patch(api, reference) {
  const colon = reference.lastIndexOf(":");
  const [repository, tag] = [reference.slice(0, colon), reference.slice(colon + 1)];
  const policy = JSON.stringify({
    version: "v1",
    "tag-convention": "incremental",
    repositories: [{ repository, tags: [tag], enabled: true }],
  });
  await api.call("create_workflow", { registry, policy, days: "7", at: "03:00", run_now: "true" });
  const finished = ["Succeeded", "Failed", "Canceled", "Error", "Timeout"];
  const tree = await api.watch(`/events/registries/${registry}/runs`, (runs) =>
    runs.find((run) => run.images.length > 0 && finished.includes(run.status)),
  );
  prove(`the cycle succeeded (${tree.summary})`, tree.status === "Succeeded", JSON.stringify(tree, null, 1));
  const image = tree.images.find((image) => image.repository === repository);
  return { repository, tag: image.next };
}

/** `dpkg -l` of an unpacked root file system, by the image's own dpkg. */
function installed(root) {
  const format = "${binary:Package} ${Version} ${db:Status-Abbrev}\\n";
  const rows = run("chroot", [root, "dpkg-query", "--show", `--showformat=${format}`]).trim().split("\n");
  return new Map(rows.map((row) => row.split(" ")).map(([name, version]) => [name, version]));
}

function judge(root, report, unpacker) {
  const audit = run("chroot", [root, "dpkg", "--audit"]);
  prove(`dpkg --audit is silent in what ${unpacker} unpacked`, audit === "", audit);
  const versions = installed(root);
  const wrong = report.upgraded.filter((change) => {
    const names = [change.package, `${change.package}:${change.architecture}`];
    return !names.some((name) => versions.get(name) === change.new);
  });
  prove(`dpkg -l shows ${report.upgraded.length} packages at the planned versions`, wrong.length === 0, JSON.stringify(wrong, null, 1));
}

function unpackWithUmoci(layout, tag, report) {
  const bundle = join(work, "umoci");
  run("umoci", ["unpack", "--image", `${layout}:${tag}`, bundle], { stdio: ["ignore", "ignore", "inherit"] });
  judge(join(bundle, "rootfs"), report, "umoci");
}

function unpackWithBuildah(layout, tag, report) {
  const storage = ["--storage-driver", "vfs", "--root", join(work, "storage"), "--runroot", join(work, "runroot")];
  // buildah names the container after the path, which must then be in lower case: a relative one is.
  const source = `oci:${basename(layout)}:${tag}`;
  const container = run("buildah", [...storage, "from", source], { cwd: dirname(layout) }).trim();
  const root = run("buildah", [...storage, "mount", container]).trim();
  judge(root, report, "buildah");
  run("buildah", [...storage, "rm", container]);
}

/** The report that Drydock attached to the image, over the registry's own API. */
async function attachedReport(drydock, credentials, repository, tag) {
  const headers = { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` };
  const accept = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";
  const base = `${drydock.sandbox}/v2/${repository}`;
  const manifest = await fetch(`${base}/manifests/${tag}`, { method: "HEAD", headers: { ...headers, accept } });
  const digest = manifest.headers.get("docker-content-digest");
  const type = encodeURIComponent("application/vnd.drydock.patch-report.v1+json");
  const referrers = await (await fetch(`${base}/referrers/${digest}?artifactType=${type}`, { headers })).json();
  const referrer = await (await fetch(`${base}/manifests/${referrers.manifests[0].digest}`, { headers: { ...headers, accept } })).json();
  return (await fetch(`${base}/blobs/${referrer.layers[0].digest}`, { headers })).json();
}

async function main() {
  if (!existsSync(binary) || !statSync(binary).isFile()) {
    throw new Error(`there is no ${binary}: run \`cargo build --release\`, or name a binary in DRYDOCK`);
  }
  const drydock = await start();
  const api = await signIn(drydock);
  const samples = await api.watch("/events/samples", (progress) => (progress.finished ? progress : undefined));
  console.log(`Sample images from ${samples.source}`);
  const reference = wanted ?? samples.images.find((image) => image.state === "ready").reference;
  console.log(`Patching ${reference} in the sandbox`);
  const { repository, tag } = await patch(api, reference.replace(/^localhost:\d+\//, ""));
  const credentials = run(binary, ["credentials", "--data", drydock.data]).trim();
  const report = await attachedReport(drydock, credentials, repository, tag);
  prove(`the report says what changed (${report.upgraded.length} packages)`, report.upgraded.length > 0);

  if (!has("skopeo")) {
    skip("taking the image out", "skopeo is not installed (apt-get install skopeo)");
  } else {
    const layout = join(work, "layout");
    const source = `docker://localhost:${new URL(drydock.sandbox).port}/${repository}:${tag}`;
    run("skopeo", ["copy", "--quiet", "--src-tls-verify=false", "--src-creds", credentials, source, `oci:${layout}:${tag}`]);
    prove(`skopeo copies ${repository}:${tag} out of the sandbox`, existsSync(join(layout, "index.json")));
    const scan = JSON.parse(run(binary, ["scan", `oci:${layout}:${tag}`], { stdio: ["ignore", "pipe", "ignore"] }));
    const fixable = (scan.Results ?? []).flatMap((result) => result.Vulnerabilities ?? []).filter((found) => found.FixedVersion);
    prove("a second scan finds nothing to upgrade", fixable.length === 0, JSON.stringify(fixable, null, 1));
    const unpackers = { umoci: unpackWithUmoci, buildah: unpackWithBuildah };
    for (const [name, unpack] of Object.entries(unpackers)) {
      if (process.getuid() !== 0) skip(`unpacking with ${name}`, "chroot needs root; run this script as root");
      else if (!has(name)) skip(`unpacking with ${name}`, `it is not installed (apt-get install ${name})`);
      else unpack(layout, tag, report);
    }
  }
  await drydock.stop();
  console.log(skipped.length ? `Proven, but for what was skipped: ${skipped.join("; ")}` : "Proven, all of it.");
}

try {
  await main();
} catch (error) {
  console.error(`end2end/prove-patch: ${error.message}`);
  process.exitCode = 1;
  running?.kill("SIGTERM");
} finally {
  rmSync(work, { recursive: true, force: true });
}
