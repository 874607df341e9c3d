// Requests to the API server, and what its refusals mean.

export class Refused extends Error {
  constructor(status, says) {
    super(says);
    this.status = status;
  }
}

// Each part of an id is encoded, its slashes are not: they are part of the path. A browser would take "test/../forget/x"
// for "forget/x", however the dots are written.
export function inPath(id) {
  const parts = id.split("/");
  if (parts.some((part) => part === "." || part === "..")) throw new Refused(0, "No page can be asked for a connection of that name.");
  return parts.map(encodeURIComponent).join("/");
}

export async function call(path, options = {}) {
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
