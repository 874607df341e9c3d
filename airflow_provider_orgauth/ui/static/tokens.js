// The page of the tokens. What a server or a person has written goes into text nodes only.

import { bar, hours, timeline } from "./plots.js";
import { ago, clock, element, fill, lasts } from "./text.js";

const REFRESH_SECONDS = 15;
const by = (id) => document.getElementById(id);
const cards = new Map(); // of the list, by connection id: kept, so that a refresh moves no focus and flickers nowhere
let skew = 0; // seconds that the server's clock is ahead of this one
let latest = null; // the last answer
let testsAreEnabled = true;
const busy = new Set();

const now = () => Date.now() / 1000 + skew;
const shownId = () => {
  const found = /^#connection=(.*)$/.exec(location.hash);
  try {
    return found ? decodeURIComponent(found[1]) : null;
  } catch {
    return null;
  }
};
// Each part of an id is encoded, its slashes are not: they are part of the path.
const inPath = (id) => id.split("/").map(encodeURIComponent).join("/");

class Refused extends Error {
  constructor(status, says) {
    super(says);
    this.status = status;
  }
}

async function call(path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", cache: "no-store", ...options });
  } catch {
    throw new Refused(0, "Airflow's API server does not answer. This page tries again by itself.");
  }
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, typeof body.detail === "string" ? body.detail : "");
  return body;
}

const NOTICES = {
  401: ["You are not logged in.", "Reload Airflow's page and log in again."],
  403: ["You may not see connections.", "Ask your Airflow administrator for the right to read connections."],
  404: ["There is no such connection.", "It may have been deleted. Go back to all connections."],
};

function notice(error) {
  by("notice").hidden = error === null;
  if (error === null) return;
  const [title, says] = NOTICES[error.status] ?? ["The page could not be filled.", error.message || "Try again."];
  fill(by("notice-title"), title);
  fill(by("notice-text"), says);
}

async function refresh() {
  const id = shownId();
  try {
    const answer = await call(id === null ? "api/connections" : `api/connections/${inPath(id)}`);
    if (id !== shownId()) return; // another page was opened meanwhile
    skew = answer.now - Date.now() / 1000;
    latest = answer;
    testsAreEnabled = answer.tests_are_enabled;
    notice(null);
    if (id === null) showList(answer.connections);
    else showDetail(answer.connection);
    fill(by("fresh-text"), `As of ${clock(answer.now)}.`);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (id !== shownId()) return;
    notice(error);
    fill(by("fresh-text"), latest === null ? "" : `As of ${clock(latest.now)}: what you see may be old.`);
    if ([401, 403, 404].includes(error.status)) {
      latest = null;
      by("list").hidden = by("detail").hidden = true;
    }
  }
}

function showList(rows) {
  const list = by("list");
  by("detail").hidden = true;
  list.hidden = false;
  const ids = new Set(rows.map((row) => row.connection_id));
  for (const [id, card] of cards) {
    if (!ids.has(id)) {
      card.root.remove();
      cards.delete(id);
    }
  }
  list.querySelector(".empty")?.remove();
  if (rows.length === 0) {
    const says =
      "No connection of the type Organization API (OAuth2) is here that you may see. Make one in Admin > Connections. " +
      "One from a secrets backend appears when it has had its first token.";
    list.append(element("p", { class: "empty" }, says));
  }
  let before = null;
  for (const row of rows) {
    let card = cards.get(row.connection_id);
    if (card === undefined) {
      card = newCard(row.connection_id, true);
      cards.set(row.connection_id, card);
    }
    card.show(row);
    const place = before === null ? list.firstChild : before.nextSibling;
    if (place !== card.root) list.insertBefore(card.root, place);
    before = card.root;
  }
}

const FACTS = [
  ["server", "Server"],
  ["until", "Valid until"],
  ["age", "Age"],
  ["grant", "Brought by"],
  ["refresh", "Refresh token"],
  ["who", "Renewed by"],
  ["cache", "Shared through"],
  ["pace", "Pace"],
];

function who(actor) {
  if (!actor) return "nobody yet";
  const parts = [];
  if (actor.user) parts.push(`user ${actor.user}`);
  if (actor.dag_id) parts.push(`${actor.dag_id} / ${actor.task_id}`);
  parts.push(`on ${actor.host}`);
  if (!actor.user && !actor.dag_id) parts.push("(outside of a task, or in a DAG that you may not see)");
  return parts.join(" ");
}

