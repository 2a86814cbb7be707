import { createServer, request as ask, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, type APIRequestContext } from "@playwright/test";
import { drydock } from "./drydock.js";

/** Calls one of the console's server functions as its form does. */
export async function call<T = string>(request: APIRequestContext, name: string, form: Record<string, string>): Promise<T> {
  const url = `${drydock().url}/api/${name}`;
  const answer = await request.post(url, { form, headers: { origin: drydock().url, accept: "application/json" } });
  if (!answer.ok()) throw new Error(`${name}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** The console behind a proxy that thinks it knows better: it adds `X-Frame-Options`. */
export async function behindAZealousProxy(): Promise<{ url: string; close: () => void }> {
  const target = new URL(drydock().url);
  const server = createServer((incoming, outgoing) => {
    const options = { host: target.hostname, port: target.port, path: incoming.url, method: incoming.method, headers: incoming.headers };
    const forwarded = ask(options, (answer: IncomingMessage) => {
      outgoing.writeHead(answer.statusCode!, { ...answer.headers, "x-frame-options": "DENY" });
      answer.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A run that has ended is there: the main job's, or one made now where this file runs alone. */
export async function makeARun(request: APIRequestContext): Promise<void> {
  const registry = "drydock";
  const list = () => call<{ trees: { status: string }[] }>(request, "list_runs", { registry });
  if ((await list()).trees.length > 0) return;
  const policy = JSON.stringify({ version: "v1", repositories: [{ repository: "nothing", tags: ["*"] }] });
  await call(request, "create_workflow", { registry, policy, days: "7", at: "03:30" });
  await call(request, "start_run", { registry });
  await expect.poll(async () => (await list()).trees[0]?.status).toMatch(/Succeeded|Failed/);
}
