// The page of the exporter: runs, their curves, sources and metrics, as the documents under api/v1/ tell them.
// Texts come from logs and are set as text alone. A document in #snapshot takes the place of the exporter.
"use strict";

(() => {
  // ---------------------------------------------------------------------------------------------- elements

  const byId = (id) => document.getElementById(id);

  function fill(node, attributes, children) {
    for (const [name, value] of Object.entries(attributes || {})) {
      if (value === undefined || value === null || value === false) continue;
      if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
      else if (name === "text") node.textContent = value;
      else node.setAttribute(name, value === true ? "" : String(value));
    }
    node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
    return node;
  }

  const el = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
  const svg = (name, attributes, ...children) =>
    fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);

  /// Sets a text where it is another one.
  function say(node, text) {
    if (node.firstChild && node.firstChild === node.lastChild && node.firstChild.nodeType === 3) {
      if (node.firstChild.data !== text) node.firstChild.data = text;
    } else {
      node.textContent = text;
    }
  }

  function hint(node, text) {
    if ((node.getAttribute("title") || "") === (text || "")) return;
    if (text) node.setAttribute("title", text);
    else node.removeAttribute("title");
  }

  /// Makes what a node shows anew where its key is another one.
  function renew(node, key, make) {
    if (node.shown === key) return;
    node.shown = key;
    node.replaceChildren(...[make()].flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  }

  const read = (store, key) => {
    try { return window[store].getItem(key); } catch { return null; }
  };
  const write = (store, key, value) => {
    try { value === null ? window[store].removeItem(key) : window[store].setItem(key, value); } catch { /* not kept */ }
  };

  // ---------------------------------------------------------------------------------------------- texts

  const unprintable = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const short = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

  /// A text with every character that would show as nothing, or turn the text around, spelt out.
  const plain = (text) =>
    String(text).replace(unprintable, (one) => short[one] || "\\u{" + one.codePointAt(0).toString(16) + "}");

  /// A line of a console: without its colours, tabs kept.
  const line = (text) =>
    String(text).replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "").replace(/\t/g, "    ").replace(unprintable, (one) => plain(one));

  const isNumber = (value) => typeof value === "number" && Number.isFinite(value);
  const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
  const whole = (value) => grouped.format(value);

  /// With as many digits as tell values apart at a glance; the value itself is in a title where it matters.
  function number(value, digits = 4) {
    if (!isNumber(value)) return "NaN";
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e7) return whole(value);
    if (size >= 1e7 || size < 1e-4) {
      const [mantissa, exponent] = value.toExponential(digits - 1).split("e");
      return (mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa) + "e" + exponent.replace("+", "");
    }
    if (size >= 1000) return value.toLocaleString("en-US", { maximumSignificantDigits: Math.max(digits, Math.floor(Math.log10(size)) + 1) });
    return String(Number(value.toPrecision(digits)));
  }

  /// In the two largest units that it has.
  function duration(seconds) {
    if (!isNumber(seconds) || seconds > 1e10) return "–";
    if (seconds < 0) return "-" + duration(-seconds);
    if (seconds < 0.001) return seconds === 0 ? "0 s" : number(seconds * 1e6, 3) + " µs";
    if (seconds < 1) return number(seconds * 1000, 3) + " ms";
    if (seconds < 10) return number(seconds, 3) + " s";
    const all = Math.round(seconds);
    const parts = [[Math.floor(all / 86400), "d"], [Math.floor(all / 3600) % 24, "h"], [Math.floor(all / 60) % 60, "min"], [all % 60, "s"]];
    const first = parts.findIndex(([count]) => count > 0);
    return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => count + " " + unit).join(" ");
  }

  /// From ten minutes on without seconds.
  function ago(seconds) {
    if (seconds < 1) return "now";
    return duration(seconds < 600 ? Math.floor(seconds) : Math.floor(seconds / 60) * 60) + " ago";
  }

  function bytes(count, digits = 3) {
    if (!isNumber(count)) return "–";
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let place = 0;
    let left = Math.abs(count);
    while (left >= 1024 && place < 5) { left /= 1024; place += 1; }
    return (count < 0 ? "-" : "") + number(left, digits) + " " + units[place];
  }

  const percent = (share) => {
    const value = Math.min(Math.max(share, 0), 1) * 100;
    return (value < 10 && value > 0 ? Math.floor(value * 10) / 10 : Math.floor(value)) + " %";
  };

  const format = (options) => { const made = new Intl.DateTimeFormat(undefined, options); return (date) => made.format(date); };
  const clock = { hour: "2-digit", minute: "2-digit" };
  const day = { weekday: "short", day: "numeric", month: "short" };
  const clockText = format(clock);
  const exactText = format({ ...clock, second: "2-digit" });
  const dayText = format(day);
  const yearText = format({ ...day, year: "numeric" });
  const fullText = format({ ...day, year: "numeric", ...clock, second: "2-digit", timeZoneName: "short" });

  /// The clock time, with the day where it is another day than today.
  function moment(seconds, exact) {
    const date = new Date(seconds * 1000);
    if (Number.isNaN(date.getTime())) return "–";
    const time = (exact ? exactText : clockText)(date);
    const today = new Date(now() * 1000);
    if (date.toDateString() === today.toDateString()) return time;
    return (date.getFullYear() === today.getFullYear() ? dayText : yearText)(date) + ", " + time;
  }

  const dayAndTime = (seconds) => yearText(new Date(seconds * 1000)) + ", " + clockText(new Date(seconds * 1000));

  function full(seconds) {
    const date = new Date(seconds * 1000);
    return Number.isNaN(date.getTime()) ? "–" : fullText(date);
  }

  const plural = (count, one, many) => whole(count) + " " + (count === 1 ? one : many || one + "s");

  // ---------------------------------------------------------------------------------------------- runs in words

  const shapes = {
    running: ["M4 2.500L10 6L4 9.500Z", true],
    starting: ["M6 2.200A3.800 3.800 0 1 1 5.990 2.200M6 6V3.800M6 6H7.600", false],
    stalled: ["M3.600 2.500V9.500M8.400 2.500V9.500", false],
    finished: ["M2.300 6.400L5 9L9.800 3.200", false],
    failed: ["M3 3L9 9M9 3L3 9", false],
    killed: ["M4.200 1.500H7.800L10.500 4.200V7.800L7.800 10.500H4.200L1.500 7.800V4.200Z", true],
    vanished: ["M6 2.200A3.800 3.800 0 1 1 5.990 2.200", false],
  };
  /// Those first that need somebody.
  const urgency = ["failed", "killed", "stalled", "vanished", "running", "starting", "finished"];
  const needsSomebody = (run) => urgency.indexOf(run.state) < 4 || run.diverged === true;
  const rank = (run) => {
    const place = urgency.indexOf(run.state);
    return place < 0 ? urgency.length : place > 3 && run.diverged ? 3.5 : place;
  };
  const word = (state) => plain(state).replace(/^./, (one) => one.toUpperCase());

  function shape(state) {
    const [path, filled] = shapes[state] || ["M3 6H9", false];
    return svg("svg", { viewBox: "0 0 12 12", width: 12, height: 12, "aria-hidden": "true", class: "shape" + (filled ? " filled" : "") },
      svg("path", { d: path, "stroke-dasharray": state === "vanished" ? "1.6 1.4" : null }));
  }

  const badge = (state) =>
    el("span", { class: "badge", "data-state": Object.hasOwn(shapes, state) ? state : "other" }, shape(state), word(state));

  const labelsOf = (run) => Object.entries(run.labels || {});
  const nameOf = (run) => labelsOf(run).map(([, value]) => plain(value)).join(" ") || "the run";

  /// The values of its labels; from the second on with the label's name.
  function nameNodes(run) {
    const labels = labelsOf(run);
    if (labels.length === 0) return [el("bdi", { text: "the run" })];
    return labels.map(([name, value], place) =>
      place === 0
        ? el("bdi", { class: "value", title: plain(name), text: plain(value) || "(empty)" })
        : el("span", { class: "label" }, " ", el("span", { class: "key" }, plain(name) + " "), el("bdi", { text: plain(value) })));
  }

  /// Where it is: [unit, value, planned].
  function position(run) {
    const kinds = [["step", run.step, run.planned_steps], ["epoch", run.epoch, run.planned_epochs]].filter((kind) => isNumber(kind[1]));
    return kinds.find((kind) => isNumber(kind[2])) || kinds[0];
  }

  const paceOf = (run) =>
    isNumber(run.step_seconds) ? [run.step_seconds, "step"] : isNumber(run.epoch_seconds) ? [run.epoch_seconds, "epoch"] : null;

  const ended = (run) => ["finished", "failed", "killed", "vanished"].includes(run.state);
  const lossText = (run) => (run.diverged ? "NaN" : isNumber(run.loss) ? number(run.loss) : "–");

  function sparkline(values, width = 96, height = 24) {
    const finite = values.filter(isNumber);
    if (finite.length === 0) return null;
    const low = Math.min(...finite);
    const span = Math.max(...finite) - low || 1;
    const x = (place) => 2 + (values.length < 2 ? 0.5 : place / (values.length - 1)) * (width - 5);
    const y = (value) => height - 3 - ((value - low) / span) * (height - 6);
    let path = "";
    let pen = false;
    let last = null;
    const breaks = [];
    values.forEach((value, place) => {
      if (!isNumber(value)) { pen = false; breaks.push(x(place)); return; }
      path += (pen ? "L" : "M") + x(place).toFixed(1) + " " + y(value).toFixed(1);
      pen = true;
      last = [x(place), y(value)];
    });
    const text = "Loss from " + number(finite[0]) + " to " + number(finite[finite.length - 1]) +
      ", least " + number(low) + (breaks.length > 0 ? ", not finite in places" : "");
    return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "spark", role: "img", "aria-label": text },
      svg("title", { text }),
      svg("path", { d: path, class: "line" }),
      breaks.map((at) => svg("path", { d: `M${at.toFixed(1)} ${height - 1}v-4`, class: "break" })),
      svg("circle", { cx: last[0].toFixed(1), cy: last[1].toFixed(1), r: 1.8 }));
  }

  // ---------------------------------------------------------------------------------------------- the exporter

  const snapshot = byId("snapshot");
  const kept = snapshot ? JSON.parse(snapshot.textContent) : null;

  /// The exporter's time less this machine's.
  let offset = 0;
  const link = { failures: 0, heard: null, frozen: null, why: "", next: 0 };
  const now = () => (kept ? kept.time || (kept.runs && kept.runs.time) || 0 : link.frozen !== null ? link.frozen : Date.now() / 1000 + offset);

  class Refusal extends Error {
    constructor(status, text) {
      super(text);
      this.status = status;
    }
  }

  const answers = new Map();

  function fromSnapshot(address) {
    const [name, query] = address.split("?");
    const document = kept[name] || {};
    if (name === "runs") return { time: now(), total: (document.runs || []).length, runs: [], ...document };
    if (name !== "curves") return document;
    const wanted = new URLSearchParams(query);
    const runs = wanted.getAll("run");
    const fields = wanted.getAll("field");
    return {
      ...document,
      curves: (document.curves || []).filter((curve) =>
        runs.includes(curve.run) && (fields.length === 0 || fields.includes(curve.field))),
      left_out: (document.left_out || []).filter((one) => runs.includes(one.run)),
    };
  }

  /// A document of the API; the one that was given before, where it has not changed.
  async function ask(address) {
    const known = answers.get(address);
    if (kept) {
      if (!known) answers.set(address, { document: fromSnapshot(address) });
      return answers.get(address).document;
    }
    const abort = new AbortController();
    const patience = setTimeout(() => abort.abort(), 20000);
    try {
      const headers = known && known.tag ? { "If-None-Match": known.tag } : {};
      const answer = await fetch("api/v1/" + address, { headers, cache: "no-store", signal: abort.signal });
      if (answer.status === 304 && known) return known.document;
      if (!answer.ok) {
        const text = await answer.text();
        let sentence = text.slice(0, 300);
        try { sentence = JSON.parse(text).error || sentence; } catch { /* a text */ }
        throw new Refusal(answer.status, plain(sentence.trim()));
      }
      const document = await answer.json();
      if (isNumber(document.time)) offset = document.time - Date.now() / 1000;
      answers.set(address, { tag: answer.headers.get("ETag"), document });
      return document;
    } finally {
      clearTimeout(patience);
    }
  }

  function forget(start) {
    for (const address of answers.keys()) if (address.startsWith(start)) answers.delete(address);
  }

  const pageSize = 1000;
  const runsMost = 10000;
  const runsAt = (start) => `runs?limit=${pageSize}` + (start > 0 ? `&offset=${start}` : "");

  /// The runs as they were heard of last; null: not yet.
  function knownRuns() {
    const known = answers.get(runsAt(0));
    if (!known) return null;
    const total = known.document.total || 0;
    const runs = new Map((known.document.runs || []).map((run) => [run.id, run]));
    for (let start = pageSize; start < total && answers.has(runsAt(start)); start += pageSize) {
      for (const run of answers.get(runsAt(start)).document.runs || []) if (!runs.has(run.id)) runs.set(run.id, run);
    }
    return { runs: [...runs.values()], total: Math.max(total, runs.size) };
  }

  /// The first thousand runs as they are, with the others as they were when they were asked for last.
  async function askRuns() {
    await ask(runsAt(0));
    return knownRuns();
  }

  const further = { until: 0, total: 0, wait: null };

  /// Asks for the runs behind the first thousand: where there are others than before, else every half minute.
  ///
  /// `told` hears of each thousand that is new.
  function askFurther(told) {
    const { total } = knownRuns();
    if (further.wait) return further.wait;
    if (kept || total <= pageSize || (total === further.total && Date.now() < further.until)) return Promise.resolve();
    const some = async () => {
      try {
        for (let start = pageSize; start < Math.min(total, runsMost); start += pageSize) {
          const first = !answers.has(runsAt(start));
          await ask(runsAt(start));
          if (first && told) told();
        }
        further.total = total;
        further.until = Date.now() + 30000;
      } finally {
        further.wait = null;
      }
    };
    further.wait = some();
    return further.wait;
  }

  /// Runs that have these ids, as they are now.
  async function askRunsOf(ids) {
    const { runs, total } = await askRuns();
    if (kept) return runs;
    const has = (start, id) => ((answers.get(runsAt(start)) || { document: {} }).document.runs || []).some((run) => run.id === id);
    const others = ids.filter((id) => !has(0, id));
    const starts = [];
    for (let start = pageSize; start < total; start += pageSize) if (others.some((id) => has(start, id))) starts.push(start);
    await Promise.all(starts.map((start) => ask(runsAt(start))));
    if (others.some((id) => !starts.some((start) => has(start, id)))) await askFurther();
    return knownRuns().runs;
  }

  /// What is to be said where not all are here.
  const firstOf = (runs, total) => "first " + whole(runs.length) + " of " + whole(total) + " runs";

  // ---------------------------------------------------------------------------------------------- turns

  const every = 5;
  let view = null;
  let timer = 0;

  async function turn() {
    clearTimeout(timer);
    const mine = view;
    if (!mine || mine.turning || (document.hidden && mine.shown)) return;
    mine.turning = true;
    try {
      await mine.refresh();
      if (mine === view) { mine.shown = true; heard(); }
    } catch (error) {
      if (mine === view) missed(error);
    } finally {
      mine.turning = false;
    }
    if (mine === view && !kept) timer = setTimeout(turn, (link.failures === 0 ? mine.every || every : Math.min(60, every * 2 ** (link.failures - 1))) * 1000);
  }

  function heard() {
    const back = link.failures > 0;
    link.failures = 0;
    link.frozen = null;
    link.heard = Date.now();
    document.body.classList.remove("stale");
    byId("banner").hidden = true;
    if (back) announce("The exporter answers again.");
    tick();
  }

  function missed(error) {
    if (error instanceof Refusal && error.status < 500 && error.status !== 401 && error.status !== 403 && error.status !== 429) {
      if (view.refused && view.refused(error)) return heard();
    }
    if (!(error instanceof Refusal) && !(error instanceof TypeError) && !(error instanceof SyntaxError) && error.name !== "AbortError") {
      console.error(error);
      link.why = "This page has failed: " + error.message;
    } else if (error instanceof Refusal) {
      link.why = error.status === 401 || error.status === 403
        ? "The exporter wants a password. Load the page again to give it."
        : "The exporter answers with an error (" + error.status + "). " + error.message;
    } else {
      link.why = "The exporter does not answer.";
    }
    if (link.failures === 0) {
      link.frozen = link.heard ? link.heard / 1000 + offset : Date.now() / 1000 + offset;
      announce(link.why);
    }
    link.failures += 1;
    link.next = Date.now() + Math.min(60, every * 2 ** (link.failures - 1)) * 1000;
    document.body.classList.add("stale");
    const banner = byId("banner");
    banner.hidden = false;
    banner.replaceChildren(
      el("strong", { text: link.why }), " ",
      link.heard ? el("span", { text: "What is shown is from " + moment(link.heard / 1000 + offset, true) + "." }) : "", " ",
      el("span", { id: "next" }), " ",
      el("button", { type: "button", class: "quiet", text: "Try now", onclick: () => turn() }));
    if (view.main && !view.shown && !view.main.firstChild) view.main.append(el("p", { class: "empty", text: "Nothing has been heard yet." }));
    tick();
  }

  let announced = 0;
  function announce(text) {
    clearTimeout(announced);
    byId("said").textContent = "";
    announced = setTimeout(() => { byId("said").textContent = text; }, 60);
  }

  /// Once a second: what is told relative to now.
  function tick() {
    const node = byId("link");
    if (kept) {
      say(node, "Kept " + dayAndTime(now()));
      hint(node, "This is a file. It shows what the exporter knew at " + full(now()) + ".");
      node.dataset.link = "kept";
    } else if (link.failures > 0) {
      say(node, "No answer");
      node.dataset.link = "gone";
      const wait = byId("next");
      if (wait) say(wait, "The next try is in " + duration(Math.max(1, Math.round((link.next - Date.now()) / 1000))) + ".");
    } else {
      say(node, link.heard ? "Live" : "…");
      node.dataset.link = "live";
      hint(node, link.heard ? "Looked at " + moment(now(), true) + ", and every few seconds while this page is visible." : "");
    }
    if (view && view.tick && view.shown) view.tick();
  }

  // ---------------------------------------------------------------------------------------------- places

  function place() {
    const text = location.hash.startsWith("#/") ? location.hash.slice(2) : "";
    const [path, query] = text.split("?");
    const parts = path.split("/").map((part) => { try { return decodeURIComponent(part); } catch { return part; } });
    return { page: parts[0] || "runs", rest: parts.slice(1).join("/"), query: new URLSearchParams(query || "") };
  }

  /// Keeps settings in the address, so that it leads others to the same sight.
  function remember(settings) {
    const [path] = (location.hash || "#/").split("?");
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(settings)) if (value !== null && value !== undefined && value !== "") query.set(name, value);
    const text = String(query);
    history.replaceState(null, "", path + (text ? "?" + text : ""));
  }

  const ids = (text) => [...new Set(text.split(",").filter((id) => /^[0-9a-zA-Z_-]{1,64}$/.test(id)))].slice(0, 20);

  function route() {
    const where = place();
    if (view && view.leave) view.leave();
    const first = view === null;
    const main = byId("main");
    main.replaceChildren();
    const makers = {
      runs: () => new RunsView(where), run: () => new RunView(ids(where.rest), where), compare: () => new RunView(ids(where.rest), where),
      sources: () => new SourcesView(), metrics: () => new MetricsView(),
    };
    view = (Object.hasOwn(makers, where.page) ? makers[where.page] : makers.runs)();
    view.main = main;
    view.shown = false;
    view.start(main);
    for (const one of byId("nav").children) {
      const here = one.dataset.page === where.page || (one.dataset.page === "runs" && ["run", "compare"].includes(where.page));
      if (here) one.setAttribute("aria-current", one.dataset.page === where.page ? "page" : "true");
      else one.removeAttribute("aria-current");
    }
    if (!first) {
      window.scrollTo(0, 0);
      main.focus({ preventScroll: true });
    }
    turn();
  }

  const brand = byId("brand").textContent.trim();
  function title(text) {
    const whole = text + " · " + brand;
    if (document.title !== whole) document.title = whole;
  }

  // ---------------------------------------------------------------------------------------------- runs

  /// The runs that are ticked to be compared, from page to page.
  const ticked = new Set(ids(read("sessionStorage", "ticked") || ""));

  const missing = (value) => value === null || value === undefined || Number.isNaN(value);

  function compare(one, other, descending) {
    if (missing(one) || missing(other)) return missing(one) - missing(other);
    const order = typeof one === "string" ? one.localeCompare(other, undefined, { numeric: true }) : one - other;
    return descending ? -order : order;
  }

  const numeric = (value) => (isNumber(value) ? value : null);

  const runColumns = [
    { key: "run", title: "Run", by: nameOf },
    { key: "state", title: "State", by: rank },
    { key: "progress", title: "Progress", by: (run) => numeric(run.progress), descending: true },
    { key: "done", title: "Done in", by: (run) => (ended(run) ? null : numeric(run.expected_end)) },
    { key: "last", title: "Last record", by: (run) => numeric(run.last_record), descending: true },
    { key: "position", title: "Step or epoch", by: (run) => (position(run) || [])[1] ?? null, descending: true, number: true },
    { key: "loss", title: "Loss", by: (run) => numeric(run.loss), number: true },
    { key: "trend", title: "Loss so far" },
    { key: "best", title: "Best score", by: (run) => numeric(run.best_score), descending: true, number: true },
    { key: "pace", title: "Pace", by: (run) => (paceOf(run) || [null])[0], number: true },
  ];

  function fillProgress(cell, run) {
    const share = run.progress;
    cell.classList.toggle("none", !isNumber(share));
    if (!isNumber(share)) return renew(cell, "none", () => el("span", { class: "none", text: "–" }));
    renew(cell, "bar " + run.state + percent(share) + share.toFixed(3), () => [
      el("span", { class: "bar", "aria-hidden": "true", "data-state": run.state },
        svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none" }, svg("rect", { width: (Math.min(Math.max(share, 0), 1) * 100).toFixed(1), height: 6 }))),
      el("data", { value: share, class: "percent", text: percent(share) }),
    ]);
  }

  function doneText(run) {
    if (run.state === "finished") return "done";
    if (ended(run) || run.state === "stalled" || !isNumber(run.expected_end)) return "–";
    const left = run.expected_end - now();
    return left > 0 ? duration(left) : "any moment";
  }

  /// What changes each second is laid out by itself, or the whole table would be.
  const ticking = (cell) => {
    if (!cell.inner) cell.append(cell.inner = el("span", { class: "ticking" }));
    return cell.inner;
  };

  function fillDone(cell, run) {
    const text = doneText(run);
    say(ticking(cell), text);
    cell.classList.toggle("none", text === "–");
    cell.classList.toggle("over", text === "done");
    const at = run.state === "finished" ? run.end : text !== "–" ? run.expected_end : null;
    if (cell.at === at) return;
    cell.at = at;
    hint(cell, isNumber(at) ? (run.state === "finished" ? "Ended " : "At ") + full(at) : "");
  }

  function fillLast(cell, run) {
    say(ticking(cell), isNumber(run.last_record) ? ago(now() - run.last_record) : "–");
    const at = run.last_record ?? null;
    if (cell.at === at) return;
    cell.at = at;
    cell.classList.toggle("none", !isNumber(run.last_record));
    hint(cell, isNumber(run.last_record) ? full(run.last_record) : "");
  }

  function fillNumber(cell, value, text, title) {
    cell.classList.toggle("none", text === "–");
    renew(cell, text + " " + value + " " + (title || ""), () =>
      text === "–" ? el("span", { class: "none", text }) : el("data", { value: value ?? "NaN", text, title: title || (isNumber(value) ? String(value) : null) }));
  }

  const fillers = {
    run(cell, run) {
      renew(cell, run.id, () => el("a", { href: "#/run/" + run.id, class: "name" }, nameNodes(run)));
    },
    state(cell, run) {
      renew(cell, run.state + " " + run.diverged, () => [badge(run.state), run.diverged
        ? el("span", { class: "warn", title: "The newest loss is NaN or infinite", text: "diverged" }) : null]);
    },
    progress: fillProgress,
    done: fillDone,
    position(cell, run) {
      const at = position(run);
      if (!at) return fillNumber(cell, null, "–");
      const others = [["step", run.step, run.planned_steps], ["epoch", run.epoch, run.planned_epochs]]
        .filter((kind) => isNumber(kind[1])).map(([unit, value, planned]) => unit + " " + value + (isNumber(planned) ? " of " + planned : "")).join(", ");
      renew(cell, others + at[0], () => [
        at[0] === "epoch" ? el("span", { class: "key", text: "epoch " }) : null,
        el("data", { value: at[1], title: others, text: number(at[1]) }),
        isNumber(at[2]) ? el("span", { class: "of", text: " / " + number(at[2]) }) : null,
      ]);
    },
    loss(cell, run) {
      fillNumber(cell, run.diverged ? null : run.loss, lossText(run), run.diverged ? "The newest loss is NaN or infinite" : "");
      cell.classList.toggle("bad", run.diverged === true);
    },
    trend(cell, run) {
      const values = run.recent_loss || [];
      cell.classList.toggle("none", !values.some(isNumber));
      renew(cell, values.join(), () => sparkline(values) || el("span", { class: "none", text: "–" }));
    },
    best(cell, run) {
      if (!isNumber(run.best_score)) return fillNumber(cell, null, "–");
      const at = isNumber(run.best_score_step) ? run.best_score_step : null;
      renew(cell, run.best_score + " " + at, () => [
        el("data", { value: run.best_score, title: String(run.best_score), text: number(run.best_score) }),
        at === null ? null : el("span", { class: "of", text: " at " + number(at) }),
      ]);
    },
    pace(cell, run) {
      const pace = paceOf(run);
      if (!pace) return fillNumber(cell, null, "–");
      renew(cell, pace.join(), () => [el("data", { value: pace[0], title: pace[0] + " s", text: duration(pace[0]) }), el("span", { class: "of", text: " / " + pace[1] })]);
    },
    last: fillLast,
  };

  class RunsView {
    constructor(where) {
      this.rows = new Map();
      this.runs = [];
      this.drawn = 150;
      this.drawnMost = 1000;
      this.sort = { key: where.query.get("sort"), descending: where.query.get("down") === "1" };
      this.text = where.query.get("find") || "";
      this.states = new Set((where.query.get("state") || "").split(",").filter((state) => urgency.includes(state)));
    }

    start(main) {
      title("Runs");
      this.heads = new Map();
      const head = el("tr", { role: "row" }, el("th", { role: "columnheader", class: "tick" }, el("span", { class: "unseen", text: "Compare" })),
        runColumns.map((column) => {
          const cell = el("th", { role: "columnheader", scope: "col", "data-column": column.key, class: column.number ? "number" : null },
            column.by ? el("button", { type: "button", onclick: () => this.sortBy(column) }, column.title, el("span", { class: "arrow", "aria-hidden": "true" })) : column.title);
          this.heads.set(column.key, cell);
          return cell;
        }));
      this.body = el("tbody", { role: "rowgroup" });
      this.body.addEventListener("click", (event) => {
        if (event.target.closest("a, input, label, button") || String(getSelection())) return;
        const row = event.target.closest("tr");
        if (row) location.hash = "#/run/" + row.dataset.id;
      });
      this.filter = el("input", { type: "search", id: "find", placeholder: "Filter", "aria-label": "Filter by name", autocomplete: "off", spellcheck: "false", value: this.text });
      this.filter.addEventListener("input", () => { this.text = this.filter.value; this.show(); this.keepPlace(); });
      this.chips = el("div", { class: "chips", role: "group", "aria-label": "Filter by state" });
      this.order = el("select", { id: "order", "aria-label": "Sort by" }, el("option", { value: "", text: "Those first that need somebody" }),
        runColumns.filter((column) => column.by && column.key !== "state").map((column) => el("option", { value: column.key, text: "By " + column.title.toLowerCase() })));
      this.order.addEventListener("change", () => {
        const column = runColumns.find((one) => one.key === this.order.value);
        this.sort = { key: column ? column.key : null, descending: Boolean(column && column.descending) };
        this.show();
        this.keepPlace();
      });
      this.summary = el("p", { class: "summary" });
      this.table = el("table", { class: "runs", role: "table" }, el("caption", { class: "unseen", text: "Runs" }), el("thead", { role: "rowgroup" }, head), this.body);
      this.more = el("p", { class: "more", hidden: true });
      this.empty = el("div", { class: "empty", hidden: true });
      this.tray = el("div", { class: "tray", role: "region", "aria-label": "Compare", hidden: true });
      this.tools = el("div", { class: "tools" }, this.filter, this.chips, this.order);
      this.frame = el("div", { class: "scroll" }, this.table);
      this.table.dataset.fit = 0;
      this.sizer = new ResizeObserver(() => {
        if (this.frame.clientWidth !== this.fitted) this.fit(true);
        this.fitted = this.frame.clientWidth;
      });
      this.sizer.observe(this.frame);
      this.content = el("div", { hidden: true }, this.tools, this.frame, this.more);
      main.append(el("div", { class: "heading" }, el("h1", { text: "Runs" }), this.summary), this.content, this.empty, this.tray);
      const known = knownRuns();
      if (known) this.take(known);
    }

    take({ runs, total }) {
      this.runs = runs;
      this.total = total;
      this.show();
    }

    async refresh() {
      const all = await askRuns();
      if (view !== this) return;
      this.take(all);
      if (all.total <= pageSize) return;
      const told = () => { if (view === this) this.take(knownRuns()); };
      const { until } = further;
      await askFurther(told);
      if (further.until !== until) told();
    }

    keepPlace() {
      remember({ find: this.text, state: [...this.states].join(","), sort: this.sort.key, down: this.sort.key && this.sort.descending ? 1 : "" });
    }

    sortBy(column) {
      if (this.sort.key !== column.key) this.sort = { key: column.key, descending: Boolean(column.descending) };
      else if (this.sort.descending === Boolean(column.descending)) this.sort = { key: column.key, descending: !column.descending };
      else this.sort = { key: null, descending: false };
      this.show();
      this.keepPlace();
    }

    row(run) {
      let row = this.rows.get(run.id);
      if (row) return row;
      const box = el("input", { type: "checkbox", "aria-label": "Compare " + nameOf(run) });
      box.checked = ticked.has(run.id);
      box.addEventListener("change", () => {
        if (box.checked) ticked.add(run.id);
        else ticked.delete(run.id);
        if (ticked.size > 20) { ticked.delete(run.id); box.checked = false; announce("At most 20 runs are compared."); }
        write("sessionStorage", "ticked", [...ticked].join());
        this.showTray();
      });
      row = { cells: {}, node: el("tr", { role: "row", "data-id": run.id }, el("td", { role: "cell", class: "tick" }, el("label", null, box))), box };
      for (const column of runColumns) {
        const cell = column.key === "run" ? el("th", { role: "rowheader", scope: "row", "data-column": "run" })
          : el("td", { role: "cell", "data-column": column.key, class: column.number ? "number" : null });
        row.cells[column.key] = cell;
        row.node.append(cell);
      }
      this.rows.set(run.id, row);
      return row;
    }

    show() {
      const counts = new Map();
      for (const run of this.runs) counts.set(run.state, (counts.get(run.state) || 0) + 1);
      const troubled = this.runs.filter(needsSomebody).length;
      title((troubled > 0 ? "(" + troubled + ") " : "") + "Runs");
      this.showChips(counts);
      this.showEmpty();
      for (const [key, cell] of this.heads) {
        const sorted = this.sort.key === key;
        if (sorted) cell.setAttribute("aria-sort", this.sort.descending ? "descending" : "ascending");
        else cell.removeAttribute("aria-sort");
      }
      this.order.value = this.sort.key && this.sort.key !== "state" ? this.sort.key : "";
      const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
      const column = runColumns.find((one) => one.key === this.sort.key && one.by);
      const seen = this.runs.map((run, place) => ({ run, place, by: column ? column.by(run) : rank(run) })).filter(({ run }) => {
        if (this.states.size > 0 && !this.states.has(run.state)) return false;
        if (words.length === 0) return true;
        const name = labelsOf(run).map(([key, value]) => key + "=" + value).join(" ").toLowerCase();
        return words.every((part) => name.includes(part));
      });
      seen.sort((one, other) => compare(one.by, other.by, column && this.sort.descending) || one.place - other.place);
      // The first rows are there at once, the others soon after, and very many when they are asked for.
      clearTimeout(this.growing);
      if (this.drawn < Math.min(seen.length, this.drawnMost)) this.growing = setTimeout(() => { if (view === this) { this.drawn = Math.min(this.drawn + 250, this.drawnMost); this.show(); } }, 30);
      let at = this.body.firstChild;
      for (const { run } of seen.slice(0, this.drawn)) {
        const row = this.row(run);
        row.run = run;
        for (const key in fillers) fillers[key](row.cells[key], run);
        row.node.classList.toggle("trouble", needsSomebody(run));
        if (row.node === at) at = at.nextSibling;
        else this.body.insertBefore(row.node, at);
      }
      while (at) { const next = at.nextSibling; at.remove(); at = next; }
      const present = new Set(this.runs.map((run) => run.id));
      for (const id of this.rows.keys()) if (!present.has(id)) this.rows.delete(id);
      const none = this.runs.length > 0 && seen.length === 0;
      this.frame.hidden = none;
      this.more.hidden = seen.length <= this.drawnMost;
      if (!this.more.hidden) {
        renew(this.more, this.drawnMost + " " + seen.length, () => [whole(this.drawnMost) + " of " + whole(seen.length) + " runs are shown. ",
          el("button", { type: "button", class: "quiet", text: "Show more", onclick: () => { this.drawnMost += 1000; this.show(); } })]);
      }
      const part = this.total > this.runs.length;
      if (none) {
        this.empty.hidden = false;
        renew(this.empty, "filtered " + part + this.runs.length + " " + this.total, () => [
          el("h2", { text: "No run matches" + (part ? " among the " + firstOf(this.runs, this.total) : "") }), el("button", { type: "button", text: "Show all runs", onclick: () => {
          this.text = ""; this.filter.value = ""; this.states.clear(); this.show(); this.keepPlace();
        } })]);
      }
      const going = this.runs.filter((run) => run.state === "running" && isNumber(run.expected_end)).map((run) => run.expected_end);
      this.soonest = going.length > 0 ? Math.min(...going) : null;
      renew(this.summary, this.runs.length + " " + this.total + " " + troubled, () => this.runs.length === 0 ? [] : [
        troubled > 0 ? el("strong", { class: "bad", text: plural(troubled, "run needs", "runs need") + " somebody" }) : null,
        part ? (troubled > 0 ? " of the " : "The ") + firstOf(this.runs, this.total) : troubled === 0 ? el("strong", { text: "All is well" }) : null,
        this.next = el("span")]);
      this.showNext();
      this.showTray();
      this.fit(false);
    }

    showChips(counts) {
      const key = [...counts].join() + [...this.states].join();
      if (this.chips.shown === key) return;
      const held = document.activeElement && document.activeElement.dataset.chip;
      renew(this.chips, key, () => urgency.filter((state) => counts.has(state) || this.states.has(state)).map((state) =>
        el("button", { type: "button", class: "chip", "data-state": state, "data-chip": state, "aria-pressed": this.states.has(state) ? "true" : "false", onclick: () => {
          if (!this.states.delete(state)) this.states.add(state);
          this.show();
          this.keepPlace();
        } }, shape(state), whole(counts.get(state) || 0) + " " + state)));
      if (held) { const again = this.chips.querySelector(`[data-chip="${held}"]`); if (again) again.focus(); }
    }

    showEmpty() {
      const none = this.runs.length === 0;
      this.content.hidden = none;
      this.empty.hidden = !none;
      if (!none) return;
      renew(this.empty, "none", () => [
        el("h2", { text: "No runs yet" }),
        el("p", null, "Give a watcher ", el("code", { text: "run: {}" }), " in ", el("code", { text: "metrics.yaml" }), ", and each of its logs shows here as a run, with its state, its progress and its curves:"),
        el("pre", { tabindex: 0, "aria-label": "An example of metrics.yaml", text: 'watchers:\n  results:\n    files: "runs/{run}/results.csv"\n    format: csv\n    run: { epoch: epoch, epochs: 100 }' }),
        el("p", null, "More is in ", el("code", { text: "docs/runs.md" }), ". Are the logs found at all? ", el("a", { href: "#/sources", text: "See what the watchers read." })),
      ]);
    }

    showTray() {
      const present = new Map(this.runs.map((run) => [run.id, run]));
      const chosen = [...ticked].filter((id) => present.has(id));
      this.tray.hidden = chosen.length === 0;
      renew(this.tray, chosen.join(), () => {
        const clear = el("button", { type: "button", class: "quiet", text: "Clear", onclick: () => {
          ticked.clear();
          write("sessionStorage", "ticked", null);
          for (const row of this.rows.values()) row.box.checked = false;
          this.showTray();
        } });
        if (chosen.length === 0) return [];
        if (chosen.length === 1) return [el("span", null, el("bdi", { text: nameOf(present.get(chosen[0])) }), " is chosen. Choose another one to compare it with."), clear];
        return [el("a", { class: "button", href: "#/compare/" + chosen.join(","), text: "Compare " + chosen.length + " runs" }), clear];
      });
    }

    /// Leaves out columns that a run's page has, too, where the window has no room for all.
    fit(anew) {
      if (anew) this.table.dataset.fit = 0;
      let left = Number(this.table.dataset.fit);
      while (left < 4 && this.frame.scrollWidth > this.frame.clientWidth + 1) this.table.dataset.fit = left += 1;
    }

    leave() {
      this.sizer.disconnect();
    }

    showNext() {
      if (this.next) say(this.next, this.soonest === null ? "" : " · the next is done " + (this.soonest > now() ? "in " + duration(this.soonest - now()) : "any moment"));
    }

    tick() {
      this.showNext();
      for (const row of this.rows.values()) {
        if (!row.run || !row.node.isConnected) continue;
        fillDone(row.cells.done, row.run);
        fillLast(row.cells.last, row.run);
      }
    }
  }

  // ---------------------------------------------------------------------------------------------- curves

  /// What curves can be drawn over. `of` gives the values of a curve, `text` one of them.
  const axes = {
    step: { title: "Step", of: (curve) => curve.step, text: (value) => "step " + number(value, 7) },
    epoch: { title: "Epoch", of: (curve) => curve.epoch, text: (value) => "epoch " + number(value, 7) },
    time: { title: "Time", of: (curve) => curve.time, text: (value) => moment(value, true) },
    since: { title: "Elapsed", of: (curve, start) => curve.time && curve.time.map((time) => (isNumber(time) ? time - start : null)), text: (value) => duration(value) + " in" },
    record: { title: "Record", of: (curve) => curve.record || curve.value.map((_, place) => place + 1), text: (value) => "record " + whole(value) },
  };

  /// Told apart with any kind of colour sight; a second and third round is dashed, and so are twins: curves of a run that
  /// differ in their labels.
  const palettes = {
    light: ["#0b62a8", "#c24e00", "#007a5a", "#a8487d", "#7a6200", "#3b8fc4", "#30343a"],
    dark: ["#62b0f0", "#f0913a", "#3ec79d", "#e79ac4", "#e5d04a", "#9fd0f5", "#e9ecef"],
  };
  const dashes = [null, [7, 3], [2, 3], [10, 3, 2, 3], [10, 3, 2, 3, 2, 3]];
  const isDark = () => getComputedStyle(document.documentElement).colorScheme.trim() === "dark";
  const palette = () => palettes[isDark() ? "dark" : "light"];
  const colourOf = (place) => { const colours = palette(); return colours[place % colours.length]; };
  const dashOf = (place, twin = 0) => dashes[(Math.floor(place / palettes.light.length) + twin) % dashes.length];
  const variable = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function swatch(place, twin) {
    return svg("svg", { viewBox: "0 0 18 6", width: 18, height: 6, "aria-hidden": "true", class: "swatch" },
      svg("path", { d: "M0 3H18", stroke: colourOf(place), "stroke-width": 2.5, "stroke-dasharray": (dashOf(place, twin) || []).join(" ") || null }));
  }

  /// Ticks of a time span, at whole units; null where they would lie below a second.
  function spanTicks(low, high, most) {
    if (!(high - low >= 2)) return null;
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000];
    const step = steps.find((one) => (high - low) / one <= most) || Math.ceil((high - low) / most / 2592000) * 2592000;
    return ticksAt(low, high, step, (at) => (at === 0 ? "0" : duration(at)));
  }

  function ticksAt(low, high, step, text) {
    const ticks = [];
    for (let at = Math.ceil(low / step) * step; at <= high && ticks.length < 50; at += step) ticks.push({ v: at, label: text(at) });
    return ticks;
  }

  function byteTicks(low, high, most) {
    const unit = 1024 ** Math.max(0, Math.floor(Math.log2(Math.max(Math.abs(low), Math.abs(high), 1)) / 10));
    const least = (high - low) / unit / most;
    const ten = 10 ** Math.floor(Math.log10(least));
    const step = [1, 2, 5, 10].map((one) => one * ten).find((one) => one >= least) * unit;
    return step > 0 ? ticksAt(low, high, step, (at) => bytes(at)) : null;
  }

  const spanTicker = (low, high, pixels, ...rest) =>
    spanTicks(low, high, Math.max(2, Math.floor(pixels / 80))) || Dygraph.numericTicks(low, high, pixels, ...rest);

  const heightTicker = (make) => (low, high, pixels, ...rest) =>
    make(low, high, Math.max(2, Math.floor(pixels / 32))) || Dygraph.numericTicks(low, high, pixels, ...rest);

  const alike = (labels) => labels.some((label, place) => place > 0 && label !== "" && label === labels[place - 1]);

  /// Ticks whose neighbours do not say the same: with more digits where they would, and as plain numbers at last.
  const distinct = (ticker, unit) => (...rest) => {
    const ticks = ticker(...rest);
    const labelled = ticks.filter((tick) => tick.label);
    if (!alike(labelled.map((tick) => tick.label))) return ticks;
    const ways = unit === "bytes" ? [4, 5, 6].map((digits) => (value) => bytes(value, digits)) : [];
    for (let digits = 6; digits <= 15; digits += 1) ways.push((value) => number(value, digits));
    const way = ways.find((one) => !alike(labelled.map((tick) => one(tick.v))));
    if (way) for (const tick of labelled) tick.label = way(tick.v);
    return ticks;
  };

  function timeTicker(low, high, pixels, options, graph, values) {
    return Dygraph.dateTicker(low * 1000, high * 1000, pixels, options, graph, values).map((tick) => ({ ...tick, v: tick.v / 1000 }));
  }

  const withUnit = (value, unit, digits = 6) =>
    unit === "bytes" ? bytes(value, digits - 1) : unit === "seconds" ? duration(value) : number(value, digits);
  const axisLabel = (unit) => (value) =>
    unit === "bytes" ? bytes(value) : unit === "seconds" ? duration(value) : number(value, 6);

  /// The values of a curve over an axis: `x` never falls. Where the axis goes back (a training that was resumed from a
  /// checkpoint, or begun again), what is written anew takes the place of what there was, which is kept apart as `old`.
  function arrange(curve, axis, start, logarithmic, across) {
    const xs = axes[axis].of(curve, start);
    if (!xs) return null;
    const kept = [];
    const old = [];
    let breaks = [];
    let hidden = 0;
    let early = 0;
    let unplaced = 0;
    curve.value.forEach((value, place) => {
      const x = xs[place];
      if (!isNumber(x)) { unplaced += 1; return; }
      if (across && x <= 0) { early += 1; return; }
      if (kept.length > 0 && x < kept[kept.length - 1][0]) {
        let first = kept.length;
        while (first > 0 && kept[first - 1][0] >= x) first -= 1;
        if (old.length > 0) old.push([old[old.length - 1][0], NaN]);
        if (first > 0) old.push(kept[first - 1]);
        old.push(...kept.splice(first));
        breaks = breaks.filter((one) => one[0] < x).map(([from, to]) => [from, Math.min(to, x)]);
      }
      if (!isNumber(value)) {
        const last = kept.length > 0 && Number.isNaN(kept[kept.length - 1][1]) && breaks[breaks.length - 1];
        if (last) last[1] = x;
        else breaks.push([x, x]);
        kept.push([x, NaN]);
        return;
      }
      if (logarithmic && value <= 0) { hidden += 1; return; }
      kept.push([x, value]);
    });
    old.forEach((one, place) => { one.place = place; });
    return {
      x: kept.map((one) => one[0]), y: kept.map((one) => one[1]), breaks, hidden, early, unplaced,
      finite: kept.reduce((count, one) => count + (Number.isNaN(one[1]) ? 0 : 1), 0),
      old: old.sort((one, other) => one[0] - other[0] || one.place - other.place),
    };
  }

  /// An exponential moving average over x: a value weighs e to the -1 where it is `span` away, on either side, so that
  /// the average does not trail behind the curve. Across a gap that is much longer than the span nothing weighs.
  function smooth(x, y, span) {
    const sums = new Float64Array(y.length);
    const weights = new Float64Array(y.length);
    const pass = (from, to, step, own) => {
      let sum = 0;
      let weight = 0;
      let before = null;
      for (let place = from; place !== to; place += step) {
        if (Number.isNaN(y[place])) continue;
        const fade = before === null ? 0 : Math.exp(-Math.abs(x[place] - before) / span);
        before = x[place];
        sum *= fade;
        weight *= fade;
        sums[place] += sum + own * y[place];
        weights[place] += weight + own;
        sum += y[place];
        weight += 1;
      }
    };
    pass(0, y.length, 1, 1);
    pass(y.length - 1, -1, -1, 0);
    return y.map((value, place) => (Number.isNaN(value) ? NaN : sums[place] / weights[place]));
  }

  function nearest(xs, x) {
    let low = 0;
    let high = xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (xs[middle] < x) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && (low === xs.length || x - xs[low - 1] < xs[low] - x)) low -= 1;
    return low;
  }

  function download(name, blob) {
    const address = URL.createObjectURL(blob);
    const anchor = el("a", { href: address, download: name });
    document.body.append(anchor);
    anchor.click();
    anchor.remove();
    setTimeout(() => URL.revokeObjectURL(address), 10000);
  }

  const fileName = (text) => text.replace(/[^\p{L}\p{N}._-]+/gu, "_").replace(/^[._]+/, "").slice(0, 100) || "curve";

  /// No program takes it for a formula.
  const csvText = (text) => {
    const safe = /^[=+\-@\t\r]/.test(text) ? "'" + text : text;
    return /[",\n\r]/.test(safe) ? '"' + safe.replace(/"/g, '""') + '"' : safe;
  };

  /// dygraphs is loaded behind this script.
  const drawing = () => (window.Dygraph ? Promise.resolve(prepared()) : new Promise((resolve, reject) => {
    const later = () => (window.Dygraph ? resolve(prepared()) : reject(new TypeError("the drawing of curves has not been loaded")));
    if (document.readyState === "complete") later();
    else window.addEventListener("load", later, { once: true });
  }));

  /// Without its legend, which we have ourselves, and which sets a style in a way that the page's policy forbids.
  function prepared() {
    const { Legend } = Dygraph.Plugins;
    Dygraph.PLUGINS = Dygraph.PLUGINS.filter((plugin) => plugin !== Legend);
  }

  /// What tells a curve from others of its run and field: its labels, and its file where those are not enough.
  function apart(curve, twins) {
    const labels = (one) => Object.values(one.labels || {}).map(plain).join(" ");
    const own = labels(curve);
    const alike = twins.filter((one) => labels(one) === own);
    return [own, alike.length > 1 || own === "" ? plain(curve.file || "") : ""].filter(Boolean).join(" ") || "?";
  }

  /// How every chart is drawn.
  const drawn = {
    legend: "never", highlightCircleSize: 0, connectSeparatedPoints: true, axisLabelFontSize: 11, yRangePad: 8, xRangePad: 0,
    animatedZooms: false, rightGap: 8, axisTickSize: 3,
  };

  /// One field: a card with its name, what it says at the pointer, and the curves of one or several runs.
  class Chart {
    constructor(board, field) {
      this.board = board;
      this.field = field;
      this.curves = [];
      this.wide = false;
      this.visible = false;
      this.stale = true;
      this.id = "chart-" + (Chart.count = (Chart.count || 0) + 1);
      this.unitNode = el("span", { class: "unit" });
      this.readout = el("div", { class: "readout" });
      this.canvas = el("div", { class: "canvas" });
      this.cross = el("div", { class: "cross", hidden: true });
      this.dots = el("div", { class: "dots" });
      this.message = el("p", { class: "message", hidden: true });
      this.plot = el("div", { class: "plot", tabindex: 0, role: "group", "aria-roledescription": "chart" }, this.canvas, this.cross, this.dots, this.message);
      this.note = el("p", { class: "note", hidden: true });
      const button = (text, name, act) => el("button", { type: "button", class: "quiet", "aria-label": name + ": " + plain(field), title: name, text, onclick: act });
      this.wider = button("Wide", "Show it wide, with more points", () => this.widen());
      this.card = el("section", { class: "chart", "aria-labelledby": this.id },
        el("header", null, el("h3", { id: this.id }, el("bdi", { text: plain(field) }), " ", this.unitNode),
          el("div", { class: "acts" }, this.wider, button("CSV", "Download as CSV", () => this.saveCSV()), button("PNG", "Download as picture", () => this.savePNG()))),
        this.readout, this.plot, this.note);
      this.card.chart = this;
      this.plot.addEventListener("pointermove", (event) => {
        if (!this.graph || (event.pointerType === "mouse" && event.buttons > 0)) return;
        const box = this.canvas.getBoundingClientRect();
        board.point(this, this.graph.toDataXCoord(event.clientX - box.left));
      });
      this.plot.addEventListener("pointerdown", (event) => {
        if (!this.graph || event.pointerType === "mouse") return;
        board.point(this, this.graph.toDataXCoord(event.clientX - this.canvas.getBoundingClientRect().left));
      });
      this.plot.addEventListener("pointerleave", () => board.point(null));
      this.plot.addEventListener("blur", () => board.point(null));
      this.plot.addEventListener("keydown", (event) => this.key(event));
    }

    set(curves) {
      if (curves.length === this.curves.length && curves.every((curve, place) => curve === this.curves[place])) return;
      this.curves = curves;
      this.stale = true;
      const metric = this.board.metric(curves[0] && curves[0].metric);
      this.unit = metric && metric.unit;
      say(this.unitNode, this.unit ? plain(this.unit) : "");
      hint(this.card.querySelector("h3"), metric ? plain(metric.name) + (metric.help ? ": " + plain(metric.help) : "") : "");
    }

    /// The axis of the board, or the first that its curves have.
    axis() {
      const has = (axis) => this.curves.some((curve) => axes[axis].of(curve, 0));
      return [this.board.axis, "step", "epoch", "since", "record"].find(has) || "record";
    }

    make() {
      const { board } = this;
      const axis = this.axis();
      this.kind = axis;
      const extent = board.extent(axis);
      const span = board.span(extent);
      this.series = [];
      let outside = [];
      for (const curve of this.curves) {
        const place = board.ids.indexOf(curve.run);
        if (board.hidden.has(curve.run)) continue;
        const data = arrange(curve, axis, board.starts.get(curve.run) || 0, board.log, board.across(axis));
        if (!data) { outside.push(board.name(curve.run)); continue; }
        const twins = this.curves.filter((one) => one.run === curve.run);
        const several = twins.length > 1 && apart(curve, twins);
        const rare = curve.total < 0.1 * board.most(curve.run) || data.finite < 8;
        const smoothed = span > 0 && !rare ? smooth(data.x, data.y, span) : null;
        // One run's twins have colours of their own, those of several runs the colour of the run.
        const twin = twins.indexOf(curve);
        const alone = board.ids.length === 1;
        this.series.push({ curve, place: place + (alone ? twin : 0), twin: alone ? 0 : twin, data, rare, smoothed, several });
      }
      outside = [...new Set(outside)];
      this.rows();
      const notes = [];
      if (axis !== board.axis) notes.push("Over the " + axes[axis].title.toLowerCase() + ": its log says no " + (board.axis === "since" ? "time" : board.axis) + ".");
      if (outside.length > 0) notes.push("Not shown, since the log says no " + axis + ": " + outside.join(", ") + ".");
      const bad = this.series.reduce((count, one) => count + (one.curve.non_finite || 0), 0);
      if (bad > 0) notes.push(plural(bad, "value is", "values are") + " NaN or infinite: ▴ on the axis.");
      const sum = (count) => this.series.reduce((all, one) => all + count(one), 0);
      const under = sum((one) => one.data.hidden);
      if (under > 0) notes.push(plural(under, "value") + " of 0 or less cannot be drawn on a logarithmic axis.");
      const early = sum((one) => one.data.early);
      if (early > 0) notes.push(plural(early, "value") + " at 0 or less of the x axis cannot be drawn on a logarithmic one.");
      const unplaced = sum((one) => one.data.unplaced);
      if (unplaced > 0) notes.push(plural(unplaced, "value") + (["step", "epoch"].includes(axis) ? " before the first " + axis : " without a time") + (unplaced === 1 ? " is" : " are") + " not drawn.");
      const thinned = this.series.filter((one) => one.smoothed && one.curve.total > one.curve.value.length);
      if (thinned.length > 0) {
        const here = thinned.reduce((count, one) => count + one.curve.value.length, 0);
        const all = thinned.reduce((count, one) => count + one.curve.total, 0);
        notes.push("Smoothed over " + whole(here) + " of " + whole(all) + " values, peaks included: it may lie off the average.");
      }
      if (this.series.some((one) => one.data.old.length > 0)) notes.push("Dotted: what was written before the " + axis + " went back.");
      say(this.note, notes.join(" "));
      this.note.hidden = notes.length === 0;
      this.describe();
    }

    /// One row for each x; a series has its value, the value itself under a smoothed one, and what has been overwritten.
    rows() {
      this.labels = ["x"];
      this.styles = {};
      const columns = [];
      const add = (name, x, y, style) => { columns.push({ x, y }); this.labels.push(name); this.styles[name] = style; };
      this.series.forEach((one, index) => {
        const { x, y, old, finite } = one.data;
        const colour = colourOf(one.place);
        const pattern = dashOf(one.place, one.twin);
        if (old.length > 0) add(index + "old", old.map((pair) => pair[0]), old.map((pair) => pair[1]), { color: fade(colour, 0.55), strokeWidth: 1, strokePattern: [1, 3], drawPoints: false });
        if (one.smoothed) add(index + "raw", x, y, { color: fade(colour, this.series.length > 6 ? 0.18 : 0.32), strokeWidth: 1, drawPoints: false, strokePattern: null });
        add(index + "main", x, one.smoothed || y, {
          color: colour, strokeWidth: one.rare ? 1 : one.smoothed ? 2.2 : 1.6, strokePattern: one.rare && finite > 1 && !(one.several && this.board.ids.length > 1) ? [4, 3] : pattern,
          drawPoints: one.rare || finite <= 60, pointSize: one.rare && finite <= 60 ? 3 : 2,
        });
      });
      const heads = columns.map(() => 0);
      const rows = [];
      for (;;) {
        let x = Infinity;
        columns.forEach((column, place) => { if (heads[place] < column.x.length && column.x[heads[place]] < x) x = column.x[heads[place]]; });
        if (x === Infinity) break;
        const row = [x];
        columns.forEach((column, place) => {
          if (column.x[heads[place]] === x && heads[place] < column.x.length) { row.push(column.y[heads[place]]); heads[place] += 1; }
          else row.push(null);
        });
        rows.push(row);
      }
      this.table = rows;
    }

    /// What tells a curve from the others of the chart.
    nameOf(one) {
      return [this.board.ids.length > 1 ? this.board.name(one.curve.run) : "", one.several || ""].filter(Boolean).join(" ");
    }

    describe() {
      const parts = this.series.map((one) => {
        const finite = one.data.y.filter((value) => !Number.isNaN(value));
        const name = this.nameOf(one) ? this.nameOf(one) + ": " : "";
        if (finite.length === 0) return name + "no finite value";
        let low = Infinity;
        let high = -Infinity;
        for (const value of finite) { if (value < low) low = value; if (value > high) high = value; }
        return name + plural(one.curve.total || finite.length, "value") + ", from " + number(finite[0]) + " to " + number(finite[finite.length - 1]) +
          ", least " + number(low) + ", greatest " + number(high);
      });
      this.plot.setAttribute("aria-label", plain(this.field) + " over " + axes[this.kind].title.toLowerCase() + ". " + parts.slice(0, 6).join("; ") +
        ". Left and right arrow keys tell values, Escape shows everything.");
    }

    draw() {
      if (!this.visible || !this.stale) return;
      this.stale = false;
      this.make();
      const { board } = this;
      const any = this.table.length > 0 && this.series.some((one) => one.data.finite > 0 || one.data.old.length > 0);
      this.message.hidden = any;
      if (!any) {
        say(this.message, this.curves.every((curve) => board.hidden.has(curve.run)) ? "Hidden."
          : this.series.some((one) => one.data.hidden + one.data.early > 0) ? "No value above 0: nothing to draw on a logarithmic axis."
          : this.series.some((one) => one.data.y.length > 0) ? "Every value is NaN or infinite."
          : this.series.some((one) => one.data.unplaced > 0) ? "No value that has its place on this axis yet." : "No values yet.");
        this.clear();
        this.read(null);
        return;
      }
      const window = board.window(this.kind);
      const small = this.plot.clientWidth < 320;
      const axis = this.kind;
      const options = {
        file: this.table, labels: this.labels, series: this.styles, dateWindow: window, logscale: board.log,
        axes: {
          x: {
            drawGrid: false, logscale: board.across(axis), pixelsPerLabel: axis === "time" ? 70 : 50,
            ticker: axis === "time" ? timeTicker : distinct(axis === "since" && !board.across(axis) ? spanTicker : Dygraph.numericTicks),
            axisLabelFormatter: axis === "time" ? Dygraph.dateAxisLabelFormatter
              : axis === "since" ? (value) => duration(value) : (value) => number(value, 6),
          },
          y: {
            axisLabelFormatter: axisLabel(this.unit), pixelsPerLabel: 28, axisLabelWidth: this.unit === "bytes" || this.unit === "seconds" ? 72 : small ? 44 : 50,
            ticker: distinct(board.log ? Dygraph.numericTicks : this.unit === "bytes" ? heightTicker(byteTicks) : this.unit === "seconds" ? heightTicker(spanTicks) : Dygraph.numericTicks, this.unit),
          },
        },
        gridLineColor: variable("--grid"), axisLineColor: variable("--line"), gridLineWidth: 1,
      };
      this.span = window;
      const made = this.labels.join() + axis + board.log + board.across(axis);
      if (this.graph && this.made === made) {
        this.graph.updateOptions(options);
      } else {
        this.clear();
        const { file, ...rest } = options;
        this.canvas.removeAttribute("style");
        this.graph = new Dygraph(this.canvas, file, {
          ...rest,
          ...drawn,
          interactionModel: { willDestroyContextMyself: true, mousedown: Dygraph.defaultInteractionModel.mousedown, dblclick: () => board.zoom(null) },
          zoomCallback: (low, high) => {
            if (board.resetting) return;
            this.yZoomed = Boolean(this.graph.isZoomed("y"));
            board.zoom(this.span && Math.abs(low - this.span[0]) + Math.abs(high - this.span[1]) < 1e-9 * (high - low) ? undefined : [low, high], this.kind);
          },
          underlayCallback: (context, area, graph) => this.mark(context, area, graph),
        });
        this.made = made;
        this.size = [this.plot.clientWidth, this.plot.clientHeight];
      }
      this.options = options;
      const at = board.pointed;
      this.read(at && at.chart.kind === this.kind ? at.x : null);
    }

    /// Where values were no numbers.
    mark(context, area, graph) {
      const bottom = area.y + area.h;
      for (const one of this.series) {
        if (one.data.breaks.length === 0) continue;
        context.fillStyle = variable("--failed");
        for (const [from, to] of one.data.breaks) {
          const left = Math.max(area.x, graph.toDomXCoord(from));
          const right = Math.min(area.x + area.w, graph.toDomXCoord(to));
          if (right < left) continue;
          context.globalAlpha = 0.1;
          context.fillRect(left - 1, area.y, right - left + 2, area.h);
          context.globalAlpha = 1;
          context.fillRect(left, bottom - 2, right - left, 2);
          for (const x of right - left > 8 ? [left, right] : [(left + right) / 2]) {
            context.beginPath();
            context.moveTo(x - 4, bottom);
            context.lineTo(x + 4, bottom);
            context.lineTo(x, bottom - 7);
            context.fill();
          }
        }
      }
    }

  /// What the curves say at x; without x, what they said last.
    read(x) {
      const texts = [];
      const dots = [];
      const single = this.board.ids.length === 1;
      for (const one of this.series) {
        const { x: xs, y: ys } = one.data;
        if (xs.length === 0) continue;
        const at = x === null ? xs.length - 1 : nearest(xs, x);
        const value = ys[at];
        const text = Number.isNaN(value) ? "NaN" : withUnit(value, this.unit);
        const name = this.nameOf(one);
        texts.push(el("span", { class: "reading" + (Number.isNaN(value) ? " bad" : "") },
          single && !one.several ? null : swatch(one.place, one.twin), name ? el("bdi", { class: "who", text: name }) : null,
          el("data", { value: Number.isNaN(value) ? "NaN" : value, title: String(value), text }),
          one.smoothed && !Number.isNaN(value) ? el("span", { class: "of", title: "smoothed", text: "≈ " + withUnit(one.smoothed[at], this.unit, 4) }) : null,
          single || x !== null ? el("span", { class: "of", text: axes[this.kind].text(xs[at]) }) : null));
        if (x !== null && this.graph && !Number.isNaN(value)) dots.push([xs[at], value, colourOf(one.place)]);
      }
      this.readout.replaceChildren(...texts);
      this.spoken = texts.map((node) => [...node.children].map((part) => part.textContent).filter(Boolean).join(" ")).join("; ");
      const inside = x !== null && this.graph && x >= this.graph.xAxisRange()[0] && x <= this.graph.xAxisRange()[1];
      this.cross.hidden = !inside;
      this.dots.replaceChildren();
      if (!inside) return;
      const nearestX = this.series.length === 1 && dots.length === 1 ? dots[0][0] : x;
      this.cross.style.transform = `translateX(${this.graph.toDomXCoord(nearestX)}px)`;
      const area = this.graph.getArea();
      for (const [dx, dy, colour] of dots) {
        const left = this.graph.toDomXCoord(dx);
        const top = this.graph.toDomYCoord(dy);
        if (!(left >= area.x - 1 && left <= area.x + area.w + 1 && top >= area.y - 1 && top <= area.y + area.h + 1)) continue;
        const dot = el("i");
        dot.style.transform = `translate(${left}px, ${top}px)`;
        dot.style.background = colour;
        this.dots.append(dot);
      }
    }

    /// Draws one run strongly and the others faintly; null: all alike.
    emphasize(run) {
      if (!this.graph || !this.visible) return;
      const styles = {};
      for (const [name, style] of Object.entries(this.styles)) {
        const own = run === null || this.series[parseInt(name, 10)].curve.run === run;
        styles[name] = own ? { ...style, strokeWidth: style.strokeWidth + (run === null ? 0 : 0.6) } : { ...style, color: fade(style.color.slice(0, 7), 0.13) };
      }
      this.graph.updateOptions({ series: styles });
    }

    key(event) {
      if (!this.graph || event.ctrlKey || event.metaKey || event.altKey) return;
      const xs = this.table.map((row) => row[0]);
      const [low, high] = this.graph.xAxisRange();
      const inside = xs.filter((x) => x >= low && x <= high);
      const far = event.shiftKey ? Math.max(1, Math.round(inside.length / 20)) : 1;
      let at = this.at === undefined || this.at === null ? inside.length : nearest(inside, this.at);
      if (event.key === "ArrowLeft") at -= far;
      else if (event.key === "ArrowRight") at += far;
      else if (event.key === "Home") at = 0;
      else if (event.key === "End") at = inside.length - 1;
      else if (event.key === "+" || event.key === "-") {
        const middle = this.at ?? (low + high) / 2;
        const half = ((high - low) / 2) * (event.key === "+" ? 0.5 : 2);
        const all = this.board.whole(this.kind);
        const next = [Math.max(all[0], middle - half), Math.min(all[1], middle + half)];
        this.board.zoom(next[0] <= all[0] && next[1] >= all[1] ? null : next, this.kind);
        event.preventDefault();
        return;
      } else if (event.key === "Escape") {
        this.board.zoom(null);
        this.board.point(null);
        return;
      } else return;
      event.preventDefault();
      if (inside.length === 0) return;
      this.board.point(this, inside[Math.min(Math.max(at, 0), inside.length - 1)], true);
      announce(this.spoken);
    }

    resize() {
      const { clientWidth, clientHeight } = this.plot;
      if (!this.graph || clientWidth === 0 || (clientWidth === this.size?.[0] && clientHeight === this.size?.[1])) return;
      this.size = [clientWidth, clientHeight];
      this.graph.resize(clientWidth, clientHeight);
    }

    clear() {
      if (this.graph) this.graph.destroy();
      this.graph = null;
      this.made = null;
    }

    widen() {
      this.wide = !this.wide;
      this.card.classList.toggle("wide", this.wide);
      say(this.wider, this.wide ? "Narrow" : "Wide");
      if (this.wide) this.refine();
      else { this.fine = null; this.board.assign(); }
      this.card.scrollIntoView({ block: "nearest" });
    }

    /// Shows more points while it is wide; those that all charts have where there are none to be had.
    async refine() {
      if (this.refining) return;
      this.refining = true;
      let curves = null;
      try { curves = await this.finer(); } catch { /* the next turn says what is wrong */ }
      this.refining = false;
      if (!this.wide || view.board !== this.board || this.board.charts.get(this.field) !== this) return;
      this.fine = curves;
      this.board.assign();
    }

    /// The curves with as many points as there are to have.
    async finer() {
      const query = this.board.ids.map((id) => "run=" + encodeURIComponent(id)).join("&");
      const answer = await ask(`curves?${query}&field=${encodeURIComponent(this.field)}&points=2000`);
      return answer.curves || [];
    }

    async saveCSV() {
      let curves = this.curves;
      if (curves.some((curve) => curve.total > curve.value.length) && !kept) {
        try { curves = await this.finer(); } catch { /* those that are here */ }
      }
      const named = curves.some((curve) => curve.run !== curves[0].run);
      const labels = [...new Set(curves.flatMap((curve) => Object.keys(curve.labels || {})))];
      const lists = ["record", "step", "epoch", "time"].filter((name) => curves.some((curve) => curve[name]));
      const lines = [[...(named ? ["run"] : []), "file", ...labels.map(csvText), ...lists, csvText(this.field)].join(",")];
      for (const curve of curves) {
        const front = [...(named ? [csvText(this.board.name(curve.run))] : []), csvText(curve.file || ""), ...labels.map((name) => csvText((curve.labels || {})[name] || ""))];
        curve.value.forEach((value, place) => lines.push([...front, ...lists.map((name) => (curve[name] ? curve[name][place] ?? "" : "")), value ?? "NaN"].join(",")));
      }
      download(fileName(this.board.ids.map((id) => this.board.name(id)).slice(0, 3).join("-") + "-" + this.field) + ".csv",
        new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
    }

    /// As a picture of 960 by 480 points, drawn anew for it.
    savePNG() {
      if (!this.graph) return;
      const scale = 2;
      const width = 960;
      const several = this.board.ids.length > 1;
      const legend = this.series.length > 1;
      const head = 34 + (legend ? 18 * Math.ceil(this.series.length / 4) : 0);
      const tall = 440;
      const stage = el("div", { class: "stage", "aria-hidden": "true" });
      this.plot.append(stage);
      const { file, ...options } = this.options;
      const graph = new Dygraph(stage, file, { ...options, ...drawn, pixelRatio: scale, underlayCallback: (...rest) => this.mark(...rest) });
      const picture = el("canvas", { width: width * scale, height: (head + tall + 8) * scale });
      const context = picture.getContext("2d");
      context.scale(scale, scale);
      context.fillStyle = variable("--card");
      context.fillRect(0, 0, width, head + tall + 8);
      const family = getComputedStyle(document.body).fontFamily;
      context.fillStyle = variable("--ink");
      context.textBaseline = "middle";
      context.font = "600 14px " + family;
      context.fillText(plain(this.field) + (this.unit ? " (" + plain(this.unit) + ")" : "") + (several ? "" : " · " + this.board.name(this.board.ids[0])) +
        ", over the " + axes[this.kind].title.toLowerCase(), 12, 18, width - 24);
      context.font = "12px " + family;
      if (legend) {
        this.series.forEach((one, index) => {
          const left = 12 + (index % 4) * (width / 4);
          const top = 40 + Math.floor(index / 4) * 18;
          context.strokeStyle = colourOf(one.place);
          context.lineWidth = 2.5;
          context.setLineDash(dashOf(one.place, one.twin) || []);
          context.beginPath();
          context.moveTo(left, top);
          context.lineTo(left + 18, top);
          context.stroke();
          context.setLineDash([]);
          context.fillText(this.nameOf(one), left + 24, top, width / 4 - 36);
        });
      }
      for (const layer of stage.querySelectorAll("canvas")) context.drawImage(layer, 0, head, width, tall);
      const origin = stage.getBoundingClientRect();
      context.fillStyle = variable("--muted");
      context.textAlign = "center";
      for (const label of stage.querySelectorAll(".dygraph-axis-label")) {
        const range = document.createRange();
        range.selectNodeContents(label);
        const box = range.getBoundingClientRect();
        context.fillText(label.textContent, box.left - origin.left + box.width / 2, box.top - origin.top + box.height / 2 + head);
      }
      graph.destroy();
      stage.remove();
      picture.toBlob((blob) => download(fileName(this.board.ids.map((id) => this.board.name(id)).slice(0, 3).join("-") + "-" + this.field) + ".png", blob), "image/png");
    }
  }

  function fade(colour, share) {
    return colour + Math.round(share * 255).toString(16).padStart(2, "0");
  }

  /// The charts of one or several runs, and what holds for all of them.
  class Board {
    constructor(ids, query) {
      this.ids = ids;
      this.charts = new Map();
      this.groups = new Map();
      this.hidden = new Set();
      this.starts = new Map();
      this.runs = new Map();
      this.metrics = new Map();
      this.all = [];
      this.zoomed = null;
      const own = (name) => query.get(name) ?? read("sessionStorage", "curves." + name);
      this.wanted = Object.hasOwn(axes, own("x") || "") ? own("x") : null;
      this.axis = "record";
      this.log = own("log") === "1";
      this.logX = own("logx") === "1";
      this.smoothing = Math.min(Math.max(Number(own("smooth")) || 0, 0), 100);
      this.text = query.get("field") || "";
      this.node = el("div", { class: "board", hidden: true });
      this.build();
      this.seer = new IntersectionObserver((entries) => {
        for (const entry of entries) {
          entry.target.chart.visible = entry.isIntersecting;
          if (entry.isIntersecting) this.later(entry.target.chart);
        }
      }, { rootMargin: "300px 0px" });
      this.sizer = new ResizeObserver((entries) => { for (const entry of entries) entry.target.closest(".chart").chart.resize(); });
      this.queue = new Set();
    }

    build() {
      this.choices = el("fieldset", { class: "choice" }, el("legend", { class: "unseen", text: "Draw over" }));
      for (const [name, axis] of Object.entries(axes)) {
        const input = el("input", { type: "radio", name: "axis", value: name });
        input.addEventListener("change", () => { this.wanted = name; this.zoomed = null; this.settle(); });
        this.choices.append(el("label", { "data-axis": name }, input, el("span", { text: axis.title })));
      }
      const log = el("input", { type: "checkbox" });
      log.checked = this.log;
      log.addEventListener("change", () => { this.log = log.checked; this.settle(); });
      const logX = el("input", { type: "checkbox" });
      logX.checked = this.logX;
      logX.addEventListener("change", () => { this.logX = logX.checked; this.zoomed = null; this.settle(); });
      this.slider = el("input", { type: "range", min: 0, max: 100, step: 1, value: this.smoothing });
      this.slider.addEventListener("input", () => { this.smoothing = Number(this.slider.value); this.settle(); });
      this.amount = el("output");
      this.filter = el("input", { type: "search", placeholder: "Filter curves", "aria-label": "Filter curves by name", autocomplete: "off", spellcheck: "false", value: this.text });
      this.filter.addEventListener("input", () => { this.text = this.filter.value; this.showFields(); });
      this.back = el("button", { type: "button", class: "quiet", text: "Show everything", hidden: true, onclick: () => this.zoom(null) });
      this.legend = el("div", { class: "legend", role: "group", "aria-label": "Runs" });
      this.bar = el("div", { class: "tools sticky" }, this.choices,
        el("label", { class: "check" }, logX, "Log x"), el("label", { class: "check" }, log, "Log y"),
        el("label", { class: "slide" }, "Smooth", this.slider, this.amount), this.filter, this.back);
      this.left = el("ul", { class: "left", hidden: true });
      this.places = el("div", { class: "groups" });
      this.none = el("p", { class: "empty", hidden: true });
      this.node.append(this.bar, this.legend, this.left, this.places, this.none);
    }

    /// Whether the x axis is logarithmic: that of a clock never is.
    across(axis) { return this.logX && axis !== "time"; }
    metric(name) { return this.metrics.get(name); }
    name(id) { const run = this.runs.get(id); return run ? nameOf(run) : id; }
    most(id) { return this.totals.get(id) || 0; }

    settings() {
      return { x: this.wanted, logx: this.logX ? 1 : "", log: this.log ? 1 : "", smooth: this.smoothing || "" };
    }

    settle() {
      const settings = this.settings();
      remember({ ...settings, field: this.text });
      for (const [name, value] of Object.entries(settings)) write("sessionStorage", "curves." + name, value ? String(value) : null);
      this.choose();
      this.restyle();
    }

    restyle() {
      this.extents = new Map();
      for (const chart of this.charts.values()) { chart.stale = true; if (chart.visible) this.later(chart); }
      this.showLegend();
      this.showAmount();
    }

    set(answer, runs, metrics) {
      for (const run of runs) this.runs.set(run.id, run);
      for (const metric of metrics) this.metrics.set(metric.name, metric);
      if (this.answer === answer) return;
      this.answer = answer;
      this.all = (answer.curves || []).filter((curve) => Array.isArray(curve.value));
      this.totals = new Map();
      for (const curve of this.all) {
        this.totals.set(curve.run, Math.max(this.totals.get(curve.run) || 0, curve.total || curve.value.length));
        const first = curve.time && curve.time.find(isNumber);
        const run = this.runs.get(curve.run);
        const known = this.starts.get(curve.run) ?? (run && isNumber(run.start) ? run.start : Infinity);
        if (isNumber(first) || known < Infinity) this.starts.set(curve.run, Math.min(known, first ?? Infinity));
      }
      const out = answer.left_out || [];
      this.left.hidden = out.length === 0;
      this.left.replaceChildren(...out.map((one) => el("li", null, el("bdi", { text: this.name(one.run) }), ": ", ticks(plain(one.why || "")))));
      this.extents = new Map();
      this.choose();
      this.assign();
      for (const chart of this.charts.values()) if (chart.wide) chart.refine();
      this.showLegend();
      this.showAmount();
    }

    /// The axis: the one asked for where a log says it, else the one that most curves have.
    choose() {
      const counts = {};
      for (const name of Object.keys(axes)) counts[name] = this.all.filter((curve) => axes[name].of(curve, 0)).length;
      const most = Math.max(counts.step, counts.epoch);
      this.axis = this.wanted && counts[this.wanted] > 0 ? this.wanted : most > 0 && counts.step === most ? "step" : most > 0 ? "epoch" : counts.since > 0 ? "since" : "record";
      for (const label of this.choices.querySelectorAll("label")) {
        const input = label.firstChild;
        input.disabled = counts[label.dataset.axis] === 0;
        input.checked = label.dataset.axis === this.axis;
        hint(label, input.disabled ? "No log here says it" : "");
      }
    }

    /// Gives each chart its curves; makes those that are new.
    assign() {
      const fields = new Map();
      for (const curve of this.all) {
        if (!fields.has(curve.field)) fields.set(curve.field, []);
        fields.get(curve.field).push(curve);
      }
      for (const [field, curves] of fields) {
        let chart = this.charts.get(field);
        if (!chart) {
          chart = new Chart(this, field);
          this.charts.set(field, chart);
          const cut = field.indexOf("/");
          const name = cut > 0 ? field.slice(0, cut) : "";
          let group = this.groups.get(name);
          if (!group) {
            group = { grid: el("div", { class: "grid" }) };
            group.node = el("section", { class: "group" }, el("h2", null, name ? el("bdi", { text: plain(name) }) : "General"), group.grid);
            this.groups.set(name, group);
            this.places.append(group.node);
          }
          group.grid.append(chart.card);
          this.seer.observe(chart.card);
          this.sizer.observe(chart.plot);
        }
        const shown = chart.fine && chart.fine.length ? chart.fine : curves;
        chart.set([...shown].sort((one, other) => this.ids.indexOf(one.run) - this.ids.indexOf(other.run)));
        if (chart.stale && chart.visible) this.later(chart);
      }
      for (const [field, chart] of this.charts) {
        if (fields.has(field)) continue;
        this.seer.unobserve(chart.card);
        this.sizer.unobserve(chart.plot);
        chart.clear();
        chart.card.remove();
        this.charts.delete(field);
      }
      this.node.hidden = false;
      this.showFields();
    }

    showFields() {
      const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
      let seen = 0;
      for (const chart of this.charts.values()) {
        const hit = words.every((part) => chart.field.toLowerCase().includes(part));
        chart.card.hidden = !hit;
        if (hit) seen += 1;
      }
      this.places.classList.toggle("single", this.groups.size < 2);
      for (const group of this.groups.values()) group.node.hidden = ![...group.grid.children].some((card) => !card.hidden);
      this.none.hidden = seen > 0;
      this.bar.hidden = this.charts.size === 0;
      say(this.none, this.charts.size > 0 ? "No curve has such a name." : this.left.hidden
        ? "No curves yet. A curve is drawn for each field of the logs that feeds a metric, from its first value on." : "There is no curve to draw.");
    }

    showLegend() {
      this.legend.hidden = this.ids.length < 2;
      if (this.legend.hidden) return;
      renew(this.legend, [...this.hidden].join() + "|" + this.ids.map((id) => this.name(id)).join() + isDark(), () => this.ids.map((id, place) =>
        el("button", { type: "button", class: "chip", "aria-pressed": this.hidden.has(id) ? "false" : "true", title: this.hidden.has(id) ? "Show it" : "Hide it", onclick: (event) => {
          if (!this.hidden.delete(id)) this.hidden.add(id);
          const index = [...this.legend.children].indexOf(event.currentTarget);
          this.restyle();
          this.legend.children[index].focus();
        }, onpointerenter: () => this.emphasize(id), onpointerleave: () => this.emphasize(null), onfocus: () => this.emphasize(id), onblur: () => this.emphasize(null),
        }, swatch(place), el("bdi", { text: this.name(id) }))));
    }

    emphasize(id) {
      const run = id !== null && this.hidden.has(id) ? null : id;
      for (const chart of this.charts.values()) if (!chart.stale) chart.emphasize(run);
    }

    showAmount() {
      const extent = this.extent(this.axis);
      const span = this.span(extent);
      const text = span === 0 ? "off" : this.axis === "time" || this.axis === "since" ? duration(span) : number(span, 2) + " " + this.axis + "s";
      say(this.amount, text);
      this.slider.setAttribute("aria-valuetext", span === 0 ? "off" : "over " + text);
    }

    /// From where to where the curves go over an axis.
    extent(axis) {
      if (this.extents.has(axis)) return this.extents.get(axis);
      let low = Infinity;
      let high = -Infinity;
      for (const curve of this.all) {
        const xs = axes[axis].of(curve, this.starts.get(curve.run) || 0);
        if (!xs || this.hidden.has(curve.run)) continue;
        for (const x of xs) if (isNumber(x)) { if (x < low) low = x; if (x > high) high = x; }
      }
      const extent = low <= high ? [low, high] : [0, 1];
      this.extents.set(axis, extent);
      return extent;
    }

    /// The time constant of the moving average, in units of the axis.
    span([low, high]) {
      return this.smoothing === 0 ? 0 : (high - low || 1) * 0.2 * (this.smoothing / 100) ** 2;
    }

    whole(axis) {
      const [low, high] = this.extent(axis);
      if (this.across(axis) && high > 0) {
        const from = low > 0 ? low : Math.min(1, high / 10);
        const factor = high > from ? (high / from) ** 0.012 : 1.1;
        return [from / factor, high * factor];
      }
      const margin = high > low ? (high - low) * 0.012 : 0.5;
      return [low - margin, high + margin];
    }

    window(axis) {
      return this.zoomed && this.zoomed.axis === axis ? this.zoomed.window : this.whole(axis);
    }

    /// Shows a part of the axis in all charts; null: everything. Undefined: only the height of one chart has changed.
    zoom(window, axis) {
      if (window !== undefined) this.zoomed = window === null ? null : { axis, window };
      if (window === null) {
        for (const chart of this.charts.values()) {
          if (!chart.yZoomed || !chart.graph) continue;
          chart.yZoomed = false;
          this.resetting = true;
          chart.graph.resetZoom();
          this.resetting = false;
        }
      }
      this.back.hidden = !this.zoomed && ![...this.charts.values()].some((chart) => chart.yZoomed);
      if (window === undefined) return;
      for (const chart of this.charts.values()) { chart.stale = true; if (chart.visible) this.later(chart); }
    }

    /// Shows in all charts what is at x of one of them.
    point(chart, x, byKey) {
      this.pointed = chart ? { chart, x } : null;
      if (chart && byKey) chart.at = x;
      const tell = () => {
        this.pointing = 0;
        const at = this.pointed;
        for (const one of this.charts.values()) if ((one.visible || (at && one === at.chart)) && one.series) one.read(at && one.kind === at.chart.kind ? at.x : null);
      };
      if (byKey) tell();
      else this.pointing = this.pointing || requestAnimationFrame(tell);
    }

    /// Draws a chart soon; a few in each frame, so that the page never stands still.
    later(chart) {
      this.queue.add(chart);
      if (this.drawing) return;
      this.drawing = true;
      const some = () => {
        const until = performance.now() + 12;
        for (const one of this.queue) {
          this.queue.delete(one);
          one.draw();
          if (performance.now() > until) break;
        }
        if (this.queue.size > 0) requestAnimationFrame(some);
        else this.drawing = false;
      };
      drawing().then(() => requestAnimationFrame(some), (error) => { this.drawing = false; missed(error); });
    }

    leave() {
      this.seer.disconnect();
      this.sizer.disconnect();
      for (const chart of this.charts.values()) chart.clear();
      forget("curves");
    }
  }

  // ---------------------------------------------------------------------------------------------- one run, or several

  const processStates = {
    R: "computes", S: "sleeps", D: "waits for a disk or a device, and cannot be interrupted", T: "has been stopped",
    t: "is held by a debugger", Z: "has ended, and nobody has asked how", I: "idle", X: "dead",
  };

  const telling = /\b(error|exception|traceback|killed|out of memory|oom|fatal|abort(ed)?|segmentation fault|nan|assert(ion)?)\b/i;

  function evidenceNodes(run) {
    const { evidence } = run;
    const current = evidence.state === run.state;
    const parts = [];
    const kills = evidence.out_of_memory_kills;
    if (kills && kills.count > 0) {
      parts.push(el("p", { class: "cause" }, el("strong", { text: "Out of memory. " }),
        "The kernel killed " + plural(kills.count, "process", "processes") + (kills.cgroup ? " in " : " of this machine"),
        kills.cgroup ? el("code", { text: plain(kills.cgroup) }) : null, ", since memory had run out."));
    }
    for (const log of evidence.logs || []) {
      const lines = log.lines || [];
      const text = el("pre", { class: "log", tabindex: 0, "aria-label": "Last lines of " + plain(log.file || "a log") },
        lines.map((one) => el("span", { class: telling.test(line(one)) ? "telling" : null, text: line(one) + "\n" })));
      parts.push(el("h3", null, "Last lines of ", el("code", null, el("bdi", { text: plain(log.file || "its log") }))), lines.length ? text : el("p", { text: "It is empty." }));
    }
    if ((evidence.processes || []).length > 0) {
      parts.push(el("h3", { text: "Its processes" }), tableOf(["Process", "State", "CPU", "Memory", "Threads"], evidence.processes.map((one) => [
        [el("bdi", { text: plain(one.name || "?") }), el("span", { class: "of", text: " " + (one.pid ?? "") })],
        [plain(one.state || "–"), el("span", { class: "of", text: " " + (processStates[one.state] || "") }),
          one.wait_channel ? [" ", el("code", { title: "Where in the kernel it waits", text: plain(one.wait_channel) })] : null],
        [isNumber(one.cpu_ratio) ? percentOf(one.cpu_ratio) : "–", isNumber(one.cpu_seconds) ? el("span", { class: "of", text: " " + duration(one.cpu_seconds) + " in all" }) : null],
        isNumber(one.resident_bytes) ? bytes(one.resident_bytes) : "–",
        isNumber(one.threads) ? whole(one.threads) : "–",
      ]), "Processes"));
    }
    if ((evidence.gpus || []).length > 0) {
      parts.push(el("h3", { text: "GPUs" }), tableOf(["GPU", "Utilization", "Memory used"], evidence.gpus.map((one) => [
        [el("bdi", { text: plain(one.name || "") }), el("span", { class: "of", text: " " + plain(one.id ?? one.index ?? "") })],
        isNumber(one.utilization_ratio) ? percentOf(one.utilization_ratio) : "–",
        isNumber(one.memory_used_bytes) ? bytes(one.memory_used_bytes) : "–",
      ]), "GPUs"));
    }
    if (parts.length === 0) parts.push(el("p", { text: "Nothing more is known: it left no lines and no processes." }));
    return { current, parts };
  }

  const percentOf = (share) => number(share * 100, 3) + " %";

  function tableOf(heads, rows, caption) {
    return el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption }, el("table", { class: "plain" }, el("caption", { class: "unseen", text: caption }),
      el("thead", null, el("tr", null, heads.map((text) => el("th", { scope: "col", text })))),
      el("tbody", null, rows.map((cells) => el("tr", null, cells.map((cell) => el("td", null, cell)))))));
  }

  class RunView {
    constructor(wanted, where) {
      this.ids = wanted;
      this.several = where.page === "compare";
      if (!this.several) this.ids = wanted.slice(0, 1);
      this.board = new Board(this.ids, where.query);
      this.every = 5;
    }

    start(main) {
      title(this.several ? "Compare" : "Run");
      this.crumb = el("p", { class: "crumb" }, el("a", { href: "#/", text: "Runs" }));
      this.heading = el("h1", { text: this.several ? "Compare" : "Run" });
      this.state = el("span", { class: "at" });
      this.act = el("a", { class: "quiet button", hidden: true });
      this.facts = el(this.several ? "div" : "dl", { class: this.several ? "scroll" : "facts" });
      this.progress = el("div", { class: "wide-progress", hidden: true });
      this.evidence = el("div", { hidden: true });
      this.findings = el("section", { class: "card", "aria-label": "What is wrong in its logs", hidden: true });
      this.lost = el("div", { class: "empty", hidden: true });
      main.append(this.crumb, el("div", { class: "heading" }, this.heading, this.state, this.act), this.lost, this.progress, this.facts, this.evidence, this.findings, this.board.node);
      const known = knownRuns();
      if (!known) return;
      this.runs = this.ids.map((id) => known.runs.find((run) => run.id === id)).filter(Boolean);
      if (this.runs.length === this.ids.length) this.show();
    }

    async refresh() {
      const wait = askRunsOf(this.ids);
      const metrics = this.metrics();
      const curves = this.curves();
      const sources = this.several ? null : ask("sources").catch((error) => { if (error instanceof Refusal) return null; throw error; });
      const settled = await Promise.allSettled([wait, metrics, curves, sources]);
      if (view !== this) return;
      const failed = settled.find((one) => one.status === "rejected");
      if (settled[0].status === "fulfilled") {
        const all = settled[0].value;
        this.runs = this.ids.map((id) => all.find((run) => run.id === id)).filter(Boolean);
        this.show();
      }
      if (settled[3].value) this.showFindings(settled[3].value);
      if (failed) throw failed.reason;
      this.board.set(settled[2].value, this.runs, settled[1].value.metrics || []);
    }

    /// What units there are changes with the catalog alone.
    async metrics() {
      if (this.units && Date.now() < this.unitsUntil) return this.units;
      try {
        this.units = await ask("metrics");
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        this.units = { metrics: [] };
      }
      this.unitsUntil = Date.now() + 60000;
      return this.units;
    }

    /// Curves are asked for as often as they come quickly.
    async curves() {
      if (this.answer && Date.now() < this.again) return this.answer;
      const began = Date.now();
      const points = this.ids.length > 8 ? 300 : 500;
      const query = this.ids.map((id) => "run=" + encodeURIComponent(id)).join("&");
      this.answer = await ask(`curves?${query}&points=${points}`);
      const unread = (this.answer.left_out || []).some((one) => one.again);
      this.again = unread ? 0 : Date.now() + Math.min(60000, 10 * (Date.now() - began));
      this.every = unread ? 1 : every;
      return this.answer;
    }

    refused(error) {
      if (error.status !== 404 && error.status !== 400) return false;
      if (this.runs && this.runs.length === this.ids.length) {
        this.board.set({ curves: [], left_out: this.ids.map((run) => ({ run, why: error.message })) }, this.runs, []);
        return true;
      }
      return Boolean(this.runs);
    }

    show() {
      const { runs } = this;
      this.lost.hidden = runs.length === this.ids.length && this.ids.length > 0;
      if (!this.lost.hidden) {
        renew(this.lost, "lost " + runs.length, () => [
          el("h2", { text: runs.length === 0 ? "There is no such run" : "Some of these runs are not here" }),
          el("p", { text: "A run is forgotten a day after its last log went, and has another address when its labels change." }),
          el("p", null, el("a", { href: "#/", text: "See all runs" }))]);
      }
      if (this.several) this.showSeveral();
      else if (runs.length === 1) this.showOne(runs[0]);
    }

    showOne(run) {
      title(nameOf(run) + " · " + run.state);
      renew(this.heading, run.id, () => nameNodes(run));
      renew(this.state, run.state + run.diverged, () => [badge(run.state), run.diverged ? el("span", { class: "warn", text: "diverged" }) : null]);
      this.act.hidden = Boolean(kept) && ((kept.runs || {}).runs || []).length < 2;
      this.act.href = "#/";
      say(this.act, "Compare with …");
      this.act.onclick = () => { ticked.clear(); ticked.add(run.id); write("sessionStorage", "ticked", run.id); };
      this.progress.hidden = !isNumber(run.progress);
      fillProgress(this.progress, run);
      this.showFacts(run);
      this.showEvidence(run);
    }

    showFacts(run) {
      const facts = [];
      const add = (name, value, title, kind) => { if (value !== null && value !== undefined && value !== "") facts.push([name, value, title, kind]); };
      const of = (value, planned) => number(value, 7) + (isNumber(planned) ? " of " + number(planned, 7) : "");
      const done = doneText(run);
      if (!ended(run) && done !== "–") add("Done in", done, "At " + full(run.expected_end));
      if (!ended(run) && done !== "–") add("Done at", moment(run.expected_end), full(run.expected_end));
      if (isNumber(run.step)) add("Step", of(run.step, run.planned_steps), String(run.step));
      if (isNumber(run.epoch)) add("Epoch", of(run.epoch, run.planned_epochs), String(run.epoch));
      if (run.diverged || isNumber(run.loss)) add("Loss", lossText(run), run.diverged ? "The newest loss is NaN or infinite" : String(run.loss), run.diverged ? "bad" : "");
      if (isNumber(run.best_score)) add("Best score", number(run.best_score) + (isNumber(run.best_score_step) ? " at " + number(run.best_score_step, 7) : ""), String(run.best_score));
      if (isNumber(run.step_seconds)) add("Per step", duration(run.step_seconds), "The median of the last 128");
      if (isNumber(run.epoch_seconds)) add("Per epoch", duration(run.epoch_seconds), "The median of the last 128");
      if (isNumber(run.last_record)) add("Last record", ago(now() - run.last_record), full(run.last_record));
      if (isNumber(run.start)) add("Started", moment(run.start), full(run.start));
      if (ended(run) && isNumber(run.end)) add("Ended", moment(run.end), full(run.end));
      if (isNumber(run.start) && (isNumber(run.end) || isNumber(run.last_record))) add(ended(run) ? "Took" : "Took so far", duration((ended(run) && isNumber(run.end) ? run.end : run.last_record) - run.start), "From its first record to its " + (ended(run) ? "end" : "newest"));
      if (isNumber(run.processes)) add("Processes", whole(run.processes));
      if (isNumber(run.files)) add("Logs", whole(run.files));
      if (!ended(run) && isNumber(run.stall_limit_seconds)) add("Stalled after", duration(run.stall_limit_seconds), "It counts as stalled when nothing new comes for longer than that");
      if (run.checkpoint) add("Checkpoint", [plain(run.checkpoint.file || "").split("/").pop(), isNumber(run.checkpoint.size) ? bytes(run.checkpoint.size) : "", isNumber(run.checkpoint.time) ? ago(now() - run.checkpoint.time) : ""].filter(Boolean).join(", "), plain(run.checkpoint.file || ""));
      const bad = Object.entries(run.non_finite_values || {}).filter(([, count]) => count > 0);
      if (bad.length > 0) add("NaN or infinite", bad.map(([field, count]) => whole(count) + " in " + plain(field)).join(", "), "Values that were no finite numbers, by field", "bad");
      const names = facts.map((fact) => fact[0]).join();
      if (this.facts.shown !== names) renew(this.facts, names, () => facts.map(([name]) => el("div", null, el("dt", { text: name }), el("dd"))));
      facts.forEach(([, value, title, kind], place) => {
        const node = this.facts.children[place].lastChild;
        say(node, value);
        hint(node, title);
        node.className = kind || "";
      });
    }

    showEvidence(run) {
      const { evidence } = run;
      this.evidence.hidden = !evidence;
      if (!evidence) return;
      renew(this.evidence, run.state + JSON.stringify(evidence), () => {
        const { current, parts } = evidenceNodes(run);
        const since = el("span", { class: "since" });
        this.since = { node: since, time: evidence.time };
        if (current) return el("section", { class: "evidence", "data-state": run.state, "aria-label": "What is known of its end" }, el("h2", null, badge(run.state), " ", since), parts);
        return el("details", { class: "evidence" }, el("summary", null, "It was " + plain(evidence.state || "") + " ", since, ", and went on"), parts);
      });
      // The last line is what was looked for.
      for (const log of this.evidence.querySelectorAll("pre.log:not([data-seen])")) {
        log.dataset.seen = "";
        log.scrollTop = log.scrollHeight;
      }
      this.showSince();
    }

    /// What watchers found in its logs.
    showFindings(sources) {
      const found = [];
      for (const watcher of sources.watchers || []) {
        const files = new Set((watcher.logs || []).filter((log) => log.run === this.ids[0]).map((log) => log.file));
        for (const finding of watcher.findings || []) if (finding.file && files.has(finding.file)) found.push(finding);
      }
      this.findings.hidden = found.length === 0;
      renew(this.findings, JSON.stringify(found), () => findingsNode(found, "in its logs"));
    }

    showSince() {
      if (this.since && isNumber(this.since.time)) { say(this.since.node, ago(now() - this.since.time)); hint(this.since.node, full(this.since.time)); }
    }

    showSeveral() {
      const { runs } = this;
      title("Compare " + runs.length + " runs");
      say(this.heading, "Compare " + plural(runs.length, "run"));
      const key = JSON.stringify([runs.map((run) => [run.id, run.state, run.progress, run.loss, run.diverged, run.best_score, run.step, run.epoch, paceOf(run)]), isDark()]);
      const losses = runs.filter((run) => isNumber(run.loss) && !run.diverged).map((run) => run.loss);
      const lowest = losses.length > 1 ? Math.min(...losses) : null;
      renew(this.facts, key, () => {
        this.live = [];
        return el("table", { class: "plain compare" }, el("caption", { class: "unseen", text: "The runs that are compared" }),
          el("thead", null, el("tr", null, ["Run", "State", "Progress", "Done in", "Step or epoch", "Loss", "Best score", "Pace", "Last record", ""].map((text) =>
            text ? el("th", { scope: "col", class: ["Step or epoch", "Loss", "Best score", "Pace", "Last record"].includes(text) ? "number" : null, text }) : el("td")))),
          el("tbody", null, runs.map((run) => {
            const cell = (name, kind) => { const node = el("td", { class: kind || null, "data-column": name }); fillers[name](node, run); return node; };
            const done = cell("done");
            const last = cell("last", "number");
            this.live.push([run, done, last]);
            const loss = cell("loss", "number");
            if (lowest !== null && run.loss === lowest) loss.prepend(el("span", { class: "tag", text: "lowest" }), " ");
            const rest = this.ids.filter((id) => id !== run.id);
            return el("tr", null,
              el("th", { scope: "row" }, el("span", { class: "row-name" }, swatch(this.ids.indexOf(run.id)), el("a", { class: "name", href: "#/run/" + run.id }, nameNodes(run)))),
              cell("state"), cell("progress"), done, cell("position", "number"), loss, cell("best", "number"), cell("pace", "number"), last,
              el("td", null, rest.length > 0 ? el("a", { class: "drop", href: "#/compare/" + rest.join(","), "aria-label": "Leave out " + nameOf(run), title: "Leave it out", text: "×" }) : null));
          })));
      });
      for (const [place, one] of (this.live || []).entries()) one[0] = runs[place] || one[0];
      this.tick();
    }

    tick() {
      if (this.several) {
        for (const [run, done, last] of this.live || []) { fillDone(done, run); fillLast(last, run); }
      } else if (this.runs && this.runs.length === 1) {
        this.showFacts(this.runs[0]);
        this.showSince();
      }
    }

    restyle() {
      if (this.runs && this.several) this.showSeveral();
      if (this.board.answer) this.board.restyle();
    }

    leave() {
      this.board.leave();
    }
  }

  // ---------------------------------------------------------------------------------------------- sources

  const outcomes = {
    mapped: "used", applied: "used", filtered: "left out by where", unmatched: "matched no pattern", malformed: "could not be read", rejected: "refused",
  };
  const badOutcomes = ["malformed", "unmatched", "rejected"];

  /// A sentence with its parts in back ticks as code.
  const ticks = (text) => text.split(/`([^`]*)`/).map((part, place) => (place % 2 ? el("code", null, el("bdi", { text: part })) : part));

  /// A text that begins with file:line, with that part set apart.
  function findingNodes(finding) {
    const clean = plain(finding.text || "");
    const cut = clean.match(/^(\S.*?:\d+(?::\d+)?)(:?\s)/);
    if (cut) return [el("code", null, el("bdi", { text: cut[1] })), " ", ticks(clean.slice(cut[0].length))];
    const file = finding.file ? plain(finding.file) : "";
    return [file && !clean.includes(file) ? [el("code", null, el("bdi", { text: file })), " "] : null, ticks(clean)];
  }

  const findingsNode = (findings, where) =>
    el("div", { class: "findings" }, el(where ? "h2" : "h3", { text: plural(findings.length, "finding") + (where ? " " + where : "") }), el("ul", null, findings.map((finding) =>
      el("li", null, el("span", { class: "tag", text: plain(finding.kind || "finding") }), " ", findingNodes(finding)))));

  class SourcesView {
    start(main) {
      title("Sources");
      this.host = el("div", { class: "cards" });
      this.summary = el("p", { class: "summary" });
      this.opened = new Set();
      main.append(el("div", { class: "heading" }, el("h1", { text: "Sources" }), this.summary), this.host);
    }

    async refresh() {
      const [sources, runs] = await Promise.all([ask("sources"), askRuns().catch((error) => { if (error instanceof Refusal) return { runs: [] }; throw error; })]);
      if (view !== this) return;
      this.document = sources;
      this.names = new Map(runs.runs.map((run) => [run.id, nameOf(run)]));
      this.show();
    }

    show() {
      const { time, ...rest } = this.document;
      const watchers = rest.watchers || [];
      const collectors = rest.collectors || [];
      const found = watchers.reduce((count, one) => count + (one.findings || []).length, 0);
      const failing = collectors.filter((one) => ["failure", "timeout"].includes(one.last)).length;
      const troubles = [found > 0 ? plural(found, "finding") : "", failing > 0 ? plural(failing, "collector fails", "collectors fail") : ""].filter(Boolean);
      const sure = watchers.length + collectors.length > 0 && watchers.every((one) => one.findings);
      say(this.summary, troubles.join(" · ") || (sure ? "Nothing to complain of" : ""));
      this.summary.classList.toggle("bad", troubles.length > 0);
      const key = JSON.stringify(rest) + [...this.names].length;
      if (this.host.shown === key) return this.tick();
      const held = this.host.contains(document.activeElement) && document.activeElement.dataset.key;
      this.ages = [];
      renew(this.host, key, () => {
        if (watchers.length + collectors.length === 0) {
          return el("div", { class: "empty" }, el("h2", { text: "Nothing is read yet" }), el("p", null, "The catalog has no watcher and no collector. ", el("code", { text: "docs/first-catalog.md" }), " leads from a log to its first metric."));
        }
        return [watchers.map((one) => this.watcher(one)), collectors.length > 0 ? this.collectors(collectors) : null];
      });
      if (held) { const again = [...this.host.querySelectorAll("[data-key]")].find((node) => node.dataset.key === held); if (again) again.focus(); }
      this.tick();
    }

    age(time) {
      if (!isNumber(time)) return el("span", { class: "none", text: "–" });
      const node = el("span", { title: full(time) });
      this.ages.push([node, time]);
      return node;
    }

    watcher(one) {
      const findings = one.findings || [];
      const records = Object.entries(one.records || {});
      const sum = records.reduce((count, [, value]) => count + value, 0);
      const behind = one.bytes_behind || 0;
      const logs = one.logs || [];
      const fact = (name, ...value) => el("div", null, el("dt", { text: name }), el("dd", null, value));
      const name = plain(one.name || "watcher");
      const details = el("details", { open: this.opened.has(one.name) || (findings.length === 0 && logs.length <= 3 && logs.length > 0) }, el("summary", { "data-key": "logs " + name, text: plural(logs.length, "log") + (one.files > logs.length ? " of " + whole(one.files) : "") }),
        tableOf(["Log", "Run", "Size", "Not read yet", "Written"], logs.map((log) => [
          el("code", null, el("bdi", { text: plain(log.file || "") })),
          log.run ? el("a", { href: "#/run/" + encodeURIComponent(log.run) }, el("bdi", { text: this.names.get(log.run) || "its run" })) : "–",
          bytes(log.size), log.behind > 0 ? el("span", { class: "bad", text: bytes(log.behind) }) : "nothing", this.age(log.modified),
        ]), "Logs of " + name));
      details.addEventListener("toggle", () => { if (details.open) this.opened.add(one.name); else this.opened.delete(one.name); });
      return el("section", { class: "card" },
        el("header", null, el("h2", null, el("bdi", { text: name })), el("span", { class: "of", text: plain(one.format || "") })),
        el("p", { class: "patterns" }, (one.patterns || []).map((pattern) => [el("code", null, el("bdi", { text: plain(pattern) })), " "])),
        el("dl", { class: "facts" },
          fact("Files", whole(one.files || 0)),
          fact("Read", bytes(one.bytes_read || 0)),
          fact("Not read yet", behind > 0 ? el("span", { class: "bad", text: bytes(behind) }) : "nothing"),
          fact("Last record", this.age(one.last_record)),
          fact("Records", whole(sum))),
        sum > 0 ? [
          el("div", { class: "stack", "aria-hidden": "true" }, svg("svg", { viewBox: "0 0 1000 8", preserveAspectRatio: "none" }, this.stack(records, sum))),
          el("ul", { class: "outcomes" }, records.filter(([, count]) => count > 0).map(([outcome, count]) => el("li", { class: badOutcomes.includes(outcome) ? "bad" : null, title: outcomes[outcome] || null },
            el("i", { class: "key-mark " + outcomeKind(outcome), "aria-hidden": "true" }), el("data", { value: count, text: whole(count) }), " " + plain(outcome)))),
        ] : null,
        findings.length > 0 ? findingsNode(findings) : null,
        one.files === 0 && findings.length === 0 ? el("p", { class: "hint" }, "No file matches. Is the path right, and relative to the catalog's folder? ", el("code", { text: "training-exporter explain" }), " says where it looked.") : null,
        logs.length > 0 ? details : null);
    }

    stack(records, sum) {
      let at = 0;
      return records.filter(([, count]) => count > 0).map(([outcome, count]) => {
        const width = Math.max(4, (count / sum) * 1000);
        const piece = svg("rect", { x: Math.min(at, 996).toFixed(1), width: width.toFixed(1), height: 8, class: outcomeKind(outcome) });
        at += width;
        return piece;
      });
    }

    collectors(list) {
      return el("section", { class: "card" }, el("header", null, el("h2", { text: "Collectors" })),
        tableOf(["Collector", "Every", "Last", "Last success", "Took", "Problems"], list.map((one) => [
          el("bdi", { text: plain(one.name || "") }), duration(one.interval),
          el("span", { class: one.last === "success" || one.last === "no_data" ? "good" : "bad", text: plain(one.last || "not yet").replace("_", " ") }), this.age(one.last_success),
          isNumber(one.duration) ? duration(one.duration) : "–",
          (one.problems || []).length > 0 ? el("ul", { class: "problems" }, one.problems.map((text) => el("li", { text: plain(text) }))) : "none",
        ]), "Collectors"));
    }

    tick() {
      for (const [node, time] of this.ages || []) say(node, ago(now() - time));
    }
  }

  const outcomeKind = (outcome) => (["mapped", "applied"].includes(outcome) ? "kind-good" : badOutcomes.includes(outcome) ? "kind-bad" : "kind-other");

  // ---------------------------------------------------------------------------------------------- metrics

  const metricColumns = [
    { key: "name", title: "Metric", by: (metric) => metric.name },
    { key: "type", title: "Type", by: (metric) => metric.type },
    { key: "unit", title: "Unit", by: (metric) => metric.unit || null },
    { key: "labels", title: "Labels", by: (metric) => (metric.labels || []).join(" ") || null },
    { key: "series", title: "Series", by: (metric) => metric.series, descending: true },
    { key: "fed", title: "Fed by", by: (metric) => (metric.fed_by || []).join(" ") || null },
  ];

  function budget(series, limit, name) {
    const share = isNumber(limit) && limit > 0 ? Math.min(1, series / limit) : 0;
    const full = share >= 1 ? "full" : share >= 0.8 ? "near" : "";
    return [el("span", { class: "bar " + full, "aria-hidden": "true" }, isNumber(limit) ? svg("svg", { viewBox: "0 0 100 6", preserveAspectRatio: "none" }, svg("rect", { width: (share * 100).toFixed(1), height: 6 })) : null),
      el("span", { class: "figures" }, el("data", { value: series, text: whole(series || 0) }), isNumber(limit) ? el("span", { class: "of", text: " of " + whole(limit) + (name || "") }) : null,
        full === "full" ? el("span", { class: "warn", text: "full" }) : null)];
  }

  class MetricsView {
    constructor() {
      this.sort = { key: null, descending: false };
      this.text = "";
    }

    start(main) {
      title("Metrics");
      this.summary = el("p", { class: "summary" });
      this.total = el("div", { class: "budget" });
      this.refusals = el("section", { class: "card", hidden: true });
      this.filter = el("input", { type: "search", placeholder: "Filter", "aria-label": "Filter metrics", autocomplete: "off", spellcheck: "false" });
      this.filter.addEventListener("input", () => { this.text = this.filter.value; this.show(); });
      this.heads = new Map();
      const head = el("tr", null, metricColumns.map((column) => {
        const cell = el("th", { scope: "col" }, el("button", { type: "button", onclick: () => {
          if (this.sort.key !== column.key) this.sort = { key: column.key, descending: Boolean(column.descending) };
          else if (this.sort.descending === Boolean(column.descending)) this.sort = { key: column.key, descending: !column.descending };
          else this.sort = { key: null, descending: false };
          this.show();
        } }, column.title, el("span", { class: "arrow", "aria-hidden": "true" })));
        this.heads.set(column.key, cell);
        return cell;
      }));
      this.body = el("tbody");
      this.empty = el("p", { class: "empty", hidden: true });
      this.frame = el("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "The catalog" }, el("table", { class: "plain metrics" }, el("caption", { class: "unseen", text: "The catalog" }), el("thead", null, head), this.body));
      this.content = el("div", { hidden: true }, this.total, this.refusals, el("div", { class: "tools" }, this.filter), this.frame, this.empty);
      main.append(el("div", { class: "heading" }, el("h1", { text: "Metrics" }), this.summary), this.content);
    }

    async refresh() {
      const document = await ask("metrics");
      if (view !== this) return;
      this.document = document;
      this.content.hidden = false;
      this.show();
    }

    show() {
      const { document } = this;
      const all = document.metrics || [];
      renew(this.total, document.series + " " + document.limit, () => [el("span", { class: "what", text: "Time series" }), budget(document.series || 0, document.limit)]);
      const refused = [...all, ...(document.undeclared || [])].flatMap((metric) => (metric.rejections || []).filter((one) => one.count > 0).map((one) => ({ metric, ...one })));
      this.refusals.hidden = refused.length === 0;
      const samples = refused.reduce((count, one) => count + one.count, 0);
      renew(this.summary, all.length + " " + samples, () => [plural(all.length, "metric"), samples > 0 ? [" · ", el("strong", { class: "bad", text: plural(samples, "sample") + " refused" })] : null]);
      renew(this.refusals, JSON.stringify(refused.map((one) => [one.metric.name, one.reason, one.label, one.count, one.last_values])), () => [
        el("header", null, el("h2", { text: "Refused" })),
        tableOf(["Metric", "Why", "Label", "Count", "Last values"], refused.map((one) => [
          el("bdi", { text: plain(one.metric.name) }), el("span", { class: "bad", title: reasons[one.reason] || null, text: plain(one.reason) }),
          one.label ? el("bdi", { text: plain(one.label) }) : "–", el("data", { value: one.count, text: whole(one.count) }),
          (one.last_values || []).length > 0 ? one.last_values.map((value) => [el("code", { class: "offender" }, el("bdi", { text: plain(value) || "(empty)" })), " "]) : "–",
        ]), "Refused samples"),
        el("ul", { class: "reasons" }, [...new Set(refused.map((one) => one.reason))].filter((reason) => reasons[reason]).map((reason) => el("li", null, el("code", { text: reason }), ": " + reasons[reason] + "."))),
      ]);
      for (const [key, cell] of this.heads) {
        if (this.sort.key === key) cell.setAttribute("aria-sort", this.sort.descending ? "descending" : "ascending");
        else cell.removeAttribute("aria-sort");
      }
      const words = this.text.toLowerCase().split(/\s+/).filter(Boolean);
      const column = metricColumns.find((one) => one.key === this.sort.key);
      const seen = all.map((metric, place) => ({ metric, place })).filter(({ metric }) => {
        const text = (metric.name + " " + metric.type + " " + (metric.help || "") + " " + (metric.labels || []).join(" ")).toLowerCase();
        return words.every((part) => text.includes(part));
      });
      if (column) seen.sort((one, other) => compare(column.by(one.metric), column.by(other.metric), this.sort.descending) || one.place - other.place);
      const key = JSON.stringify(seen.map(({ metric }) => metric));
      renew(this.body, key, () => seen.map(({ metric }) => el("tr", null,
        el("th", { scope: "row" }, el("code", null, el("bdi", { text: plain(metric.name) })), metric.deprecated ? el("span", { class: "warn", title: plain(metric.deprecated), text: "deprecated" }) : null,
          metric.help ? el("span", { class: "help", text: plain(metric.help) }) : null),
        el("td", { text: plain(metric.type || "") }), el("td", { text: plain(metric.unit || "–") }),
        el("td", null, (metric.labels || []).length > 0 ? metric.labels.map((label) => [el("code", { text: plain(label) }), " "]) : "–"),
        el("td", { class: "budget-cell" }, budget(metric.series || 0, metric.max_series)),
        el("td", null, (metric.fed_by || []).length > 0 ? metric.fed_by.map(plain).join(", ") : el("span", { class: "none", title: "No watcher and no collector feeds it", text: "nothing" })))));
      this.frame.hidden = seen.length === 0;
      this.empty.hidden = seen.length > 0;
      say(this.empty, all.length === 0 ? "The catalog declares no metrics yet." : "No metric matches.");
    }
  }

  const reasons = {
    metric_undeclared: "no metric of that name is declared", label_missing: "a label has no value, or an empty one",
    label_undeclared: "there is a value for a label that the metric does not have", label_value: "the value is none of those that the label may have",
    label_too_long: "a label's value is longer than 4,096 bytes", label_max_values: "the value is new, and the label has as many as it may have",
    metric_max_series: "the series is new, and the metric has as many as it may have", registry_max_series: "the series is new, and the catalog has as many as it may have",
    negative_increment: "a counter was given a negative number", not_a_number: "there is a text where a number is wanted, or a NaN that this type cannot take",
    not_finite: "an infinity that this type cannot take", exemplar_labels: "an exemplar's labels are too long",
  };

  // ---------------------------------------------------------------------------------------------- keeping

  /// The page with what it knows, as one file that needs nothing else.
  async function keepPage(button) {
    const before = [...button.childNodes];
    button.disabled = true;
    try {
      const get = async (address) => { const answer = await fetch(address, { cache: "no-cache" }); if (!answer.ok) throw new TypeError(address); return answer.text(); };
      await askRuns();
      await askFurther();
      const all = knownRuns();
      const where = place();
      const several = !["run", "compare"].includes(where.page);
      const chosen = several ? all.runs.slice(0, 100).map((run) => run.id) : ids(where.rest);
      const curves = { curves: [], left_out: [] };
      for (let first = 0; first < chosen.length; first += 20) {
        say(button, "Keeping " + Math.round((first / chosen.length) * 100) + " %");
        const query = chosen.slice(first, first + 20).map((id) => "run=" + encodeURIComponent(id)).join("&");
        const address = `curves?${query}&points=${chosen.length > 20 ? 200 : 500}`;
        let answer = await ask(address);
        // Each answer has waited for what is read.
        for (let turn = 0; turn < 100 && (answer.left_out || []).some((one) => one.again); turn += 1) answer = await ask(address);
        curves.curves.push(...(answer.curves || []));
        curves.left_out.push(...(answer.left_out || []));
      }
      for (const run of several ? all.runs.slice(chosen.length) : []) {
        curves.left_out.push({ run: run.id, why: "only the first 100 runs have curves in this file: keep the run's own page to have them" });
      }
      const runs = several ? all.runs : all.runs.filter((run) => chosen.includes(run.id));
      const document = { time: now(), page: location.hash || "#/", runs: { time: now(), total: several ? all.total : runs.length, runs }, curves, sources: await ask("sources"), metrics: await ask("metrics") };
      let html = await get("./");
      const inlined = async (pattern, address, open, close) => {
        const text = await get(address);
        html = html.replace(pattern, () => open + text.replace(/<\/(script|style)/gi, "<\\/$1") + close);
      };
      await inlined(/<link rel="stylesheet" href="page\/dygraph\.css">/, "page/dygraph.css", "<style>", "</style>");
      await inlined(/<link rel="stylesheet" href="page\/page\.css">/, "page/page.css", "<style>", "</style>");
      await inlined(/<script src="page\/page\.js"><\/script>/, "page/page.js", "<script>", "</" + "script>");
      await inlined(/<script src="page\/dygraph\.js"><\/script>/, "page/dygraph.js", "<script>", "</" + "script>");
      html = html.replace(/<span class="again">[^<]*<\/span>/, "");
      const policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:\">";
      const data = JSON.stringify(document).replace(/</g, "\\u003c");
      html = html.replace("</head>", () => policy + '\n<script type="application/json" id="snapshot">' + data + "</" + "script>\n</head>");
      const name = runs.length === 1 ? nameOf(runs[0]) : brand;
      download(fileName(name + "-" + new Date(now() * 1000).toISOString().slice(0, 16).replace(":", "")) + ".html", new Blob([html], { type: "text/html" }));
      say(button, "Kept");
    } catch (error) {
      console.warn(error);
      say(button, "Not kept");
      announce("It could not be kept. " + (error.message || ""));
    }
    setTimeout(() => { button.replaceChildren(...before); button.disabled = false; }, 2500);
  }

  // ---------------------------------------------------------------------------------------------- light

  const themes = { auto: "Colours: as the system", light: "Colours: light", dark: "Colours: dark" };

  function setTheme(name, keepIt) {
    const root = document.documentElement;
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    if (keepIt) write("localStorage", "theme", name === "auto" ? null : name);
    const button = byId("theme");
    button.replaceChildren(svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" },
      svg("circle", { cx: 8, cy: 8, r: 5.5, class: "ring" }),
      svg("path", { d: name === "auto" ? "M8 2.500A5.500 5.500 0 0 1 8 13.500Z" : name === "dark" ? "M8 2.500A5.500 5.500 0 0 1 8 13.500A5.500 5.500 0 0 1 8 2.500Z" : "", class: "disc" })),
      el("span", { class: "unseen", text: themes[name] + ". Change it" }));
    button.title = themes[name];
    if (view && view.restyle) view.restyle();
  }

  const theme = () => document.documentElement.dataset.theme || "auto";

  // ---------------------------------------------------------------------------------------------- start

  byId("nav").hidden = false;
  byId("side").hidden = false;
  byId("keep").hidden = Boolean(kept);
  if (kept) {
    document.querySelector("footer .links").hidden = true;
    const page = typeof kept.page === "string" && kept.page.startsWith("#/") ? kept.page : null;
    if (page && !location.hash.startsWith("#/")) history.replaceState(null, "", page);
  }
  byId("keep").addEventListener("click", (event) => keepPage(event.currentTarget));
  const chosen = read("localStorage", "theme");
  setTheme(chosen === "light" || chosen === "dark" ? chosen : "auto");
  byId("theme").addEventListener("click", () => {
    const order = ["auto", "light", "dark"];
    setTheme(order[(order.indexOf(theme()) + 1) % 3], true);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { if (view && view.restyle) view.restyle(); });
  document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
  window.addEventListener("hashchange", route);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) turn(); else clearTimeout(timer); });
  window.addEventListener("online", () => turn());
  window.addEventListener("pageshow", (event) => { if (event.persisted) turn(); });
  setInterval(() => { if (!document.hidden) tick(); }, 1000);
  route();
})();
