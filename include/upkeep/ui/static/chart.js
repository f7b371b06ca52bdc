// Drawings of reports: the place under the pointer, or chosen by arrow keys, is lit, and its values are said below the drawing.
(() => {
  function live(chart) {
    const places = [...chart.querySelectorAll(".place")];
    if (!places.length || chart.dataset.live) return;
    chart.dataset.live = "yes";
    const said = document.createElement("output");
    said.className = "said";
    said.textContent = "Point at the drawing, or choose it and use the arrow keys, for its values.";
    chart.after(said);
    let at = -1;

    function choose(next) {
      places[at]?.classList.remove("on");
      at = Math.max(0, Math.min(places.length - 1, next));
      places[at].classList.add("on");
      said.textContent = places[at].querySelector("title").textContent;
    }

    const steps = { ArrowLeft: () => at - 1, ArrowRight: () => at + 1, Home: () => 0, End: () => places.length - 1 };
    chart.setAttribute("tabindex", "0");
    chart.addEventListener("focus", () => at < 0 && choose(places.length - 1));
    chart.addEventListener("keydown", (event) => {
      const step = steps[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      choose(step());
    });
    places.forEach((place, number) => place.addEventListener("pointerenter", () => choose(number)));
  }

  const start = () => document.querySelectorAll("svg.chart").forEach(live);
  start();
  document.addEventListener("contentchange", start);
})();
