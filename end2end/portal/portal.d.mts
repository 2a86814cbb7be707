export interface Key {
  kid: string;
  publicPem: string;
}

export interface Portal {
  readonly origin: string;
  embed: string;
  drydock: string;
  claims: Record<string, unknown>;
  /** How many tokens were asked for. */
  minted: number;
  /** Answers with this instead of a fresh token. */
  token?: () => string;
  close(): Promise<void>;
}

export function newKey(kid: string): Key;
export function mint(key: Key, claims: Record<string, unknown>): string;
export function startPortal(options: {
  name?: string;
  port?: number;
  title?: string;
  drydock: string;
  key: Key;
  claims: Record<string, unknown>;
}): Promise<Portal>;
