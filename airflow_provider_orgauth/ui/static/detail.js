// The page of one connection: its card, and the life of its last tokens.

import { newCard, who } from "./card.js";
import { HOUR_COLUMNS, cellsOfHours } from "./counts.js";
import { timeline } from "./plots.js";
import { ago, clock, element, fill, lasts } from "./text.js";

const line = (cells) => element("tr", {}, ...cells.map((text) => element("td", {}, text)));

// Fill section with one connection; shown is what it returned the last time.
export function showDetail(section, shown, row, now, on) {
  let detail = shown;
  if (detail?.id !== row.connection_id) {
    const card = newCard(row.connection_id, false, now, on);
    const scrolled = (label) => ({ class: "scroll", tabindex: "0", role: "region", "aria-label": label });
    const life = element("div", scrolled("Timeline of the last tokens"));
    const rows = element("tbody");
    const hours = element("tbody");
    const table = (says, head, body) => {
      const names = head.map((name) => element("th", { scope: "col" }, name));
      return element("div", scrolled(says), element("table", {}, element("thead", {}, element("tr", {}, ...names)), body));
    };
    const noHours = element("p", { class: "quiet" }, "None were counted in 24 h.");
    detail = { id: row.connection_id, card, life, rows, hours, noHours, shared: element("p", { class: "quiet" }) };
    section.replaceChildren(
      card.root,
      detail.shared,
      element("h3", {}, "The last tokens"),
      life,
      table("Table of the last tokens", ["Issued", "Lived", "Brought by", "Refresh token", "Renewed by"], rows),
      element("h3", {}, "Requests by the hour, about"),
      noHours,
      table("Table of the requests by the hour", HOUR_COLUMNS, hours),
    );
  }
  detail.card.show(row, on.testsAreEnabled());
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
      return line(cells);
    }),
  );
  const hours = cellsOfHours(row);
  detail.hours.parentElement.hidden = hours.length === 0;
  detail.noHours.hidden = hours.length > 0;
  detail.hours.replaceChildren(
    ...hours.map(([from, ...counts]) => {
      const shown = line(counts);
      shown.prepend(element("th", { scope: "row" }, from));
      return shown;
    }),
  );
  return detail;
}
