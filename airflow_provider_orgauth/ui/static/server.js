// Requests to the API server, and what its refusals mean.

// Each part of an id is encoded, its slashes are not: they are part of the path.
export const inPath = (id) => id.split("/").map(encodeURIComponent).join("/");

export class Refused extends Error {
  constructor(status, says) {
    super(says);
    this.status = status;
  }
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
