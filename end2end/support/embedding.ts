import { createServer, request as ask, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { APIRequestContext } from "@playwright/test";
import { drydock } from "./drydock.js";

/** Calls one of the console's server functions as its form does. */
export async function call(request: APIRequestContext, name: string, form: Record<string, string>): Promise<string> {
  const url = `${drydock().url}/api/${name}`;
  const answer = await request.post(url, { form, headers: { origin: drydock().url, accept: "application/json" } });
  if (!answer.ok()) throw new Error(`${name}: ${answer.status()} ${await answer.text()}`);
  return (await answer.json()) as string;
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
