import { has, installed, proof, prove, registry, run, skip, storage } from "./proof.mjs";

const repository = "debian/base";
const [original, patched, stranger] = ["12", "12-1", "12-2"];
const names = (packages) => packages.map((one) => `${one.name}:${one.architecture}`).sort();

/** Upgrades, adds and removes packages as anybody would who has never heard of Drydock; answers what dpkg says of it. */
function patchByHand(address, credentials) {
  const access = ["--tls-verify=false", "--creds", credentials];
  const buildah = (...args) => run("buildah", [...storage, ...args], { stdio: ["ignore", "pipe", "pipe"] }).trim();
  const container = buildah("from", "--quiet", ...access, `docker://${address}:${original}`);
  const root = buildah("mount", container);
  const before = installed(root);
  const work = `export DEBIAN_FRONTEND=noninteractive
    apt-mark hold libssl3
    apt-get update && apt-get upgrade --yes && apt-get install --yes --no-install-recommends file && apt-get purge --yes openssl`;
  buildah("run", "--isolation", "chroot", container, "--", "sh", "-ec", work);
  buildah("config", "--user", "nobody", "--label", "patched-by=hand", container);
  const after = installed(root);
  const newer = (than, version) =>
    run("sh", ["-c", `chroot "$0" dpkg --compare-versions "$1" gt "$2" && echo yes || echo no`, root, version, than]).trim() === "yes";
  const changed = [...before].filter(([name, version]) => after.has(name) && after.get(name) !== version);
  const told = {
    changed: changed.map(([name, version]) => `${name} ${version} → ${after.get(name)} ${newer(version, after.get(name)) ? "Upgrade" : "Downgrade"}`).sort(),
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
    unchanged: before.size - changed.length - [...before.keys()].filter((name) => !after.has(name)).length,
    isFixed: (finding) => [...after].some(([name, version]) => name.startsWith(`${finding.package}:`) && !newer(version, finding.fixed_version)),
  };
  buildah("commit", "--quiet", container, "by-hand");
  buildah("push", "--quiet", ...access, "by-hand", `docker://${address}:${patched}`);
  return told;
}

/** Asks until the work behind the answer is done. */
async function found(ask) {
  for (;;) {
    const answer = await ask();
    if (answer.Failed) throw new Error(answer.Failed);
    // Each answer waits for the work itself.
    if (answer.Found && !answer.Found.vulnerabilities.Underway) return answer.Found;
  }
}

const same = (what, console_, dpkg) =>
  prove(`the console and dpkg tell the same ${what}: ${dpkg.length}`, JSON.stringify(console_) === JSON.stringify(dpkg), JSON.stringify({ console: console_, dpkg }, null, 1));

await proof("prove-lineage", async ({ drydock, api, samples, credentials }) => {
  if (samples.toy) return skip("a patch by hand", "no Debian archive can be reached, and apt-get needs one");
  for (const tool of ["buildah", "skopeo"]) {
    if (!has(tool)) return skip("a patch by hand", `${tool} is not installed (apt-get install ${tool})`);
  }
  if (process.getuid() !== 0) return skip("a patch by hand", "buildah's chroot needs root; run this script as root");
  const address = `localhost:${new URL(drydock.sandbox).port}/${repository}`;
  const dpkg = patchByHand(address, credentials);
  prove(`apt-get upgraded ${dpkg.changed.length} packages, added ${dpkg.added.length} and removed ${dpkg.removed.length}`, dpkg.added.length > 0 && dpkg.removed.length > 0);
  // Content that only has the name of a patch.
  const access = ["--src-tls-verify=false", "--dest-tls-verify=false", "--src-creds", credentials, "--dest-creds", credentials];
  run("skopeo", ["copy", "--quiet", ...access, `docker://${address.replace(repository, "tools/clean")}:1.0`, `docker://${address}:${stranger}`]);

  const { lineage } = await api.call("draw_lineage", { registry, repository });
  const image = lineage.images.find((image) => image.original === original);
  const node = (tag) => image.patches.find((patch) => patch.tag === tag);
  prove("what stands on the original's layers is verified, without a report", node(patched).derivation === "Verified" && !node(patched).report, JSON.stringify(node(patched)));
  prove("what only has a patch's name is not", node(stranger).derivation === "Unverified", JSON.stringify(node(stranger)));

  const pair = { registry, repository, before: image.node.digest, after: node(patched).digest };
  const { packages, configuration, layers, vulnerabilities } = await found(() => api.call("compare_images", pair));
  same("changed packages", packages.changed.map((one) => `${one.name}:${one.architecture} ${one.old} → ${one.new} ${one.direction}`).sort(), dpkg.changed);
  same("added packages", names(packages.added), dpkg.added);
  same("removed packages", names(packages.removed), dpkg.removed);
  prove(`and the same number of others: ${dpkg.unchanged}`, packages.unchanged === dpkg.unchanged, `${packages.unchanged}`);
  const fields = configuration.map((change) => `${change.field}: ${change.after}`);
  for (const field of ["User: nobody", "Label patched-by: hand"]) prove(`the configuration's change is told: ${field}`, fields.includes(field), fields.join("\n"));
  prove("one layer lies on the original's", layers.shared === 1 && layers.only_before.length === 0 && layers.only_after.length === 1, JSON.stringify(layers));

  if (!vulnerabilities.Found) throw new Error(`the two were not scanned: ${vulnerabilities.Failed}`);
  const { fixed, remaining } = vulnerabilities.Found.difference;
  const moved = new Set([...dpkg.changed, ...dpkg.removed].map((name) => name.split(":")[0]));
  const claimed = fixed.filter((finding) => !moved.has(finding.package));
  prove(`${fixed.length} findings are fixed, each in a package that dpkg says has changed or gone`, fixed.length > 0 && claimed.length === 0, JSON.stringify(claimed, null, 1));
  const stale = remaining.filter(dpkg.isFixed);
  prove(`none of the ${remaining.length} that remain is at its fixed version`, stale.length === 0, JSON.stringify(stale, null, 1));
});