function newCard(id, isLinked) {
  const part = {};
  const make = (name, tag, attributes = {}) => (part[name] = element(tag, attributes));
  const title = element("h2");
  if (isLinked) title.append(element("a", { href: `#connection=${encodeURIComponent(id)}` }, id));
  else fill(title, "Now");
  const facts = (names) => {
    const list = element("dl", { class: "facts" });
    for (const [name, label] of FACTS.filter(([name]) => names.includes(name))) {
      list.append(element("div", {}, element("dt", {}, label), make(name, "dd")));
    }
    return list;
  };
  const buttons = element("div", { class: "buttons" });
  for (const action of ["test", "renew", "forget"]) {
    const button = element("button", { type: "button", "aria-label": `${LABELS[action]} ${id}` }, LABELS[action]);
    button.addEventListener("click", () => act(action, id, button));
    part[`do-${action}`] = button;
    buttons.append(button);
  }
  const root = element(
    "article",
    { class: "connection" },
    element("div", {}, title, make("standing", "span", { class: "standing" }), make("says", "p", { class: "quiet" })),
    make("token", "div"),
    element("div", { class: "about" }, make("hours", "div"), make("counted", "p", { class: "quiet" }), facts(["server", "cache", "pace"])),
    buttons,
    make("failure", "p", { class: "failure whole" }),
  );
  make("life", "div", { class: "life-box" });
  part.token.append(part.life, facts(["until", "age", "grant", "refresh", "who"]));
  const card = { root, row: null };
  card.show = (row) => {
    card.row = row;
    root.dataset.standing = part.standing.dataset.standing = row.standing;
    fill(part.standing, row.standing);
    fill(part.says, row.says);
    fill(part.server, row.server ?? "not known here");
    fill(part.cache, `${row.cache ?? "not known here"} (connection from the ${row.source})`);
    fill(part.pace, row.requests_per_minute ? `at most ${row.requests_per_minute} requests a minute` : "no limit set");
    part.token.hidden = !row.renewal; // what is not there needs no room
    if (row.renewal) {
      fill(part.grant, row.renewal.grant);
      fill(part.refresh, row.renewal.refresh_token_held ? "held by that host" : "none");
      fill(part.who, who(row.renewal.by));
    }
    const failure = row.failure;
    part.failure.hidden = !failure;
    if (failure) {
      const isOver = row.renewal && row.renewal.issued_at > failure.at;
      const when = `${isOver ? "Last error, over since" : "Error"} (${clock(failure.at)}, ${who(failure.by)}): `;
      fill(part.failure, `${when}${failure.message}`);
    }
    const total = row.token_requests.all.reduce((sum, count) => sum + count, 0);
    const failed = row.token_requests.failed.reduce((sum, count) => sum + count, 0);
    part.hours.replaceChildren(hours(row.token_requests, total, failed));
    fill(part.counted, `about ${total} token requests in 24 h, ${failed} failed`);
    limits(part, row);
    card.tick();
  };
  card.tick = () => {
    const renewal = card.row.renewal;
    if (!renewal) return;
    const until = renewal.issued_at + renewal.lifetime;
    const left = until - now();
    fill(part.until, `${clock(until)} (${left > 0 ? `in ${lasts(left)}` : ago(-left)})`);
    fill(part.age, lasts(now() - renewal.issued_at));
    bar(part.life, Math.max(0, Math.min(1, left / renewal.lifetime)));
  };
  return card;
}

function limits(part, row) {
  const reasons = {
    test: testsAreEnabled ? "" : "Testing connections is switched off in this Airflow: [core] test_connection.",
    renew: row.standing === "not shared" ? "No token is shared that could be renewed for all." : "",
    forget: row.standing === "not shared" ? "No token is shared that could be forgotten." : "",
  };
  for (const [action, reason] of Object.entries(reasons)) {
    const button = part[`do-${action}`];
    const isBusy = busy.has(`${action} ${row.connection_id}`);
    button.setAttribute("aria-disabled", String(reason !== "" || isBusy));
    button.title = reason;
    button.dataset.reason = reason;
  }
}

const LABELS = { test: "Test", renew: "Renew now", forget: "Forget" };
const QUESTIONS = {
  renew: [
    "Renew the token now?",
    "All tasks get the new token. On some servers the old one ends at once; tasks that use it are answered 401 and go on with the new one.",
  ],
  forget: [
    "Forget the token?",
    "The next task asks for a new one. Tasks that run keep the token that they hold, and the server is told nothing.",
  ],
};

function ask(action, id) {
  const [title, text] = QUESTIONS[action];
  fill(by("ask-title"), title);
  fill(by("ask-text"), `${id}: ${text}`);
  fill(by("ask-yes"), LABELS[action]);
  const dialog = by("ask");
  dialog.returnValue = "no";
  dialog.showModal();
  by("ask-no").focus();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}

