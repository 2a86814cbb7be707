/** Why a token is asked for: for the frame's first session, or because one ends or has ended. */
export type TokenReason = "first" | "expiring" | "expired" | "lost";

export interface MountOptions {
  /** The frame's address: `https://drydock.example/embed/ID`. */
  src: string;
  /** Asks your backend to mint a token. Called for each session; never answer with a token twice. */
  getToken(request: { reason: TokenReason; signal: AbortSignal }): Promise<string> | string;
  /** The frame's name for screen readers. */
  title?: string;
  theme?: "light" | "dark" | "system";
  density?: "comfortable" | "compact";
  locale?: string;
  /** Where the view begins: `/`, `/runs/ca1`, `/images/web/shop`. */
  route?: string;
  onEvent?(type: EmbedEvent["type"], event: EmbedEvent): void;
}

export type EmbedEvent =
  | { type: "ready" }
  | { type: "resize"; height: number }
  | { type: "navigated"; route: string }
  | { type: "title"; title: string }
  | { type: "token-needed"; reason: TokenReason; in?: number }
  | { type: "event"; kind: "changed" | "log" }
  | { type: "error"; code: string; message?: string; traceId?: string };

export interface Mounted {
  readonly frame: HTMLIFrameElement;
  navigate(route: string): void;
  /** Statuses of images with commas: `failed,skipped`; empty for all that may be shown. */
  filter(status: string): void;
  setTheme(theme: "light" | "dark" | "system"): void;
  /** Removes the frame, and every timer and listener with it. */
  unmount(): void;
}

export function mount(place: Element, options: MountOptions): Mounted;
