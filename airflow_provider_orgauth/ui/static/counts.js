// How many requests were sent, by the hour: as plots, as a table, and what was throttled.

import { hours } from "./plots.js";
import { element, hourName, number, sum } from "./text.js";

export const HOUR_COLUMNS = ["From", "Token requests", "Failed", "API requests", "Answered 429", "Waited"];

// Two plots, each with the same in words below.
export function countsOf(row) {
  const { token_requests: tokens, api_requests: calls } = row;
  const shown = (all, some, name, what, which) => {
    if (sum(all) === 0) return [element("p", { class: "quiet" }, `no ${what} in 24 h`)];
    const part = sum(some) > 0 ? `, ${number(sum(some))} ${which}` : "";
    const says = `about ${number(sum(all))} ${what} in 24 h${part}`;
    return [hours(all, some, name, `By the hour: ${says}`), element("p", { class: "quiet" }, says)];
  };
  return [
    ...shown(tokens.all, tokens.failed, "failed", "token requests", "failed"),
    ...shown(calls.all, calls.too_many, "too-many", "API requests", "answered 429"),
  ];
}

// How often the limit, or the server, made requests wait in this hour and the one before; empty for never.
export function throttled(row) {
  const { all, too_many: tooMany, waits } = row.api_requests;
  const lately = (counts) => sum(counts.slice(-2));
  if (lately(tooMany) + lately(waits) === 0) return "";
  const since = hourName(row.first_hour + (all.length - 2) * 3600);
  return `since ${since} about ${number(lately(waits))} waited, ${number(lately(tooMany))} were answered 429`;
}

// The newest hour first; those in which nothing was sent are left out.
export function cellsOfHours(row) {
  const { token_requests: tokens, api_requests: calls } = row;
  const columns = [tokens.all, tokens.failed, calls.all, calls.too_many, calls.waits];
  const lines = tokens.all.map((_, hour) => [row.first_hour + hour * 3600, columns.map((counts) => counts[hour])]);
  const some = lines.filter(([, counts]) => sum(counts) > 0).reverse();
  return some.map(([from, counts]) => [hourName(from), ...counts.map(number)]);
}
