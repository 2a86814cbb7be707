import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { binary, drydock } from "./drydock.js";

const manifests = "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json";

export interface Manifest {
  digest: string;
  config: { digest: string };
  layers: { digest: string; size: number }[];
}

let known: string | undefined;

/** They stay the same as long as the sandbox's data does. */
function credentials(): string {
  known ??= execFileSync(binary, ["credentials", "--data", drydock().data], { encoding: "utf8" }).trim();
  return known;
}

async function call(path: string, request: { method?: string; headers?: Record<string, string>; body?: string | Buffer<ArrayBuffer> }): Promise<Response> {
  const authorization = `Basic ${Buffer.from(credentials()).toString("base64")}`;
  const answer = await fetch(`${drydock().sandbox}${path}`, { ...request, headers: { ...request.headers, authorization } });
  if (!answer.ok) throw new Error(`${request.method ?? "GET"} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

const get = (path: string, accept = "*/*") => call(`/v2/${path}`, { headers: { accept } });

/** Gives an image one more tag. */
export async function copyTag(repository: string, from: string, to: string): Promise<void> {
  const answer = await get(`${repository}/manifests/${from}`, manifests);
  const headers = { "content-type": answer.headers.get("content-type")! };
  await call(`/v2/${repository}/manifests/${to}`, { method: "PUT", headers, body: await answer.text() });
}

/** Copies an image with what is attached to it to another repository of the registry. */
export async function copyImage(from: string, reference: string, to: string, tag: string): Promise<void> {
  const answer = await get(`${from}/manifests/${reference}`, manifests);
  const digest = answer.headers.get("docker-content-digest")!;
  await putManifest(from, to, tag, answer);
  const { manifests: attached } = (await (await get(`${from}/referrers/${digest}`)).json()) as { manifests: { digest: string }[] };
  for (const one of attached) await putManifest(from, to, one.digest, await get(`${from}/manifests/${one.digest}`, manifests));
}

async function putManifest(from: string, to: string, reference: string, answer: Response): Promise<void> {
  const headers = { "content-type": answer.headers.get("content-type")! };
  const body = await answer.text();
  const { config, layers } = JSON.parse(body) as Manifest;
  for (const { digest } of [config, ...layers]) {
    await call(`/v2/${to}/blobs/uploads/?mount=${digest}&from=${from}`, { method: "POST" });
  }
  await call(`/v2/${to}/manifests/${reference}`, { method: "PUT", headers, body });
}

/** Takes a repository away, with all its tags. */
export async function deleteRepository(repository: string): Promise<void> {
  await call(`/acr/v1/${repository}`, { method: "DELETE" });
}

/** Takes a tag away, and leaves the image and its other tags. */
export async function deleteTag(repository: string, tag: string): Promise<void> {
  await call(`/acr/v1/${repository}/_tags/${tag}`, { method: "DELETE" });
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

/** An image's manifest over the registry's own API; its bytes are what its digest says. */
export async function manifest(repository: string, reference: string): Promise<Manifest> {
  const answer = await get(`${repository}/manifests/${reference}`, manifests);
  const content = Buffer.from(await answer.arrayBuffer());
  const digest = answer.headers.get("docker-content-digest")!;
  if (digestOf(content) !== digest) throw new Error(`${repository}:${reference} is not what its digest says`);
  return { ...JSON.parse(content.toString()), digest };
}

/** A blob, verified against the digest that it is asked for by. */
export async function blob(repository: string, digest: string): Promise<Buffer> {
  const content = Buffer.from(await (await get(`${repository}/blobs/${digest}`)).arrayBuffer());
  if (digestOf(content) !== digest) throw new Error(`blob ${digest} of ${repository} is not what its digest says`);
  return content;
}

/** Paths and contents of a layer's plain files: POSIX tar, with names that fit its first field or `prefix`. */
export function files(layer: Buffer): Map<string, string> {
  const tar = layer[0] === 0x1f ? gunzipSync(layer) : layer;
  const found = new Map<string, string>();
  for (let at = 0; at + 512 <= tar.length; ) {
    const field = (from: number, length: number) => tar.toString("latin1", at + from, at + from + length).replace(/\0.*$/s, "");
    const name = [field(345, 155), field(0, 100)].filter(Boolean).join("/");
    const size = Number.parseInt(field(124, 12).trim() || "0", 8);
    if (name) found.set(name.replace(/^\.?\//, ""), tar.toString("utf8", at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return found;
}

/** Gives an image without its layers another tag: nothing can be found in it, so its scan fails. */
export async function pushEmptied(repository: string, from: string, to: string): Promise<void> {
  const answer = await get(`${repository}/manifests/${from}`, manifests);
  const headers = { "content-type": answer.headers.get("content-type")! };
  const body = JSON.stringify({ ...((await answer.json()) as object), layers: [] });
  await call(`/v2/${repository}/manifests/${to}`, { method: "PUT", headers, body });
}

async function pushBlob(repository: string, content: Buffer<ArrayBuffer>): Promise<{ digest: string; size: number }> {
  const digest = digestOf(content);
  const begun = await call(`/v2/${repository}/blobs/uploads/`, { method: "POST" });
  const place = new URL(begun.headers.get("location")!, drydock().sandbox);
  place.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  await call(place.pathname + place.search, { method: "PUT", headers, body: content });
  return { digest, size: content.length };
}

/** Requests under way at a time. */
const width = 16;

/** Pushes one small Linux image without packages under many tags; another `content` is another image. */
export async function pushUnder(repository: string, tags: string[], content = 0): Promise<void> {
  // An archive without files: what is after its two empty blocks does not count.
  const tar = Buffer.alloc(2048);
  tar.writeUInt8(content, 2047);
  const layer = await pushBlob(repository, Buffer.from(gzipSync(tar)));
  const rootfs = { type: "layers", diff_ids: [digestOf(tar)] };
  const config = await pushBlob(repository, Buffer.from(JSON.stringify({ architecture: "amd64", os: "linux", config: {}, rootfs })));
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType,
    config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", ...layer }],
  });
  const left = [...tags];
  const push = async () => {
    for (let tag = left.pop(); tag; tag = left.pop()) {
      await call(`/v2/${repository}/manifests/${tag}`, { method: "PUT", headers: { "content-type": mediaType }, body });
    }
  };
  await Promise.all(Array.from({ length: width }, push));
}
