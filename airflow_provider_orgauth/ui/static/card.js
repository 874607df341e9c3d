// What is shown of one connection.

import { countsOf, throttled } from "./counts.js";
import { bar } from "./plots.js";
import { ago, clock, element, fill, lasts, number } from "./text.js";

export const LABELS = { test: "Test", renew: "Renew now", forget: "Forget" };

const FACTS = [
  ["server", "Server"],
  ["until", "Valid until"],
  ["age", "Age"],
  ["grant", "Brought by"],
  ["refresh", "Refresh token"],
  ["who", "Renewed by"],
  ["cache", "Shared through"],
  ["pace", "Pace"],
  ["throttled", "Throttled"],
];

export function who(actor) {
  if (!actor) return "nobody yet";
  const parts = [];
  if (actor.user) parts.push(`user ${actor.user}`);
  if (actor.dag_id) parts.push(`${actor.dag_id} / ${actor.task_id}`);
  parts.push(`on ${actor.host}`);
  if (!actor.user && !actor.dag_id) parts.push("(outside of a task, or in a DAG that you may not see)");
  return parts.join(" ");
}

// on.act(action, id, button) is called for a button, on.isBusy(action, id) asked; now() is the server's time.
export function newCard(id, isLinked, now, on) {
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
    button.addEventListener("click", () => on.act(action, id, button));
    part[`do-${action}`] = button;
    buttons.append(button);
  }
  const root = element(
    "article",
    { class: "connection" },
    element("div", {}, title, make("standing", "span", { class: "standing" }), make("says", "p", { class: "quiet" })),
    make("token", "div"),
    element("div", { class: "about" }, make("counts", "div"), facts(["server", "cache", "pace", "throttled"])),
    buttons,
    make("failure", "p", { class: "failure whole" }),
  );
  make("life", "div", { class: "life-box" });
  part.token.append(part.life, facts(["until", "age", "grant", "refresh", "who"]));
  const card = { root, row: null };
  card.show = (row, testsAreEnabled) => {
    card.row = row;
    root.dataset.standing = part.standing.dataset.standing = row.standing;
    fill(part.standing, row.standing);
    fill(part.says, row.says);
    fill(part.server, row.server ?? "not known here");
    fill(part.cache, `${row.cache ?? "not known here"} (connection from the ${row.source})`);
    fill(part.pace, row.requests_per_minute ? `at most ${number(row.requests_per_minute)} requests a minute` : "no limit set");
    const says = throttled(row);
    part.throttled.parentElement.hidden = !says;
    fill(part.throttled, says);
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
    part.counts.hidden = row.standing === "not shared"; // and so nothing is counted
    part.counts.replaceChildren(...countsOf(row));
    limits(part, row, testsAreEnabled, on);
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

function limits(part, row, testsAreEnabled, on) {
  const reasons = {
    test: testsAreEnabled ? "" : "Testing connections is switched off in this Airflow: [core] test_connection.",
    renew: row.standing === "not shared" ? "No token is shared that could be renewed for all." : "",
    forget: row.standing === "not shared" ? "No token is shared that could be forgotten." : "",
  };
  for (const [action, reason] of Object.entries(reasons)) {
    const button = part[`do-${action}`];
    const isBusy = on.isBusy(action, row.connection_id);
    button.setAttribute("aria-disabled", String(reason !== "" || isBusy));
    button.title = reason;
    button.dataset.reason = reason;
  }
}
