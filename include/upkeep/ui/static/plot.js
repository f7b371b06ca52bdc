// Every <figure data-plot> holds its numbers as JSON: {unit, x: [seconds], series: [{label, values, tone, dash, joined}], band}.
// `marks` are moments, {at, label, tone}: a tick at the bottom where the tone is ok, else a line from top to bottom, dashed where it is high. `joined` draws over gaps; `band` are the places of two series, the upper one first, between which it is filled.
// `lead` is an address that a point's moment is put behind: a link below the plot leads there, and so do a click and Enter.
(() => {
  const DAY = 86400;
  const WHOLE = [...Array(15).keys()].flatMap((power) => [1, 2, 5].map((first) => first * 10 ** power));
  const drawn = new Map();
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function spelled(value, unit, digits = 1) {
    if (value === null || value === undefined) return "–";
    // A share far below one in a hundred has as many digits as say something.
    if (unit === "1") return `${value && Math.abs(value) < 0.001 ? (value * 100).toPrecision(digits + 1) : (value * 100).toFixed(digits)} %`;
    if (unit === "bytes") {
      const names = ["B", "KiB", "MiB", "GiB", "TiB"];
      let step = 0;
      while (Math.abs(value) >= 1024 && step < names.length - 1) {
        value /= 1024;
        step += 1;
      }
      return `${value.toFixed(step ? digits : 0)} ${names[step]}`;
    }
    const text = Math.abs(value) >= 1000 || Number.isInteger(value) ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
    return unit === "count" || !unit ? text : `${text} ${unit}`;
  }

  const dayOf = (at) => new Date(at * 1000).toLocaleDateString("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

  // Days as people write them; with the year where the plot is not of this one alone.
  function days(x) {
    const years = new Set([new Date().getUTCFullYear(), ...x.map((at) => new Date(at * 1000).getUTCFullYear())]);
    const parts = { day: "numeric", month: "short", timeZone: "UTC", ...(years.size > 1 ? { year: "numeric" } : {}) };
    return (_, marks) => marks.map((mark) => new Date(mark * 1000).toLocaleDateString("en-GB", parts));
  }

  // Marks that would read the same get as many digits as tell them apart.
  function apart(marks, unit) {
    if (unit !== "bytes" && unit !== "1") return marks.map((mark) => spelled(mark, unit));
    for (const digits of [1, 2, 3]) {
      const said = marks.map((mark) => spelled(mark, unit, digits));
      if (new Set(said).size === said.length) return said;
    }
    return marks.map((mark) => spelled(mark, unit, 3));
  }

  function axis(data, short) {
    const unit = data.unit;
    const base = { stroke: style("--muted"), grid: { stroke: style("--line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
    const one = data.x.length === 1 ? { splits: () => [data.x[0]] } : {};
    if (short) return { ...base, ...one, size: 30, values: days(data.x), space: 80, incrs: [DAY, 2 * DAY, 7 * DAY, 14 * DAY, 30 * DAY, 61 * DAY, 91 * DAY, 182 * DAY, 365 * DAY] };
    const whole = unit === "count" ? { incrs: WHOLE } : {};
    return { ...base, ...whole, size: 62, space: 34, values: (_, marks) => apart(marks, unit) };
  }

  // From where to where a plot goes. No share of a whole is more than the whole.
  function heights(unit, low, high) {
    if (low === null) return [0, 1];
    const least = Math.abs(low) / 20 || 1e-9;
    const most = Math.max(high, low + least);
    if (unit === "1" && high <= 1 && most > 1) return [high - least, 1];
    const range = uPlot.rangeNum(low > 0.6 * high ? low : Math.min(low, 0), most, 0.1, true);
    return unit === "1" && high <= 1 ? [range[0], Math.min(range[1], 1)] : range;
  }

  function marked(data) {
    return (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      for (const mark of data.marks) {
        const x = Math.round(plot.valToPos(mark.at, "x", true));
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.strokeStyle = style(`--${mark.tone}`);
        ctx.globalAlpha = 0.7;
        ctx.lineWidth = devicePixelRatio;
        ctx.setLineDash(mark.tone === "high" ? [2 * devicePixelRatio, 3 * devicePixelRatio] : []);
        ctx.beginPath();
        ctx.moveTo(x, mark.tone === "ok" ? bbox.top + 0.93 * bbox.height : bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.restore();
    };
  }

  // What was only drawn ahead, in dashes, has no rows yet.
  const measured = (data, at) => !data.series.some((one) => one.dash) || data.series.some((one) => !one.dash && one.values[at] !== null);

  function lead(figure, data, at) {
    if (at === null || at === undefined) return;
    const link = figure.querySelector("a.lead");
    const there = measured(data, at);
    link.classList.toggle("none", !there);
    link.textContent = there ? `${dayOf(data.x[at])}: its rows →` : "Expected: nothing is stored of it yet.";
    if (there) link.href = data.lead + encodeURIComponent(new Date(data.x[at] * 1000).toISOString());
    else link.removeAttribute("href");
  }

  function options(figure, data) {
    return {
      hooks: { ...(data.marks?.length ? { draw: [marked(data)] } : {}), ...(data.lead ? { setCursor: [(plot) => lead(figure, data, plot.cursor.idx)] } : {}) },
      width: figure.clientWidth,
      height: Number(figure.dataset.height || 170),
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
      cursor: { points: { size: 6 }, y: false, drag: { x: true, y: false } },
      legend: { live: true },
      padding: [null, 22, null, null],
      scales: { x: data.x.length === 1 ? { range: () => [data.x[0] - DAY, data.x[0] + DAY] } : {}, y: { range: (_, low, high) => heights(data.unit, low, high) } },
      bands: data.band ? [{ series: data.band.map((place) => place + 1), fill: style("--series-1-soft") }] : [],
      axes: [axis(data, true), axis(data, false)],
      series: [
        { label: "day", value: (_, at) => (at ? dayOf(at) : "–") },
        ...data.series.map((one, place) => ({
          label: one.label,
          stroke: style(`--${one.tone || `series-${(place % 8) + 1}`}`),
          width: 1.6,
          dash: one.dash ? [4, 3] : undefined,
          fill: one.fill ? style(`--${one.tone}-soft`) : undefined,
          points: { show: data.x.length < 15, size: 5 },
          spanGaps: Boolean(one.joined),
          value: (_, value) => spelled(value, data.unit),
        })),
      ],
    };
  }

  // Arrow keys lead from point to point, as the pointer does: the legend says the values.
  function keys(figure) {
    figure.tabIndex = 0;
    figure.onkeydown = (event) => {
      const plot = drawn.get(figure);
      if (event.key === "Enter" && event.target === figure) return follow(figure);
      const last = plot.data[0].length - 1;
      const now = plot.cursor.idx ?? last + 1;
      const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: last }[event.key];
      if (next === undefined || last < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      const at = plot.data[0][Math.max(0, Math.min(last, next))];
      plot.setCursor({ left: plot.valToPos(at, "x"), top: plot.over.clientHeight / 2 });
    };
  }

  const follow = (figure) => figure.querySelector("a.lead[href]")?.click();

  // A press that moves chooses a span to look at more closely, one that stays follows its point: the one under it, since the
  // legend is only told with the next frame. Before the plot hears of it: at its edges it takes any press for one that moved.
  function presses(figure) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    if (!data.lead) return;
    let from;
    figure.addEventListener("pointerdown", (event) => (from = event.clientX), true);
    const pressed = (event) => {
      if (!event.target.matches(".u-over") || Math.abs(event.clientX - from) >= 4) return;
      lead(figure, data, drawn.get(figure).posToIdx(event.clientX - event.target.getBoundingClientRect().left));
      follow(figure);
    };
    figure.addEventListener("click", pressed, true);
  }

  function draw(figure) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    drawn.get(figure)?.destroy();
    drawn.set(figure, new uPlot(options(figure, data), [data.x, ...data.series.map((one) => one.values)], figure.querySelector("div")));
  }

  const all = () => document.querySelectorAll("figure[data-plot]");
  const watch = new ResizeObserver((entries) => {
    for (const { target } of entries) drawn.get(target)?.setSize({ width: target.clientWidth, height: Number(target.dataset.height || 170) });
  });
  const start = () =>
    all().forEach((figure) => {
      draw(figure);
      keys(figure);
      presses(figure);
      watch.observe(figure);
    });

  start();
  document.addEventListener("themechange", () => all().forEach(draw));
  document.addEventListener("contentchange", start);
})();
