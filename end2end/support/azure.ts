import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { binary, drydock } from "./drydock.js";

/** What points Azure's own clients at the sandbox. */
function environment(): Record<string, string> {
  const script = execFileSync(binary, ["sandbox", "env", "--data", drydock().data], { encoding: "utf8" });
  return Object.fromEntries([...script.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name!, value!]));
}

interface Sent {
  method: string;
  headers: Record<string, string>;
  body?: string;
}

function send(url: string, ca: Buffer, { method, headers, body }: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, ca }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("end", () => {
        const ok = answer.statusCode! >= 200 && answer.statusCode! < 300;
        if (ok) resolve(text);
        else reject(new Error(`${method} ${url}: ${answer.statusCode} ${text}`));
      });
    });
    asked.on("error", reject).end(body);
  });
}

/** Changes a part of the registry behind the console's back, as somebody in Azure's portal would. */
export async function changeInAzure(method: "DELETE" | "PATCH", part: string, body?: object): Promise<void> {
  const env = environment();
  const ca = readFileSync(env.SSL_CERT_FILE!);
  const base = env.DRYDOCK_SANDBOX_URL!;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: env.AZURE_CLIENT_ID!,
    client_secret: env.AZURE_CLIENT_SECRET!,
    scope: `${base}/.default`,
  });
  const signIn = { method: "POST", headers: { "content-type": "application/x-www-form-urlencoded" }, body: form.toString() };
  const token = JSON.parse(await send(`${base}/${env.AZURE_TENANT_ID}/oauth2/v2.0/token`, ca, signIn)) as { access_token: string };
  const registry =
    `/subscriptions/${env.AZURE_SUBSCRIPTION_ID}/resourceGroups/${env.DRYDOCK_RESOURCE_GROUP}` +
    `/providers/Microsoft.ContainerRegistry/registries/${env.DRYDOCK_REGISTRY}`;
  const headers = { authorization: `Bearer ${token.access_token}`, "content-type": "application/json" };
  await send(`${base}${registry}/${part}?api-version=2019-06-01-preview`, ca, { method, headers, body: body && JSON.stringify(body) });
}
