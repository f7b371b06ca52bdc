// Light or dark, as the Airflow page around us is; alone in a window, as Airflow was last set, else as the system is.
// Loaded before anything is drawn, so that no page flashes.
(() => {
  const around = (() => {
    try {
      return window.parent !== window ? window.parent.document.documentElement : null;
    } catch {
      return null;
    }
  })();
  const system = window.matchMedia("(prefers-color-scheme: dark)");

  const dark = () => {
    if (around?.classList.contains("dark")) return true;
    if (around?.classList.contains("light")) return false;
    const chosen = localStorage.getItem("theme");
    return chosen === "dark" || (chosen !== "light" && system.matches);
  };

  const apply = () => {
    const theme = dark() ? "dark" : "light";
    if (document.documentElement.dataset.theme === theme) return;
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new Event("themechange"));
  };

  apply();
  system.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  if (around) new MutationObserver(apply).observe(around, { attributes: true, attributeFilter: ["class"] });
})();
