// The buttons: ask where it matters, do it, say what came of it.

import { LABELS } from "./card.js";
import { Refused, call, inPath } from "./server.js";
import { fill } from "./text.js";

const by = (id) => document.getElementById(id);
const busy = new Set();

export const isBusy = (action, id) => busy.has(`${action} ${id}`);

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
    const closed = () => {
      if (dialog.open) return; // the event of the question before, which comes late: this one is still asked
      dialog.removeEventListener("close", closed);
      answer(dialog.returnValue === "yes");
    };
    dialog.addEventListener("close", closed);
  });
}

function say(done, title, text) {
  by("said").hidden = false;
  by("said").dataset.done = String(done);
  fill(by("said-title"), title);
  fill(by("said-text"), text);
}

// The buttons of all cards. then() is called when an action is over.
export async function act(action, id, button, then) {
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
    await then();
  }
}

by("said-close").addEventListener("click", () => {
  by("said").hidden = true;
  by("heading").focus();
});
by("ask-no").addEventListener("click", () => by("ask").close("no"));
by("ask-yes").addEventListener("click", () => by("ask").close("yes"));