function say(done, title, text) {
  by("said").hidden = false;
  by("said").dataset.done = String(done);
  fill(by("said-title"), title);
  fill(by("said-text"), text);
}

async function act(action, id, button) {
  const mark = `${action} ${id}`;
  if (busy.has(mark)) return;
  if (button.dataset.reason) {
    say(false, LABELS[action], button.dataset.reason);
    return;
  }
  if (action in QUESTIONS && !(await ask(action, id))) return;
  busy.add(mark);
  button.setAttribute("aria-disabled", "true");
  fill(by("fresh-text"), `${LABELS[action]} ${id} …`);
  try {
    const headers = { "Content-Type": "application/json", "X-Orgauth-Action": "1" };
    const answer = await call(`api/${action}/${inPath(id)}`, { method: "POST", headers, body: "{}" });
    say(answer.done, `${LABELS[action]} ${id}:`, answer.says);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const says = {
      401: "You are not logged in any more. Reload Airflow's page.",
      403: error.message === "Forbidden" ? "You lack the right for that on this connection." : error.message,
    };
    say(false, `${LABELS[action]} ${id}:`, says[error.status] ?? error.message);
  } finally {
    busy.delete(mark);
    await refresh();
  }
}

let detail = null;

function showDetail(row) {
  by("list").hidden = true;
  const section = by("detail");
  section.hidden = false;
  if (detail?.id !== row.connection_id) {
    const card = newCard(row.connection_id, false);
    const scrolled = (label) => ({ class: "scroll", tabindex: "0", role: "region", "aria-label": label });
    const life = element("div", scrolled("Timeline of the last tokens"));
    const rows = element("tbody");
    const head = ["Issued", "Lived", "Brought by", "Refresh token", "Renewed by"];
    const table = element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...head.map((name) => element("th", { scope: "col" }, name)))),
      rows,
    );
    detail = { id: row.connection_id, card, life, rows, shared: element("p", { class: "quiet" }) };
    section.replaceChildren(
      card.root,
      detail.shared,
      element("h3", {}, "The last tokens"),
      life,
      element("div", scrolled("Table of the last tokens"), table),
    );
  }
  detail.card.show(row);
  const others = row.shared_with.join(", ");
  fill(detail.shared, others ? `The same client, and so the same token: ${others}.` : "");
  detail.life.replaceChildren(timeline(row.renewals, row.failure, now()));
  detail.rows.replaceChildren(
    ...row.renewals.map((renewal, place) => {
      // A token lives until the next one comes, or until it runs out.
      const next = place > 0 ? row.renewals[place - 1].issued_at : now();
      const lived = Math.max(0, Math.min(renewal.lifetime, next - renewal.issued_at));
      const cells = [
        `${clock(renewal.issued_at)} (${ago(now() - renewal.issued_at)})`,
        `${lasts(lived)} of ${lasts(renewal.lifetime)}`,
        renewal.grant,
        renewal.refresh_token_held ? "with one" : "none",
        who(renewal.by),
      ];
      return element("tr", {}, ...cells.map((text) => element("td", {}, text)));
    }),
  );
}

function turn() {
  const id = shownId();
  by("back").hidden = id === null;
  fill(by("heading"), id === null ? "Organization API tokens" : id);
  by("heading").focus();
  latest = null;
  by("list").hidden = by("detail").hidden = true;
  fill(by("fresh-text"), "Loading …");
  return refresh();
}

function follow() {
  // Airflow's theme is a class of its own page, which this one is a frame of.
  let theirs = null;
  try {
    theirs = window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    theirs = null;
  }
  const system = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const isDark = theirs?.classList.contains("dark") || (!theirs?.classList.contains("light") && system.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
  };
  if (theirs) new MutationObserver(set).observe(theirs, { attributes: true, attributeFilter: ["class"] });
  system.addEventListener("change", set);
  set();
}

by("refresh").addEventListener("click", refresh);
by("said-close").addEventListener("click", () => {
  by("said").hidden = true;
  by("heading").focus();
});
by("ask-no").addEventListener("click", () => by("ask").close("no"));
by("ask-yes").addEventListener("click", () => by("ask").close("yes"));
window.addEventListener("hashchange", turn);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(() => document.hidden || refresh(), REFRESH_SECONDS * 1000);
setInterval(() => {
  if (latest === null) return;
  if (shownId() === null) cards.forEach((card) => card.tick());
  else detail?.card.tick();
}, 1000);
follow();
turn();
