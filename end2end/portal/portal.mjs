// An example of a site that embeds Drydock: one page, and a backend that vouches for its visitor.
// Only Node's own modules; see README.md beside this file.
import { createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";

/** A new Ed25519 pair: the private half stays here, the public half is pasted into Drydock. */
export function newKey(kid) {
  return keyFrom(kid, generateKeyPairSync("ed25519").privateKey);
}

function keyFrom(kid, key) {
  return { kid, key, publicPem: createPublicKey(key).export({ type: "spki", format: "pem" }) };
}

/** A token for one session of one visitor: 45 seconds, once. */
export function mint({ kid, key }, claims) {
  const now = Math.floor(Date.now() / 1000);
  const encode = (part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const body = { aud: "acr-console:embed", jti: randomUUID(), iat: now, exp: now + 45, ...claims };
  const text = `${encode({ alg: "EdDSA", typ: "JWT", kid })}.${encode(body)}`;
  return `${text}.${sign(null, Buffer.from(text), key).toString("base64url")}`;
}

const page = ({ title, drydock, embed }) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<h1>${title}</h1>
<div id="drydock"></div>
<script type="module">
  import { mount } from "${drydock}/embed/drydock-embed.js";
  window.told = [];
  window.mounted = mount(document.getElementById("drydock"), {
    src: "${drydock}/embed/${embed}",
    title: "Patching",
    getToken: async ({ signal }) => {
      const answer = await fetch("/drydock-token", { method: "POST", signal });
      if (!answer.ok) throw new Error("HTTP " + answer.status);
      return answer.text();
    },
    onEvent: (type, event) => window.told.push({ ...event, type }),
  });
</script>
</html>
`;

/**
 * Serves the portal on a free port of 127.0.0.1, or on `port`, under a name of this machine. `claims`
 * says for whom and for what; who the visitor is, a real portal knows by its own sign-in.
 */
export async function startPortal({ name = "127.0.0.1", port = 0, title = "Portal", drydock, key, claims }) {
  const portal = { origin: "", embed: "", drydock, claims, minted: 0 };
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, portal.origin);
    const answer = (status, type, body) => response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
    if (request.method === "POST" && pathname === "/drydock-token") {
      // Another site's page must not get a token for a visitor who is signed in here.
      if (request.headers["sec-fetch-site"] !== "same-origin") return answer(403, "text/plain", "Not from here.\n");
      portal.minted += 1;
      const own = { iss: portal.origin, origin: portal.origin, sub: "u-812" };
      const token = portal.token?.() ?? mint(key, { ...own, ...portal.claims });
      return answer(200, "text/plain", token);
    }
    if (pathname === "/") return answer(200, "text/html; charset=utf-8", page({ title, drydock: portal.drydock, embed: portal.embed }));
    if (pathname === "/around") {
      // A page around a page: every site above the frame counts.
      const inner = encodeURI(searchParams.get("page") ?? "");
      return answer(200, "text/html; charset=utf-8", `<!doctype html><title>Around</title><iframe title="Inner" src="${inner}"></iframe>`);
    }
    return answer(404, "text/plain", "There is no such page.\n");
  });
  await new Promise((listening) => server.listen(port, "127.0.0.1", listening));
  portal.origin = `http://${name}:${server.address().port}`;
  portal.close = () => new Promise((closed) => {
    server.close(closed);
    server.closeAllConnections();
  });
  return portal;
}

if (process.argv[1] === import.meta.filename) {
  const [drydock, embed, view = "runs", repos] = process.argv.slice(2);
  const key = process.env.PORTAL_KEY ? keyFrom("portal", createPrivateKey(process.env.PORTAL_KEY)) : newKey("portal");
  const claims = { view, registry: process.env.REGISTRY ?? "drydock", role: "viewer", ...(repos && { repos: repos.split(",") }) };
  for (const [name, port, title] of [["localhost", 3001, "Portal"], ["127.0.0.1", 3002, "Neighbour"]]) {
    const portal = await startPortal({ name, port, title, drydock: drydock ?? "http://127.0.0.1:4280", key, claims });
    portal.embed = embed ?? "ID";
    console.log(`${title}: ${portal.origin}`);
  }
  console.log(`Key id: portal\n${key.publicPem}`);
}
