import { connect, createServer, type AddressInfo } from "node:net";
import { drydock } from "./drydock.js";

/** The console behind a line that breaks: a stream of events is cut, once, after so many bytes. */
export async function behindALineThatBreaks(bytes: number): Promise<{ url: string; wasCut: () => boolean; close: () => void }> {
  const target = new URL(drydock().url);
  let wasCut = false;
  const server = createServer((browser) => {
    const console_ = connect(Number(target.port), target.hostname);
    let received = -1;
    const end = () => {
      browser.destroy();
      console_.destroy();
    };
    browser.on("data", (chunk) => {
      if (chunk.toString("latin1").startsWith("GET /events")) received = 0;
      console_.write(chunk);
    });
    console_.on("data", (chunk) => {
      browser.write(chunk);
      if (received < 0 || wasCut) return;
      received += chunk.length;
      if (received >= bytes) {
        wasCut = true;
        end();
      }
    });
    for (const side of [browser, console_]) side.on("close", end).on("error", end);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, wasCut: () => wasCut, close: () => server.close() };
}
