// What a frame runs: it meets the page around it, exchanges that page's token for a session that is
// kept in this memory alone, and shows what the server renders for it. Messages are version 1; each is
// checked, and what is not known is ignored.

const { embed, origins } = document.documentElement.dataset;
const allowed = origins.split(" ").filter(Boolean);
const main = document.getElementById("view");
const notice = document.getElementById("notice");
// The server's own HTML is the only markup that becomes nodes; a log's lines are text.
const policy = globalThis.trustedTypes?.createPolicy("drydock-frame", { createHTML: (html) => html });

const LINES = 2000;
const EARLY_SECONDS = 45;

let port;
let host;
let session;
let renewal;
let route = "/";
let status = "";
let following = new AbortController();

function say(text) {
  notice.textContent = text;
  notice.hidden = text === "";
}

const text = (limit) => (value) => typeof value === "string" && value.length <= limit;
const oneOf = (...words) => (value) => words.includes(value);
const optional = (check) => (value) => value === undefined || check(value);

const known = {
  init: {
    token: text(8192),
    theme: optional(oneOf("light", "dark", "system")),
    density: optional(oneOf("comfortable", "compact")),
    locale: optional(text(35)),
    route: optional(text(300)),
  },
  token: { token: text(8192) },
  theme: { theme: oneOf("light", "dark", "system") },
  navigate: { route: text(300) },
  filter: { status: text(200) },
};

/** The message, with its known fields alone. */
function checked(data) {
  if (typeof data !== "object" || data === null || data.v !== 1 || !Object.hasOwn(known, data.type)) return undefined;
  const message = { type: data.type };
  for (const [name, check] of Object.entries(known[data.type])) {
    if (!check(data[name])) return undefined;
    message[name] = data[name];
  }
  return message;
}

function tell(type, fields) {
  port?.postMessage({ v: 1, type, ...fields });
}

function receive(message) {
  switch (message?.type) {
    case "token":
      void begin(message.token);
      break;
    case "theme":
      dress(message);
      break;
    case "navigate":
      void show(message.route);
      break;
    case "filter":
      status = message.status;
      void show(route);
      break;
  }
}

function dress({ theme, density }) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else if (theme) dataset.theme = theme;
  if (density) dataset.density = density;
}

addEventListener("message", (event) => {
  if (port || event.source !== parent || !allowed.includes(event.origin) || event.ports.length !== 1) return;
  const message = checked(event.data);
  if (message?.type !== "init") return;
  host = event.origin;
  [port] = event.ports;
  port.onmessage = ({ data }) => receive(checked(data));
  dress(message);
  if (message.route) route = message.route;
  new ResizeObserver(measure).observe(document.body);
  void begin(message.token);
});

/** A message to a site that is not there is a line on the console: where the browser tells, ask only that one. */
function greet() {
  const [above] = location.ancestorOrigins ?? [];
  for (const origin of allowed) {
    if (!above || above === origin) parent.postMessage({ v: 1, type: "ready", embed }, origin);
  }
}

let measured = 0;
let waiting = false;

/** At most ten times a second. */
function measure() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => requestAnimationFrame(() => {
    waiting = false;
    measured = performance.now();
    const height = Math.ceil(document.body.getBoundingClientRect().height);
    tell("resize", { height: Math.min(Math.max(height, 80), 20_000) });
  }), Math.max(0, 100 - (performance.now() - measured)));
}

async function ask(path, options = {}) {
  const answer = await fetch(path, { cache: "no-store", credentials: "omit", ...options });
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw Object.assign(new Error(problem.message ?? `HTTP ${answer.status}`), { code: problem.code ?? "UNAVAILABLE", traceId: problem.traceId });
}

const bearer = () => ({ authorization: `Bearer ${session}` });

async function begin(token) {
  const isFirst = session === undefined;
  try {
    const answer = await ask("/embed/api/session", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ embed, token, origin: host }),
    });
    const granted = await answer.json();
    session = granted.session;
    clearTimeout(renewal);
    renewal = setTimeout(() => tell("token-needed", { reason: "expiring", in: EARLY_SECONDS }), Math.max(5, granted.expiresIn - EARLY_SECONDS) * 1000);
    if (isFirst || !notice.hidden) await show(route);
  } catch (error) {
    fail(error, () => tell("token-needed", { reason: "lost" }));
  }
}

const temporary = new Set(["UNAVAILABLE", "RATE_LIMITED", "SESSIONS_FULL"]);
let failures = 0;
let retry;

