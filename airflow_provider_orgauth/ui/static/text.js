// Elements, and times as words.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function fill(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export function clock(seconds) {
  const date = new Date(seconds * 1000);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? date.toLocaleTimeString() : date.toLocaleString();
}

export function hourName(seconds) {
  const date = new Date(seconds * 1000);
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString([], { ...(isToday ? {} : { weekday: "short" }), hour: "2-digit", minute: "2-digit" });
}

export const number = (count) => count.toLocaleString();

export const sum = (counts) => counts.reduce((all, count) => all + count, 0);

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

export function lasts(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const first = UNITS.findIndex(([size]) => whole >= size);
  if (first < 0) return "0 s";
  const [size, unit] = UNITS[first];
  const [lesser, lesserUnit] = UNITS[first + 1] ?? [0, ""];
  const rest = lesser ? Math.floor((whole % size) / lesser) : 0;
  return `${Math.floor(whole / size)} ${unit}${rest ? ` ${rest} ${lesserUnit}` : ""}`;
}

export const ago = (seconds) => `${lasts(seconds)} ago`;
