// The page of the tokens. What a server or a person has written goes into text nodes only.

import { act, isBusy } from "./actions.js";
import { newCard } from "./card.js";
import { showDetail } from "./detail.js";
import { Refused, call, inPath } from "./server.js";
import { clock, element, fill } from "./text.js";
import { follow } from "./theme.js";

const REFRESH_SECONDS = 15;
const by = (id) => document.getElementById(id);
const cards = new Map(); // of the list, by connection id: kept, so that a refresh moves no focus and flickers nowhere
let skew = 0; // seconds that the server's clock is ahead of this one
let latest = null; // the last answer
let testsAreEnabled = true;
let detail = null; // of one connection, kept as the cards are

const now = () => Date.now() / 1000 + skew;
const shownId = () => {
  const found = /^#connection=(.*)$/.exec(location.hash);
  try {
    return found ? decodeURIComponent(found[1]) : null;
  } catch {
    return null;
  }
};
const on = {
  act: (action, id, button) => act(action, id, button, refresh),
  isBusy,
  testsAreEnabled: () => testsAreEnabled,
};

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
    if (id === null) {
      showList(answer.connections);
    } else {
      by("list").hidden = true;
      by("detail").hidden = false;
      detail = showDetail(by("detail"), detail, answer.connection, now, on);
    }
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
      card = newCard(row.connection_id, true, now, on);
      cards.set(row.connection_id, card);
    }
    card.show(row, testsAreEnabled);
    const place = before === null ? list.firstChild : before.nextSibling;
    if (place !== card.root) list.insertBefore(card.root, place);
    before = card.root;
  }
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

by("refresh").addEventListener("click", refresh);
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
