// Copying, links out of Airflow's frame, forms that need no button, and pages of runs that are under way.
(() => {
  const framed = window.parent !== window;

  async function copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Without TLS there is no clipboard; the old way still works.
      const area = document.createElement("textarea");
      area.value = text;
      area.className = "unseen";
      document.body.append(area);
      area.select();
      const done = document.execCommand("copy");
      area.remove();
      return done;
    }
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const said = (await copy(button.dataset.copy)) ? "copied" : "press Ctrl+C";
    const before = button.textContent;
    button.textContent = said;
    button.setAttribute("aria-live", "polite");
    setTimeout(() => (button.textContent = before), 1500);
  });

  // Airflow's frame lets no link of ours navigate the page around it or open a window. That page is of the same origin, so the
  // link is followed there.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[target]");
    if (!framed || !link || event.defaultPrevented) return;
    let around;
    try {
      around = window.parent.document;
    } catch {
      return;
    }
    event.preventDefault();
    const twin = around.createElement("a");
    twin.href = link.href;
    twin.rel = "noopener noreferrer";
    if (link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) twin.target = "_blank";
    around.body.append(twin);
    twin.click();
    twin.remove();
  });

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.hasAttribute("data-eager") && event.target.matches("select, input[type=checkbox]")) form.requestSubmit();
  });

  // Empty fields stay out of the address, so that it can be handed on.
  document.addEventListener("submit", (event) => {
    for (const field of event.target.elements) if (field.name && field.value === "") field.disabled = true;
  });
  window.addEventListener("pageshow", () => {
    for (const field of document.querySelectorAll("form [disabled]")) field.disabled = false;
  });

  // Puts the content of another state of this page in its place, without moving what is being read.
  async function replaceContent(address) {
    const answer = await fetch(address, { headers: { "X-Refresh": "1" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const opened = [...document.querySelectorAll("main details[open][id]")].map((one) => one.id);
    document.querySelector("main").replaceWith(page.querySelector("main"));
    for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
    document.dispatchEvent(new Event("contentchange"));
  }

  // A run that is under way is looked at again every few seconds.
  async function refresh() {
    const live = document.querySelector("[data-live]");
    if (!live) return;
    try {
      if (!document.hidden) await replaceContent(location.href);
    } catch {
      // The server is away for a moment; the next look will tell.
    }
    setTimeout(refresh, Number(live.dataset.live) * 1000);
  }
  const live = document.querySelector("[data-live]");
  if (live) setTimeout(refresh, Number(live.dataset.live) * 1000);

  // What takes longer comes after what is asked for; where it does not, its links stay.
  const more = document.querySelector("[data-then]");
  if (more) replaceContent(more.dataset.then).catch(() => {});
})();