/** Says what is wrong, and tries again what time can mend. */
function fail(error, again) {
  clearTimeout(retry);
  if (error.code === "SESSION_EXPIRED") {
    say("Session expired, reconnecting…");
    tell("token-needed", { reason: "expired" });
    return;
  }
  const isLost = error.code === undefined;
  if (!isLost) tell("error", { code: error.code, traceId: error.traceId });
  if (isLost || temporary.has(error.code)) {
    say(isLost ? "Drydock cannot be reached, reconnecting…" : `${error.message}; trying again…`);
    failures += 1;
    retry = setTimeout(again, Math.min(30_000, 1000 * 2 ** failures));
    return;
  }
  say(`${error.message} (${error.code}${error.traceId ? `, ${error.traceId}` : ""})`);
}

/** Shows a place. The same place again keeps what was unfolded and scrolled to. */
async function show(wanted, byHand = false) {
  if (session === undefined) {
    route = wanted;
    return;
  }
  following.abort();
  following = new AbortController();
  const { signal } = following;
  try {
    const query = new URLSearchParams({ route: wanted, ...(status && { status }) });
    const answer = await ask(`/embed/api/view?${query}`, { headers: bearer(), signal });
    const shown = await answer.json();
    const isSame = shown.route === route && main.childElementCount > 0;
    route = shown.route;
    put(shown.html, isSame);
    document.title = shown.title;
    failures = 0;
    say("");
    if (!isSame && byHand) main.querySelector("h1")?.focus();
    tell("navigated", { route });
    tell("title", { title: shown.title });
    void follow(signal);
  } catch (error) {
    if (!signal.aborted) fail(error, () => void show(wanted));
  }
}

function put(html, isSame) {
  const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
  const open = new Map([...main.querySelectorAll("details[data-key]")].map((it) => [it.dataset.key, it.open]));
  const [x, y] = [scrollX, scrollY];
  main.replaceChildren(...parsed.body.childNodes);
  main.querySelector("h1")?.setAttribute("tabindex", "-1");
  if (!isSame) return;
  for (const it of main.querySelectorAll("details[data-key]")) it.open = open.get(it.dataset.key) ?? it.open;
  scrollTo(x, y);
}

main.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-route]");
  if (!link) return;
  event.preventDefault();
  void show(link.dataset.route, true);
});

/** Follows what changes at this place, for as long as it is shown. */
async function follow(signal) {
  const log = main.querySelector("[data-log]");
  const isList = route === "/";
  if (!log && !isList) return;
  try {
    const query = new URLSearchParams({ route, offset: log?.dataset.offset ?? "0" });
    const answer = await ask(`/embed/api/events?${query}`, { headers: bearer(), signal });
    failures = 0;
    for await (const { name, data } of events(answer.body)) {
      if (name === "end") {
        // A run that has ended is shown anew, with its result; a list has nothing more to tell.
        if (log) await show(route);
        return;
      }
      if (name === "log") append(log, JSON.parse(data));
      if (name === "changed") {
        tell("event", { kind: "changed" });
        await show(route);
        return;
      }
    }
    throw new Error("the stream ended early");
  } catch (error) {
    if (!signal.aborted) fail(error, () => void show(route));
  }
}

/** Server-sent events out of a body. */
async function* events(body) {
  let rest = "";
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const parts = (rest + value).split("\n\n");
    rest = parts.pop();
    for (const part of parts) {
      const field = (name) => part.split("\n").filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2)).join("\n");
      if (field("event")) yield { name: field("event"), data: field("data") };
    }
  }
}

/** Adds lines as text, without the colours of a terminal; the newest stay. */
function append(log, { offset, text: added }) {
  const atEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 4;
  log.append(added.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, ""));
  log.dataset.offset = String(offset + new TextEncoder().encode(added).length);
  const lines = log.textContent.split("\n");
  if (lines.length > LINES + 200) log.textContent = lines.slice(-LINES).join("\n");
  if (atEnd) log.scrollTop = log.scrollHeight;
  tell("event", { kind: "log" });
}

addEventListener("offline", () => session !== undefined && say("Offline; this is what was shown last."));
addEventListener("online", () => {
  clearTimeout(retry);
  if (session !== undefined) void show(route);
  else tell("token-needed", { reason: "lost" });
});

if (parent === window) {
  say("This address is for a frame in another site's page.");
} else {
  greet();
}
