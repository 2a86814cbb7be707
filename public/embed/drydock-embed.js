// Puts a view of Drydock into a page of yours. See drydock-embed.d.ts for the types.
//
//   import { mount } from "https://drydock.example/embed/drydock-embed.js";
//   mount(document.querySelector("#patching"), {
//     src: "https://drydock.example/embed/ID",
//     getToken: ({ signal }) => fetch("/drydock-token", { method: "POST", signal }).then((it) => it.text()),
//   });
const SANDBOX =
  "allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads";
const TOKEN_MS = 30_000;
const READY_MS = 15_000;

export function mount(place, { src, getToken, title = "Drydock", theme, density, locale, route, onEvent = () => {} }) {
  const url = new URL(src, location.href);
  const frame = document.createElement("iframe");
  const life = new AbortController();
  const timers = new Set();
  let port;
  let last = theme;

  const later = (act, ms) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
    return () => (clearTimeout(timer), timers.delete(timer));
  };
  const send = (type, fields) => port?.postMessage({ v: 1, type, ...fields });

  /** A new token each time, within 30 s; tried again when it fails, and at once when the network is back. */
  let asking;
  const token = (reason, use, attempt = 0) => {
    asking?.abort();
    const asked = (asking = new AbortController());
    let stop = () => {};
    const again = () => !asked.signal.aborted && token(reason, use, attempt + 1);
    const failed = (error) => {
      stop();
      if (asked.signal.aborted) return;
      onEvent("error", { code: "TOKEN_UNAVAILABLE", message: String(error?.message ?? error) });
      later(again, Math.min(60_000, 1000 * 2 ** attempt));
      addEventListener("online", again, { once: true, signal: asked.signal });
    };
    const late = new Promise((_, reject) => {
      stop = later(() => reject(new Error("no token within 30 s")), TOKEN_MS);
    });
    const made = Promise.resolve().then(() => getToken({ reason, signal: asked.signal }));
    Promise.race([made, late]).then((text) => {
      stop();
      if (!asked.signal.aborted) use(text), asked.abort();
    }, failed);
  };

  const receive = ({ data }) => {
    if (data?.v !== 1 || typeof data.type !== "string") return;
    if (data.type === "resize" && Number.isFinite(data.height)) {
      frame.style.height = `${Math.min(Math.max(data.height, 80), 20_000)}px`;
    }
    if (data.type === "token-needed") token(data.reason, (text) => send("token", { token: text }));
    onEvent(data.type, data);
  };

  const stopWaiting = later(
    () => onEvent("error", { code: "FRAME_ANCESTOR_BLOCKED", message: `${url.origin} did not answer in its frame` }),
    READY_MS,
  );
  addEventListener(
    "message",
    ({ source, origin, data }) => {
      if (source !== frame.contentWindow || origin !== url.origin) return;
      if (data?.v !== 1 || data.type !== "ready") return;
      stopWaiting();
      token("first", (text) => {
        port?.close();
        const channel = new MessageChannel();
        port = channel.port1;
        port.onmessage = receive;
        const message = { v: 1, type: "init", token: text, theme: last, density, locale, route };
        frame.contentWindow?.postMessage(message, url.origin, [channel.port2]);
        onEvent("ready", data);
      });
    },
    { signal: life.signal },
  );

  frame.title = title;
  frame.allow = "clipboard-write; fullscreen";
  frame.referrerPolicy = "strict-origin";
  frame.style.cssText = "border: 0; width: 100%; height: 320px";
  // On the page's own origin these two first words would void the sandbox.
  if (url.origin !== location.origin) frame.setAttribute("sandbox", SANDBOX);
  frame.src = url.href;
  place.append(frame);

  return {
    frame,
    navigate: (to) => send("navigate", { route: to }),
    filter: (status) => send("filter", { status }),
    setTheme: (name) => send("theme", { theme: (last = name) }),
    unmount() {
      life.abort();
      asking?.abort();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      port?.close();
      frame.remove();
    },
  };
}
