// Small plots in SVG. Each says in words what it shows, for those who do not see it.

import { clock, lasts } from "./text.js";

function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function titled(root, says) {
  root.setAttribute("role", "img");
  root.setAttribute("aria-label", says);
  return root;
}

export function bar(place, share) {
  // What is left of a token's life. The same element each second: only its width changes.
  let root = place.firstElementChild;
  if (root === null) {
    root = svg("svg", { class: "life", viewBox: "0 0 200 8", width: "100%", height: "8", preserveAspectRatio: "none" });
    root.append(svg("rect", { width: "200", height: "8", rx: "2" }), svg("rect", { class: "left", height: "8", rx: "2" }));
    place.append(root);
  }
  root.lastElementChild.setAttribute("width", String(Math.round(share * 200)));
  titled(root, `${Math.round(share * 100)} % of its life is left`);
}

// A bar for each hour. Those of some, which are a part of all, are drawn over it, in the colour of the class.
export function hours(all, some, name, says) {
  const most = Math.max(1, ...all);
  const root = svg("svg", { class: "hours", viewBox: "0 0 192 36", width: "192", height: "36" });
  all.forEach((count, hour) => {
    const tall = (value) => (value ? Math.max(3, Math.round((value / most) * 32)) : 0);
    const draw = (part, value) =>
      root.append(svg("rect", { class: part, x: String(hour * 8), y: String(34 - tall(value)), width: "6", height: String(tall(value)) }));
    root.append(svg("rect", { class: "floor", x: String(hour * 8), y: "34", width: "6", height: "1" }));
    draw("all", count);
    draw(name, Math.min(count, some[hour]));
  });
  return titled(root, says);
}

export function timeline(renewals, failure, now) {
  const WIDE = 720;
  const root = svg("svg", { class: "timeline", viewBox: `0 0 ${WIDE} 64`, width: String(WIDE), height: "64" });
  if (renewals.length === 0) return titled(root, "No tokens yet");
  const from = renewals[renewals.length - 1].issued_at;
  const to = Math.max(now, renewals[0].issued_at + renewals[0].lifetime);
  const x = (at) => ((Math.min(Math.max(at, from), to) - from) / Math.max(1, to - from)) * (WIDE - 2);
  renewals.forEach((renewal, place) => {
    const next = place > 0 ? renewals[place - 1].issued_at : Infinity;
    const end = Math.min(renewal.issued_at + renewal.lifetime, next);
    const name = renewal.grant === "refresh_token" ? "token refresh" : "token";
    const wide = Math.max(2, x(end) - x(renewal.issued_at) - 1);
    const says = `${renewal.grant}, ${clock(renewal.issued_at)} to ${clock(end)}`;
    const box = { class: name, x: String(x(renewal.issued_at)), y: "18", width: String(wide), height: "18", rx: "2" };
    root.append(svg("rect", box, svg("title", {}, says)));
  });
  if (failure && failure.at >= from) {
    const says = `failed, ${clock(failure.at)}`;
    root.append(svg("rect", { class: "failed", x: String(x(failure.at)), y: "12", width: "3", height: "30" }, svg("title", {}, says)));
  }
  root.append(svg("rect", { class: "now", x: String(x(now)), y: "8", width: "2", height: "38" }));
  root.append(svg("text", { x: "0", y: "60" }, clock(from)), svg("text", { x: String(WIDE), y: "60", "text-anchor": "end" }, clock(to)));
  root.append(svg("text", { x: String(Math.max(20, Math.min(WIDE - 20, x(now)))), y: "8", "text-anchor": "middle" }, "now"));
  return titled(root, `${renewals.length} tokens in ${lasts(to - from)}, the last until ${clock(renewals[0].issued_at + renewals[0].lifetime)}`);
}
