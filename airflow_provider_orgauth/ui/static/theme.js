// Airflow's theme, or the system's.

export function follow() {
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
