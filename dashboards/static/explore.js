/* The explorer's window on the rows: only those that can be seen are drawn; and what a person does with it. */
(function () {
  "use strict";
  var V = window.likareView, S = window.likareStore, say = V.say, store = V.store, make = V.make, root = V.root, dialog = V.dialog;
  var form = root.querySelector("form"), head = root.querySelector(".head"), view = root.querySelector(".window");
  var spacer = root.querySelector(".spacer"), count = root.querySelector(".count"), pending = 0, drawn = "", waiting = null, printing = false;
  var PRINTED = 300;

  function refresh() {
    pending = 0;
    if (waiting && store.differences.loaded >= store.differences.rows) { var go = waiting; waiting = null; go(); }
    var k = V.kept(), sorted = V.state.sort || "";
    V.found = k.loaded ? S.filter(k, V.tests(), V.state.q || "", V.TITLE) : new Int32Array(0);
    if (sorted) { V.found = S.sort(k, V.found, sorted.replace("-", ""), sorted[0] === "-", V.language); }
    V.active = Math.min(V.active, Math.max(V.found.length - 1, 0));
    var done = k.loaded >= k.rows, whole = V.count(k.all), sentence = { matches: say.count_matches, trees: say.count_trees }[V.mode()] || say.count;
    count.textContent = V.fill(sentence, { n: V.count(V.found.length), all: whole }) +
      (done ? (k.all > k.rows ? " " + V.fill(say.count_cut, { n: V.count(k.rows) }) : "") : " " + V.fill(say.count_loading, { n: V.count(k.loaded) }));
    header();
    spacer.style.height = V.found.length * height() + "px";
    root.querySelector(".rows").setAttribute("aria-rowcount", String(V.found.length + 1));
    draw(true);
    root.dataset.ready = done ? "yes" : "part";
    if (V.state.open && done && !dialog.open) { V.openById(V.state.open); }
  }
  function height() { return parseFloat(getComputedStyle(root).getPropertyValue("--row")) || 44; }
  function header() {
    head.replaceChildren();
    var line = make("div", "line " + V.mode()), columns = V.columns();
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", "1");
    columns.forEach(function (column) {
      var cell = make("div", column[1]), button = make("button", "", V.title(column[0])), sort = V.state.sort || "";
      var now = sort.replace("-", "") === column[0];
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-sort", now ? (sort[0] === "-" ? "descending" : "ascending") : "none");
      button.type = "button";
      if (now) { button.append(make("span", "", sort[0] === "-" ? " ↓" : " ↑")); }
      button.addEventListener("click", function () {
        var numeric = column[1].indexOf("num") === 0;
        V.set("sort", !now ? (numeric ? "-" : "") + column[0] : sort[0] === "-" ? column[0] : "-" + column[0]);
        head.querySelectorAll("button")[columns.indexOf(column)].focus();
      });
      cell.append(button);
      line.append(cell);
    });
    head.append(line);
  }
  function draw(force) {
    var h = height(), found = V.found, first = Math.max(0, Math.floor(view.scrollTop / h) - 6);
    if (printing) { first = Math.min(first + 6, Math.max(0, found.length - PRINTED)); if (view.scrollTop < h) { first = 0; } }
    var last = Math.min(found.length, first + (printing ? PRINTED : Math.ceil(view.clientHeight / h) + 12)), key = first + "-" + last;
    if (!force && key === drawn) { return; }
    drawn = key;
    var focused = view.contains(document.activeElement) && document.activeElement !== view, lines = [];
    for (var at = first; at < last; at += 1) { lines.push(line(at, h)); }
    if (!found.length) {
      var none = make("div", "nothing", V.kept().loaded < V.kept().rows ? say.loading : say.nothing);
      none.setAttribute("role", "presentation");
      lines.push(none);
    }
    spacer.replaceChildren.apply(spacer, lines);
    if (focused) { focusButton(); }
  }
  function line(at, h) {
    var element = make("div", "line " + V.mode()), columns = V.columns();
    element.setAttribute("role", "row");
    element.setAttribute("aria-rowindex", String(at + 2));
    element.style.transform = "translateY(" + at * h + "px)";
    element.dataset.at = at;
    V.cells(V.found[at]).forEach(function (parts, i) {
      var cell = make("div", columns[i][1]);
      cell.setAttribute("role", "cell");
      // On a phone the head is not seen: each figure is named beside it.
      if (columns[i][1] === "num" && V.mode() === "trees") {
        cell.dataset.name = { only_a: "◧", only_b: "◨" }[columns[i][0]] || V.title(columns[i][0]);
      }
      cell.append.apply(cell, parts);
      element.append(cell);
    });
    element.querySelector("button").tabIndex = at === V.active ? 0 : -1;
    return element;
  }
  function focusButton() {
    var button = spacer.querySelector('[data-at="' + V.active + '"] button');
    if (button) { button.focus({ preventScroll: true }); }
  }
  V.focusActive = function () { draw(true); focusButton(); };
  V.go = function (to, focus) {
    var h = height();
    V.active = Math.max(0, Math.min(V.found.length - 1, to));
    if (V.active * h < view.scrollTop) { view.scrollTop = V.active * h; }
    if ((V.active + 1) * h > view.scrollTop + view.clientHeight) { view.scrollTop = (V.active + 1) * h - view.clientHeight; }
    draw(true);
    if (focus) { focusButton(); }
  };
  view.addEventListener("scroll", function () { requestAnimationFrame(function () { draw(false); }); });
  view.addEventListener("keydown", function (event) {
    var page = Math.max(1, Math.floor(view.clientHeight / height()) - 1), active = V.active;
    var to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: V.found.length - 1 }[event.key];
    if (event.target === view && event.key === "ArrowDown") { to = active; }
    if (to === undefined) { return; }
    event.preventDefault();
    V.go(to, true);
  });
  view.addEventListener("click", function (event) {
    var hit = event.target.closest("[data-at]");
    if (hit) { V.active = Number(hit.dataset.at); V.show(V.found[V.active]); }
  });

  // ---- what a person does
  V.set = function (key, to) {
    var open = key ? "" : V.state.open;
    if (key && to) { V.state[key] = to; } else { delete V.state[key]; }
    if (key === "area") { delete V.state.type; delete V.state.attr; }
    if (key === "type") { delete V.state.attr; }
    if (open) { V.state.open = open; } else { delete V.state.open; }
    V.active = 0;
    view.scrollTop = 0;
    V.write(key === "q");
    apply();
  };
  function heard() { if (!pending) { pending = setTimeout(refresh, V.kept().loaded >= V.kept().rows ? 0 : 60); } }
  V.needDifferences = function (then) { waiting = then; S.need("differences", heard); };
  function apply() {
    V.filters();
    S.need(V.mode(), heard);
    refresh();
  }
  function broken() { count.textContent = say.broken; root.dataset.ready = "broken"; }
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("change", function (event) { if (event.target.name && event.target.name !== "q") { V.set(event.target.name, event.target.value); } });
  form.elements.q.addEventListener("input", function (event) { V.set("q", event.target.value.trim()); });
  root.querySelectorAll("[data-mode]").forEach(function (b) {
    b.addEventListener("click", function () {
      V.state = { q: V.state.q, area: V.state.area, type: V.state.type };
      V.set("mode", b.dataset.mode === "differences" ? "" : b.dataset.mode);
    });
  });
  var more = root.querySelector(".more");
  more.addEventListener("click", function () { more.setAttribute("aria-expanded", String(form.classList.toggle("all"))); });
  function save(kind) {
    var told = V.told();
    window.likareSheet[kind]("likare-" + root.dataset.night + "." + kind, told[0], told[1]);
  }
  var DO = {
    reset: function () { V.state = { mode: V.state.mode }; form.elements.q.value = ""; V.set("q", ""); },
    copy: function (b) {
      var done = function () { b.textContent = say.copied; setTimeout(function () { b.textContent = say.copy; }, 2000); };
      if (navigator.clipboard) { navigator.clipboard.writeText(location.href).then(done, function () { window.prompt(say.copy, location.href); }); }
      else { window.prompt(say.copy, location.href); }
    },
    csv: function () { save("csv"); },
    xlsx: function () { save("xlsx"); }
  };
  root.querySelectorAll("[data-do]").forEach(function (b) { b.addEventListener("click", function () { if (store.meta) { DO[b.dataset.do](b); } }); });
  function arrived() {
    V.leave();
    V.read();
    V.languageLink();
    if (!store.meta) { return; }
    view.scrollTop = 0;
    V.active = 0;
    apply();
  }
  // Paper takes the rows from the first that is seen on, as many as anyone reads on paper.
  window.addEventListener("beforeprint", function () {
    printing = true;
    if (!store.meta) { return; }
    root.querySelector(".on-paper-only").textContent = V.found.length > PRINTED ? V.fill(say.printed, { n: V.count(PRINTED) }) : "";
    draw(true);
  });
  window.addEventListener("afterprint", function () { printing = false; if (store.meta) { draw(true); } });
  window.addEventListener("popstate", arrived);
  window.matchMedia("(max-width: 48rem)").addEventListener("change", function () { if (store.meta) { refresh(); } });
  window.addEventListener("resize", function () { if (store.meta) { draw(true); } });
  V.read();
  V.languageLink();
  S.open(root.dataset.folder, root.dataset.stamp, arrived, broken);
})();
