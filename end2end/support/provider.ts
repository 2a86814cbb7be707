import type { Page } from "@playwright/test";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";

/** A real OpenID Connect provider on loopback, whose people need no password. */
export interface RunningProvider {
  issuer: string;
  /** Lets a console at this address use it, as the client below. */
  register(console: string): void;
  /** Changes where the provider sends browsers, as somebody on the way there would. */
  meddle: ((location: string) => string) | undefined;
  stop(): Promise<void>;
}

export const CLIENT = { id: "drydock-console", secret: "a secret of the tests alone" };

/** What the provider says of each. */
const people: Record<string, string[]> = {
  ada: ["secops", "everybody"],
  bob: ["auditors"],
  eve: ["editors"],
  grace: ["approvers"],
  nora: ["everybody", "<script>"],
};

export async function startProvider(): Promise<RunningProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const running: RunningProvider = {
    issuer,
    meddle: undefined,
    register(console) {
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: CLIENT.id,
            client_secret: CLIENT.secret,
            redirect_uris: [`${console}/sign-in/callback`],
            post_logout_redirect_uris: [`${console}/sign-in`],
          },
        ],
        claims: { openid: ["sub"], profile: ["preferred_username", "roles"], email: ["email"] },
        conformIdTokenClaims: false,
        cookies: { keys: ["of the tests alone"] },
        pkce: { required: () => true },
        findAccount: (_: unknown, name: string) => ({
          accountId: name,
          claims: () => ({ sub: name, preferred_username: `${name}@corp.example`, roles: people[name] ?? [] }),
        }),
      });
      const answer = provider.callback();
      server.on("request", (request, response) => {
        const set = response.setHeader.bind(response);
        response.setHeader = (name, value) => {
          const meddled = name.toLowerCase() === "location" && running.meddle;
          return set(name, meddled ? meddled(String(value)) : value);
        };
        return answer(request, response);
      });
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return running;
}

/** From the sign-in page to the provider, and as somebody back. */
export async function signInAt(page: Page, name: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("link", { name: "Sign in with Corp" }).click();
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("any");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
