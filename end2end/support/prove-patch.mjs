import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { binary, has, installed, proof, prove, registry, run, skip, storage, work } from "./proof.mjs";

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
  const tree = await api.watch(`/events?runs=${registry}`, (runs) =>
    runs.find((run) => run.images.length > 0 && finished.includes(run.status)),
  );
  prove(`the cycle succeeded (${tree.summary})`, tree.status === "Succeeded", JSON.stringify(tree, null, 1));
  const image = tree.images.find((image) => image.repository === repository);
  return { repository, tag: image.next };
}

function judge(root, report, unpacker) {
  const audit = run("chroot", [root, "dpkg", "--audit"]);
  prove(`dpkg --audit is silent in what ${unpacker} unpacked`, audit === "", audit);
  const versions = installed(root);
  const wrong = report.upgraded.filter((change) => versions.get(`${change.package}:${change.architecture}`) !== change.new);
  prove(`dpkg -l shows ${report.upgraded.length} packages at the planned versions`, wrong.length === 0, JSON.stringify(wrong, null, 1));
}

function unpackWithUmoci(layout, tag, report) {
  const bundle = join(work, "umoci");
  run("umoci", ["unpack", "--image", `${layout}:${tag}`, bundle], { stdio: ["ignore", "ignore", "inherit"] });
  judge(join(bundle, "rootfs"), report, "umoci");
}

function unpackWithBuildah(layout, tag, report) {
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

await proof("prove-patch", async ({ drydock, api, samples, credentials }) => {
  const reference = process.argv[2] ?? samples.images.find((image) => image.state === "ready").reference;
  console.log(`Patching ${reference} in the sandbox`);
  const { repository, tag } = await patch(api, reference.replace(/^localhost:\d+\//, ""));
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
});
