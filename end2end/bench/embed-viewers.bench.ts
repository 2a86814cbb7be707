import { appendFileSync, readFileSync, readdirSync } from "node:fs";
import { Agent, request as ask } from "node:http";
import { join } from "node:path";
import { mint, newKey } from "../portal/portal.mjs";
import { drydock, freshLink } from "../support/drydock.js";
import { call } from "../support/embedding.js";
import { pushUnder } from "../support/registry.js";
import { test } from "../support/test.js";

const viewers = Number(process.env.VIEWERS ?? "1000");
const lines = 40;
const portal = "http://localhost:9";
const agent = new Agent({ keepAlive: true, maxSockets: Infinity });

interface Answer {
  status: number;
  body: string;
}

function post(path: string, body: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { method: "POST", agent, headers: { "content-type": "application/json" } };
    const asked = ask(`${drydock().url}${path}`, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode!, body: text }));
    });
    asked.on("error", reject).end(JSON.stringify(body));
  });
}

/** Follows the run's log, and notes for each line how long it was under way. */
function view(session: string, run: string, latencies: number[]): Promise<() => void> {
  return new Promise((opened, reject) => {
    const options = { agent, headers: { authorization: `Bearer ${session}` } };
    const asked = ask(`${drydock().url}/embed/api/events?route=/runs/${run}`, options, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`the stream: ${answer.statusCode}`));
      let first = true;
      answer.setEncoding("latin1").on("data", (piece: string) => {
        const now = performance.timeOrigin + performance.now();
        for (const [, at] of piece.matchAll(/bench (\d+\.\d+)/g)) latencies.push(now - Number(at));
        // The stream's first piece: the log as far as it is.
        if (first) opened(() => asked.destroy());
        first = false;
      });
      answer.on("error", () => undefined);
    });
    asked.on("error", reject).end();
  });
}

function resident(): string {
  // Of all processes the one whose command line names our data directory.
  const own = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).find((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`\0--data\0${drydock().data}\0`);
    } catch {
      return false;
    }
  });
  const found = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${own}/status`, "utf8"))!;
  return `${Math.round(Number(found[1]) / 1024)} MB`;
}

/** A trigger that pauses after its first ten images: its log is open for half a minute. */
async function liveRun(request: Parameters<typeof call>[0]): Promise<string> {
  await pushUnder("bench/many", Array.from({ length: 11 }, (_, n) => `v${n}`));
  const policy = JSON.stringify({ version: "v1", repositories: [{ repository: "bench/many", tags: ["*"] }] });
  await call(request, "create_workflow", { registry: "drydock", policy, days: "7", at: "03:30" });
  return call(request, "start_run", { registry: "drydock" });
}

test(`${viewers} viewers of one live run`, async ({ browser }) => {
  const admin = await browser.newContext();
  await admin.request.get(freshLink());
  const key = newKey("bench");
  const claims = { view: "runs", registry: "drydock", role: "viewer" };
  const host = await call(admin.request, "create_embed_host", { name: "Bench", origin: portal });
  await call(admin.request, "create_embed_key", { host, kid: key.kid, key: key.publicPem });
  const embed = await call(admin.request, "create_embed", { ...claims, "hosts[0]": host });
  const idle = resident();

  const began = performance.now();
  const sessions: string[] = [];
  for (let n = 0; n < viewers; n += 50) {
    const some = Array.from({ length: Math.min(50, viewers - n) }, async (_, m) => {
      const token = mint(key, { iss: portal, origin: portal, sub: `u-${n + m}`, ...claims });
      const answer = await post("/embed/api/session", { embed, token, origin: portal });
      if (answer.status !== 200) throw new Error(answer.body);
      return (JSON.parse(answer.body) as { session: string }).session;
    });
    sessions.push(...(await Promise.all(some)));
  }
  console.log(`${viewers} tokens exchanged in ${Math.round(performance.now() - began)} ms`);

  const run = await liveRun(admin.request);
  const folder = readdirSync(drydock().data, { recursive: true, encoding: "utf8" });
  const log = join(drydock().data, folder.find((name) => name.endsWith(join("logs", `${run}.log`)))!);
  const latencies: number[] = [];
  const joined = performance.now();
  const closers = await Promise.all(sessions.map((session) => view(session, run, latencies)));
  console.log(`${viewers} streams open in ${Math.round(performance.now() - joined)} ms`);
  for (let n = 0; n < lines; n += 1) {
    appendFileSync(log, `bench ${performance.timeOrigin + performance.now()} line ${n}\r\n`);
    await new Promise((passed) => setTimeout(passed, 250));
  }
  await new Promise((passed) => setTimeout(passed, 3_000));
  const loaded = resident();
  for (const close of closers) close();
  latencies.sort((a, b) => a - b);
  const at = (part: number) => `${Math.round(latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * part))]!)} ms`;
  console.log(`${latencies.length} of ${lines * viewers} lines arrived; half within ${at(0.5)}, 99 of 100 within ${at(0.99)}, the slowest ${at(1)}`);
  console.log(`the server's resident memory: ${idle} before, ${loaded} with all viewers`);
  await admin.close();
});
