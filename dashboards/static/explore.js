/* The explorer: filters, order and the open row live in the address after #, so that any view can be sent to someone.
   Rows are drawn only where they can be seen. Text from the builds is always set as text. */
(function () {
  "use strict";
  var S = window.likareStore, W = window.likareWords, store = S.store;
  var say = JSON.parse(document.getElementById("explore-words").textContent), language = document.documentElement.lang;
  var root = document.getElementById("explorer"), form = root.querySelector("form"), head = root.querySelector(".head");
  var view = root.querySelector(".window"), spacer = root.querySelector(".spacer"), count = root.querySelector(".count");
  var dialog = document.querySelector("dialog.detail"), TITLE = language === "sv" ? 1 : 2;
  var number = new Intl.NumberFormat(language), few = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  var share = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  var KEYS = ["mode", "q", "area", "type", "kind", "attr", "cause", "decision", "min", "since", "sure", "counted", "item", "sort", "open"];
  var state = {}, found = new Int32Array(0), active = 0, opener = null, pending = 0;
  var COLUMNS = {
    differences: [["weight", "num"], ["label", "item"], ["attribute", "what"], ["a", "value"], ["b", "value"], ["worth", "num worth"], ["opened", "date"]],
    matches: [["agreement", "num"], ["label", "item"], ["b", "value"], ["key", "value"], ["certain", "what"]]
  };

  function make(name, className, text) {
    var element = document.createElement(name);
    if (className) { element.className = className; }
    if (text !== undefined && text !== null) { element.textContent = text; }
    return element;
  }
  function own(text) { return make("bdi", "", W.plain(text)); }
  function mode() { return state.mode === "matches" ? "matches" : "differences"; }
  function kept() { return store[mode()]; }
  function text(id) { return id >= 0 ? kept().text[id] : null; }
  function entity(row) { return store.meta.entities[kept().column.entity[row]]; }
  function fill(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  }
  function kindTitle(kind) { return fill(say.kinds[kind], { a: store.meta.domains[0], b: store.meta.domains[1] }); }
  function what(row) {
    var c = kept().column, attribute = c.attribute[row] >= 0 ? store.meta.attributes[c.attribute[row]] : null;
    return attribute ? attribute[TITLE + 1] : kindTitle(store.kinds[c.kind[row]]);
  }
  function value(row, side) {
    var c = kept().column, kind = store.kinds[c.kind[row]], shown = text(c[side][row]);
    if (kind === "only_a" || kind === "only_b") { return kind === "only_" + side ? [shown || say.exists, false] : [say.missing, true]; }
    return shown === null || shown === "" ? [say.empty, true] : [shown, false];
  }

  // ---- the address
  function read() {
    var given = new URLSearchParams(location.hash.slice(1));
    state = {};
    KEYS.forEach(function (key) { if (given.get(key)) { state[key] = given.get(key); } });
  }
  function write(replace) {
    var out = new URLSearchParams();
    KEYS.forEach(function (key) { if (state[key]) { out.set(key, state[key]); } });
    var to = "#" + out.toString();
    if (to === (location.hash || "#")) { return; }
    if (replace) { history.replaceState(null, "", to); } else { history.pushState(null, "", to); }
    languageLink();
  }
  // The other language shows the same view.
  function languageLink() {
    document.querySelectorAll(".language a").forEach(function (a) { a.href = a.href.split("#")[0] + location.hash; });
  }

  // ---- the filters
  function options(select, list, current) {
    select.replaceChildren();
    list.forEach(function (one) {
      var option = make("option", "", W.plain(one[1]).slice(0, 90));
      option.value = one[0];
      select.append(option);
    });
    if (current && !list.some(function (one) { return one[0] === current; })) {
      var other = make("option", "", W.plain(current));
      other.value = current;
      select.append(other);
    }
    select.value = current || "";
  }
  function filters() {
    var m = store.meta, f = form.elements, all = [["", say.all]];
    options(f.area, all.concat(m.areas.map(function (a) { return [a[0], a[TITLE]]; })), state.area);
    options(f.type, all.concat(m.entities.filter(function (e) { return !state.area || e[3] === state.area; })
      .map(function (e) { return [e[0], e[TITLE]]; })), state.type);
    options(f.kind, all.concat(store.kinds.map(function (k) { return [k, kindTitle(k)]; })), state.kind);
    options(f.attr, all.concat(m.attributes.filter(function (a) { return !state.type || a[0] === state.type; }).map(function (a) {
      return [a[0] + "." + a[1], (state.type ? "" : titleOf(a[0]) + ": ") + a[TITLE + 1]];
    }).sort(function (x, y) { return x[1].localeCompare(y[1], language); })), state.attr);
    var causes = [["", say.all], ["none", say.cause_none], ["any", say.cause_any]].concat(m.causes.slice(0, 40).map(causeOption));
    m.causes.forEach(function (c) { if (c[0] === state.cause && m.causes.indexOf(c) >= 40) { causes.push(causeOption(c)); } });
    options(f.cause, causes, state.cause);
    options(f.decision, [["", say.all], ["none", say.decision_none], ["any", say.decision_any], ["stale", say.decision_stale]]
      .concat(m.decisions.map(function (d) { return [d[0], d[0] + (d[1] ? ": " + d[1] : "")]; })), state.decision);
    options(f.min, all.concat(["2", "3", "4", "5", "8"].map(function (w) { return [w, "≥ " + w]; })), state.min);
    options(f.since, [["", say.all], ["new", say.since_new], ["again", say.since_again]], state.since);
    options(f.counted, [["", say.all], ["yes", say.counted_yes], ["no", say.counted_no]], state.counted);
    options(f.sure, [["", say.all], ["no", say.sure_no], ["yes", say.sure_yes], ["unlike", say.sure_unlike]], state.sure);
    var sorts = [["", mode() === "matches" ? say.sort_unlike : say.sort_default]];
    COLUMNS[mode()].forEach(function (c) {
      sorts.push(["-" + c[0], title(c[0]) + " ↓"], [c[0], title(c[0]) + " ↑"]);
    });
    options(f.sort, sorts, state.sort);
    if (document.activeElement !== f.q) { f.q.value = state.q || ""; }
    root.querySelectorAll(".of-differences").forEach(function (e) { e.hidden = mode() !== "differences"; });
    root.querySelectorAll(".of-matches").forEach(function (e) { e.hidden = mode() !== "matches"; });
    root.querySelectorAll("[data-mode]").forEach(function (b) { b.setAttribute("aria-pressed", String(b.dataset.mode === mode())); });
  }
  function causeOption(c) { return [c[0], c[1] + " (" + titleOf(c[2]) + ", " + number.format(c[5]) + ")"]; }
  function titleOf(name) {
    var one = store.meta.entities.find(function (e) { return e[0] === name; });
    return one ? one[TITLE] : name || "";
  }
  function title(column) {
    if (column === "a") { return store.meta.domains[0]; }
    if (column === "b") { return store.meta.domains[1]; }
    return mode() === "matches" && column === "label" ? store.meta.domains[0] : say.columns[column];
  }
  function tests() {
    var c = kept().column, m = store.meta, list = [];
    function add(wanted, test) { if (wanted) { list.push(test); } }
    function flags(rows, test) { return Uint8Array.from(rows, function (row) { return test(row) ? 1 : 0; }); }
    var types = flags(m.entities, function (e) { return (!state.area || e[3] === state.area) && (!state.type || e[0] === state.type); });
    add(state.area || state.type, function (row) { return types[c.entity[row]]; });
    if (mode() === "matches") {
      add(state.sure === "no", function (row) { return c.certain[row] === 0; });
      add(state.sure === "yes", function (row) { return c.certain[row] === 1; });
      add(state.sure === "unlike", function (row) { return c.identical[row] === 0; });
      return list;
    }
    var local = flags(m.entities, function (e) { return e[4]; });
    add(state.counted === "yes", function (row) { return !local[c.entity[row]]; });
    add(state.counted === "no", function (row) { return local[c.entity[row]]; });
    var kind = store.kinds.indexOf(state.kind);
    add(kind >= 0, function (row) { return c.kind[row] === kind; });
    var attributes = flags(m.attributes, function (a) { return a[0] + "." + a[1] === state.attr; });
    add(state.attr, function (row) { return c.attribute[row] >= 0 && attributes[c.attribute[row]]; });
    var cause = m.causes.findIndex(function (x) { return x[0] === state.cause; });
    add(state.cause === "none", function (row) { return c.cause[row] < 0; });
    add(state.cause === "any", function (row) { return c.cause[row] >= 0; });
    add(state.cause && state.cause !== "none" && state.cause !== "any", function (row) {
      return (cause >= 0 && c.cause[row] === cause) || c.id[row] === state.cause;
    });
    var decision = m.decisions.findIndex(function (x) { return x[0] === state.decision; });
    add(state.decision === "none", function (row) { return c.decision[row] < 0; });
    add(state.decision === "any", function (row) { return c.decision[row] >= 0; });
    add(state.decision === "stale", function (row) { return c.stale[row] === 1; });
    add(state.decision && ["none", "any", "stale"].indexOf(state.decision) < 0, function (row) { return decision >= 0 && c.decision[row] === decision; });
    add(Number(state.min) > 0, function (row) { return c.weight[row] >= Number(state.min); });
    var newest = m.moments.length && m.moments[m.moments.length - 1][0] === m.night ? m.moments.length - 1 : -2;
    add(state.since === "new", function (row) { return c.opened[row] === newest; });
    add(state.since === "again", function (row) { return c.again[row] > 0; });
    add(state.item, function (row) { return c.item[row] === Number(state.item); });
    return list;
  }

  // ---- the rows
  function refresh() {
    pending = 0;
    var k = kept(), sorted = state.sort || "";
    found = k.loaded ? S.filter(k, tests(), state.q || "", TITLE) : new Int32Array(0);
    if (sorted) { found = S.sort(k, found, sorted.replace("-", ""), sorted[0] === "-", language); }
    active = Math.min(active, Math.max(found.length - 1, 0));
    var done = k.loaded >= k.rows, whole = number.format(k.all);
    count.textContent = fill(mode() === "matches" ? say.count_matches : say.count, { n: number.format(found.length), all: whole }) +
      (done ? (k.all > k.rows ? " " + fill(say.count_cut, { n: number.format(k.rows) }) : "") : " " + fill(say.count_loading, { n: number.format(k.loaded) }));
    header();
    spacer.style.height = found.length * height() + "px";
    root.querySelector(".rows").setAttribute("aria-rowcount", String(found.length + 1));
    draw(true);
    root.dataset.ready = done ? "yes" : "part";
    if (state.open && done && !dialog.open) { openById(state.open); }
  }
  function height() { return parseFloat(getComputedStyle(root).getPropertyValue("--row")) || 44; }
  function header() {
    head.replaceChildren();
    var line = make("div", "line " + mode());
    line.setAttribute("role", "row");
    line.setAttribute("aria-rowindex", "1");
    COLUMNS[mode()].forEach(function (column) {
      var cell = make("div", column[1]), button = make("button", "", title(column[0]));
      var now = (state.sort || "").replace("-", "") === column[0];
      cell.setAttribute("role", "columnheader");
      cell.setAttribute("aria-sort", now ? (state.sort[0] === "-" ? "descending" : "ascending") : "none");
      button.type = "button";
      if (now) { button.append(make("span", "", state.sort[0] === "-" ? " ↓" : " ↑")); }
      button.addEventListener("click", function () {
        var numeric = column[1].indexOf("num") === 0;
        set("sort", !now ? (numeric ? "-" : "") + column[0] : state.sort[0] === "-" ? column[0] : "-" + column[0]);
        head.querySelectorAll("button")[COLUMNS[mode()].indexOf(column)].focus();
      });
      cell.append(button);
      line.append(cell);
    });
    head.append(line);
  }
  var drawn = "";
  function draw(force) {
    var h = height(), first = Math.max(0, Math.floor(view.scrollTop / h) - 6);
    var last = Math.min(found.length, first + Math.ceil(view.clientHeight / h) + 12), key = first + "-" + last;
    if (!force && key === drawn) { return; }
    drawn = key;
    var focused = view.contains(document.activeElement) && document.activeElement !== view;
    var lines = [];
    for (var at = first; at < last; at += 1) { lines.push(line(at, h)); }
    if (!found.length) {
      var none = make("div", "nothing", kept().loaded < kept().rows ? say.loading : say.nothing);
      none.setAttribute("role", "presentation");
      lines.push(none);
    }
    spacer.replaceChildren.apply(spacer, lines);
    if (focused) { focusActive(); }
  }
  function line(at, h) {
    var row = found[at], element = make("div", "line " + mode());
    element.setAttribute("role", "row");
    element.setAttribute("aria-rowindex", String(at + 2));
    element.style.transform = "translateY(" + at * h + "px)";
    element.dataset.at = at;
    cells(row).forEach(function (parts, i) {
      var cell = make("div", COLUMNS[mode()][i][1]);
      cell.setAttribute("role", "cell");
      cell.append.apply(cell, parts);
      element.append(cell);
    });
    var button = element.querySelector("button");
    button.tabIndex = at === active ? 0 : -1;
    return element;
  }
  function itemCell(row) {
    var c = kept().column, button = make("button", "");
    button.type = "button";
    button.append(own(text(c.label[row]) || "–"));
    var under = make("span", "fine", entity(row)[TITLE]);
    if (c.root && c.root[row] >= 0) { under.append(" · ", own(text(c.root[row]))); }
    return [button, under];
  }
  function cells(row) {
    var c = kept().column;
    if (mode() === "matches") {
      return [[share.format(Math.floor(c.agreement[row] * 1000) / 1000)], itemCell(row), [own(text(c.b[row]) || "–")], [own(text(c.key[row]) || "–")],
        [say.rules[c.rule[row]] || c.rule[row], make("span", "fine", c.certain[row] ? say.sure_yes : say.sure_no)]];
    }
    var a = value(row, "a"), b = value(row, "b");
    function shown(v) { var e = own(v[0]); if (v[1]) { e.className = "none"; } return [e]; }
    return [[few.format(c.weight[row])], itemCell(row), [what(row)], shown(a), shown(b), [worth(c.worth[row])],
      [c.opened[row] >= 0 ? store.meta.moments[c.opened[row]][0] : "–"]];
  }
  function worth(points) { return points > 0 ? points.toLocaleString(language, { maximumSignificantDigits: 2 }) : "–"; }
  function focusActive() {
    var button = spacer.querySelector('[data-at="' + active + '"] button');
    if (button) { button.focus({ preventScroll: true }); }
  }
  function go(to, focus) {
    var h = height();
    active = Math.max(0, Math.min(found.length - 1, to));
    if (active * h < view.scrollTop) { view.scrollTop = active * h; }
    if ((active + 1) * h > view.scrollTop + view.clientHeight) { view.scrollTop = (active + 1) * h - view.clientHeight; }
    draw(true);
    if (focus) { focusActive(); }
  }
  view.addEventListener("scroll", function () { requestAnimationFrame(function () { draw(false); }); });
  view.addEventListener("keydown", function (event) {
    var page = Math.max(1, Math.floor(view.clientHeight / height()) - 1);
    var to = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + page, PageUp: active - page, Home: 0, End: found.length - 1 }[event.key];
    if (event.target === view && event.key === "ArrowDown") { to = active; }
    if (to === undefined) { return; }
    event.preventDefault();
    go(to, true);
  });
  view.addEventListener("click", function (event) {
    var hit = event.target.closest("[data-at]");
    if (hit) { active = Number(hit.dataset.at); show(found[active]); }
  });

  // ---- one row, side by side
  function openById(id) {
    var k = kept(), ids = k.column.id || [];
    for (var i = 0; i < k.loaded; i += 1) {
      if (ids[i] === id) {
        var at = found.indexOf(i);
        if (at >= 0) { go(at, false); }
        show(i);
        return;
      }
    }
  }
  function button(label, press, className) {
    var b = make("button", className || "", label);
    b.type = "button";
    b.addEventListener("click", press);
    return b;
  }
  function show(row) {
    var c = kept().column, body = make("div", "inner");
    var bar = make("p", "bar");
    bar.append(button("‹ " + say.previous, function () { step(-1); }), button(say.next + " ›", function () { step(1); }),
      button(say.close, function () { dialog.close(); }, "close"));
    var h = make("h2", "", "");
    h.id = "detail-title";
    h.append(own(text(c.label[row]) || "–"));
    h.tabIndex = -1;
    body.append(bar, make("p", "kicker", areaOf(row) + " › " + entity(row)[TITLE]), h);
    if (c.root && c.root[row] >= 0) {
      var part = make("p", "fine", say.part_of + " ");
      part.append(own(text(c.root[row])));
      body.append(part);
    }
    body.append(mode() === "matches" ? matchBody(row) : differenceBody(row));
    dialog.replaceChildren(body);
    state.open = c.id[row];
    write(true);
    if (!dialog.open) { opener = document.activeElement; dialog.showModal(); }
    h.focus();
  }
  function step(by) {
    if (active + by < 0 || active + by >= found.length) { return; }
    go(active + by, false);
    show(found[active]);
  }
  function areaOf(row) {
    var one = store.meta.areas.find(function (a) { return a[0] === entity(row)[3]; });
    return one ? one[TITLE] : "–";
  }
  function sides(a, b, told) {
    var box = make("div", "sides");
    [[store.meta.domains[0], a, told.a, "del"], [store.meta.domains[1], b, told.b, "ins"]].forEach(function (side) {
      var half = make("div", ""), p = make("p", "text");
      half.append(make("h3", "", side[0]), p);
      if (side[1][1]) { p.append(make("em", "none", side[1][0])); }
      else {
        var whole = make("bdi", "");
        side[2].forEach(function (part) { whole.append(part[1] ? make(side[3], "", W.plain(part[0])) : W.plain(part[0])); });
        p.append(whole);
      }
      box.append(half);
    });
    return box;
  }
  function facts(list) {
    var dl = make("dl", "facts");
    list.forEach(function (one) {
      if (one[1] === null || one[1] === undefined || one[1] === "") { return; }
      var dd = make("dd", "");
      dd.append(typeof one[1] === "string" ? own(one[1]) : one[1]);
      dl.append(make("dt", "", one[0]), dd);
    });
    return dl;
  }
  function differenceBody(row) {
    var c = kept().column, m = store.meta, out = make("div", ""), a = value(row, "a"), b = value(row, "b");
    var plain = a[1] || b[1], told = plain ? { a: [[a[0], false]], b: [[b[0], false]] } : W.compare(a[0], b[0]);
    out.append(make("p", "attribute", what(row)), sides(a, b, told));
    var cause = c.cause[row] >= 0 ? m.causes[c.cause[row]] : null, decision = c.decision[row] >= 0 ? m.decisions[c.decision[row]] : null;
    function filterTo(label, key, to) {
      return button(W.plain(label), function () { dialog.close(); state = { mode: state.mode }; set(key, to); }, "link");
    }
    var leads = m.causes.find(function (x) { return x[0] === c.id[row]; });
    out.append(facts([
      [say.columns.weight, few.format(c.weight[row])],
      [say.columns.worth, c.worth[row] > 0 ? fill(say.worth, { n: worth(c.worth[row]) }) : ""],
      [say.cause, cause ? filterTo(cause[1] + " (" + titleOf(cause[2]) + ", " + number.format(cause[5]) + ")", "cause", cause[0])
        : leads ? filterTo(fill(say.leads, { n: number.format(leads[5]) }), "cause", leads[0]) : say.cause_none],
      [say.decision, decision ? filterTo(decision[0] + (decision[1] ? ": " + decision[1] : "") + (c.stale[row] === 1 ? " – " + say.decision_stale : ""), "decision", decision[0]) : say.decision_none],
      [say.columns.opened, c.opened[row] >= 0 ? m.moments[c.opened[row]][0] + (c.again[row] > 0 ? ", " + fill(say.again, { n: c.again[row] }) : "") : ""],
      [say.identity, c.id[row]]
    ]));
    var others = [];
    for (var i = 0; i < kept().rows; i += 1) { if (c.item[i] === c.item[row] && i !== row) { others.push(i); } }
    if (others.length) {
      out.append(make("h3", "", fill(say.others, { n: number.format(others.length) })));
      var list = make("ul", "tree");
      others.slice(0, 60).forEach(function (one) {
        var li = make("li", c.root[one] >= 0 ? "part" : ""), x = value(one, "a"), y = value(one, "b");
        li.append(button(W.plain((text(c.label[one]) || "–") + " · " + what(one)), function () {
          var at = found.indexOf(one);
          if (at >= 0) { go(at, false); }
          show(one);
        }, "link"));
        var pair = make("span", "fine", "");
        pair.append(own(x[0]), " → ", own(y[0]));
        li.append(pair);
        list.append(li);
      });
      out.append(list);
      out.append(filterTo(say.all_of_item, "item", String(c.item[row])));
    }
    return out;
  }
  function matchBody(row) {
    var c = kept().column, out = make("div", ""), a = text(c.label[row]) || "", b = text(c.b[row]) || "";
    out.append(sides([a, false], [b, false], W.compare(a, b)), facts([
      [say.columns.agreement, share.format(Math.floor(c.agreement[row] * 1000) / 1000)],
      [say.rule, say.rules[c.rule[row]] || c.rule[row]],
      [say.sure, c.certain[row] ? say.sure_yes : say.sure_no],
      [text(c.name[row]) || say.columns.key, text(c.key[row])],
      [store.meta.domains[0], String(c.id_a[row])], [store.meta.domains[1], String(c.id_b[row])], [say.identity, c.id[row]]
    ]));
    return out;
  }
  dialog.addEventListener("close", function () {
    delete state.open;
    write(true);
    if (opener && opener.isConnected && opener !== document.body) { opener.focus(); } else { draw(true); focusActive(); }
  });
  dialog.addEventListener("click", function (event) { if (event.target === dialog) { dialog.close(); } });

  // ---- what a person does
  function set(key, to) {
    if (to) { state[key] = to; } else { delete state[key]; }
    if (key === "area") { delete state.type; delete state.attr; }
    if (key === "type") { delete state.attr; }
    delete state.open;
    active = 0;
    view.scrollTop = 0;
    write(key === "q");
    apply();
  }
  function apply() {
    filters();
    S.need(mode(), function () { if (!pending) { pending = setTimeout(refresh, kept().loaded >= kept().rows ? 0 : 60); } });
    refresh();
  }
  function broken() { count.textContent = say.broken; root.dataset.ready = "broken"; }
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("change", function (event) { if (event.target.name && event.target.name !== "q") { set(event.target.name, event.target.value); } });
  form.elements.q.addEventListener("input", function (event) { set("q", event.target.value.trim()); });
  root.querySelectorAll("[data-mode]").forEach(function (b) {
    b.addEventListener("click", function () { state = { q: state.q, area: state.area, type: state.type }; set("mode", b.dataset.mode === "matches" ? "matches" : ""); });
  });
  function told() {
    var c = kept().column, m = store.meta;
    if (mode() === "matches") {
      return [[say.entity_type, m.domains[0], m.domains[1], m.domains[0] + " id", m.domains[1] + " id", say.rule, say.columns.key, say.sure, say.columns.agreement, say.identity],
        Array.from(found, function (row) {
          return [entity(row)[TITLE], text(c.label[row]), text(c.b[row]), String(c.id_a[row]), String(c.id_b[row]), say.rules[c.rule[row]] || c.rule[row],
            text(c.key[row]), c.certain[row] ? say.sure_yes : say.sure_no, c.agreement[row], c.id[row]];
        })];
    }
    return [[say.area, say.entity_type, say.part_of, say.columns.label, say.columns.attribute, say.kind, m.domains[0], m.domains[1], say.columns.weight, say.columns.worth,
      say.cause, say.decision, say.columns.opened, say.identity],
    Array.from(found, function (row) {
      var cause = c.cause[row] >= 0 ? m.causes[c.cause[row]][1] : "", decision = c.decision[row] >= 0 ? m.decisions[c.decision[row]][0] : "";
      return [areaOf(row), entity(row)[TITLE], text(c.root[row]), text(c.label[row]), c.attribute[row] >= 0 ? what(row) : "", kindTitle(store.kinds[c.kind[row]]), text(c.a[row]),
        text(c.b[row]), c.weight[row], c.worth[row], cause, decision, c.opened[row] >= 0 ? m.moments[c.opened[row]][0] : "", c.id[row]];
    })];
  }
  var more = root.querySelector(".more");
  more.addEventListener("click", function () { more.setAttribute("aria-expanded", String(form.classList.toggle("all"))); });
  var DO = {
    reset: function () { state = { mode: state.mode }; form.elements.q.value = ""; set("q", ""); },
    copy: function (b) {
      var done = function () { b.textContent = say.copied; setTimeout(function () { b.textContent = say.copy; }, 2000); };
      if (navigator.clipboard) { navigator.clipboard.writeText(location.href).then(done, function () { window.prompt(say.copy, location.href); }); }
      else { window.prompt(say.copy, location.href); }
    },
    csv: function () { var all = told(); window.likareSheet.csv("likare-" + store.meta.night + ".csv", all[0], all[1]); },
    xlsx: function () { var all = told(); window.likareSheet.xlsx("likare-" + store.meta.night + ".xlsx", all[0], all[1]); }
  };
  root.querySelectorAll("[data-do]").forEach(function (b) { b.addEventListener("click", function () { if (store.meta) { DO[b.dataset.do](b); } }); });
  function arrived() {
    if (dialog.open) { dialog.close(); }
    read();
    languageLink();
    if (!store.meta) { return; }
    view.scrollTop = 0;
    active = 0;
    apply();
  }
  window.addEventListener("popstate", arrived);
  var wide = window.matchMedia("(max-width: 48rem)");
  wide.addEventListener("change", function () { if (store.meta) { refresh(); } });
  window.addEventListener("resize", function () { if (store.meta) { draw(true); } });
  read();
  languageLink();
  S.open(root.dataset.folder, root.dataset.stamp, arrived, broken);
})();
