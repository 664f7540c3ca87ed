/* The view's address and its filters: all of it stands after # in the address, so that any view can be sent to someone. */
(function () {
  "use strict";
  var V = window.likareView, W = window.likareWords, say = V.say, store = V.store, form = V.root.querySelector("form");
  var KEYS = ["mode", "q", "area", "type", "kind", "attr", "cause", "decision", "min", "since", "sure", "counted", "item", "sort", "open"];

  V.read = function () {
    var given = new URLSearchParams(location.hash.slice(1));
    V.state = {};
    KEYS.forEach(function (key) { if (given.get(key)) { V.state[key] = given.get(key); } });
  };
  V.write = function (replace) {
    var out = new URLSearchParams();
    KEYS.forEach(function (key) { if (V.state[key]) { out.set(key, V.state[key]); } });
    var to = "#" + out.toString();
    if (to === (location.hash || "#")) { return; }
    if (replace) { history.replaceState(null, "", to); } else { history.pushState(null, "", to); }
    V.languageLink();
  };
  // The other language shows the same view.
  V.languageLink = function () {
    document.querySelectorAll(".language a").forEach(function (a) { a.href = a.href.split("#")[0] + location.hash; });
  };

  function options(select, list, current) {
    select.replaceChildren();
    list.forEach(function (one) {
      var option = V.make("option", "", W.plain(one[1]).slice(0, 90));
      option.value = one[0];
      select.append(option);
    });
    if (current && !list.some(function (one) { return one[0] === current; })) {
      var other = V.make("option", "", W.plain(current));
      other.value = current;
      select.append(other);
    }
    select.value = current || "";
  }
  function causeOption(c) { return [c[0], c[1] + " (" + V.titleOf(c[2]) + ", " + V.count(c[5]) + ")"]; }

  V.filters = function () {
    var m = store.meta, f = form.elements, all = [["", say.all]], state = V.state, TITLE = V.TITLE;
    options(f.area, all.concat(m.areas.map(function (a) { return [a[0], a[TITLE]]; })), state.area);
    options(f.type, all.concat(m.entities.filter(function (e) { return !state.area || e[3] === state.area; })
      .map(function (e) { return [e[0], e[TITLE]]; })), state.type);
    options(f.kind, all.concat(store.kinds.map(function (k) { return [k, V.kindTitle(k)]; })), state.kind);
    options(f.attr, all.concat(m.attributes.filter(function (a) { return !state.type || a[0] === state.type; }).map(function (a) {
      return [a[0] + "." + a[1], (state.type ? "" : V.titleOf(a[0]) + ": ") + a[TITLE + 1]];
    }).sort(function (x, y) { return x[1].localeCompare(y[1], V.language); })), state.attr);
    var causes = [["", say.all], ["none", say.cause_none], ["any", say.cause_any]].concat(m.causes.slice(0, 40).map(causeOption));
    m.causes.forEach(function (c) { if (c[0] === state.cause && m.causes.indexOf(c) >= 40) { causes.push(causeOption(c)); } });
    options(f.cause, causes, state.cause);
    options(f.decision, [["", say.all], ["none", say.decision_none], ["any", say.decision_any], ["stale", say.decision_stale]]
      .concat(m.decisions.map(function (d) { return [d[0], d[0] + (d[1] ? ": " + d[1] : "")]; })), state.decision);
    options(f.min, all.concat(["2", "3", "4", "5", "8"].map(function (w) { return [w, "≥ " + w]; })), state.min);
    options(f.since, [["", say.all], ["new", say.since_new], ["again", say.since_again]], state.since);
    options(f.counted, [["", say.all], ["yes", say.counted_yes], ["no", say.counted_no]], state.counted);
    options(f.sure, [["", say.all], ["no", say.sure_no], ["yes", say.sure_yes], ["unlike", say.sure_unlike]], state.sure);
    var sorts = [["", { matches: say.sort_unlike, trees: say.sort_trees }[V.mode()] || say.sort_default]];
    V.columns().forEach(function (c) {
      sorts.push(["-" + c[0], V.title(c[0]) + " ↓"], [c[0], V.title(c[0]) + " ↑"]);
    });
    options(f.sort, sorts, state.sort);
    if (document.activeElement !== f.q) { f.q.value = state.q || ""; }
    ["differences", "matches"].forEach(function (mode) {
      V.root.querySelectorAll(".of-" + mode).forEach(function (e) { e.hidden = V.mode() !== mode; });
    });
    V.root.querySelectorAll("[data-mode]").forEach(function (b) { b.setAttribute("aria-pressed", String(b.dataset.mode === V.mode())); });
  };

  // What a row must pass, each a function of its number.
  V.tests = function () {
    var c = V.kept().column, m = store.meta, state = V.state, list = [];
    function add(wanted, test) { if (wanted) { list.push(test); } }
    function flags(rows, test) { return Uint8Array.from(rows, function (row) { return test(row) ? 1 : 0; }); }
    var types = flags(m.entities, function (e) { return (!state.area || e[3] === state.area) && (!state.type || e[0] === state.type); });
    add(state.area || state.type, function (row) { return types[c.entity[row]]; });
    if (V.mode() === "trees") { return list; }
    if (V.mode() === "matches") {
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
    var newest = m.moments.length && m.moments[m.moments.length - 1][0] === V.root.dataset.night ? m.moments.length - 1 : -2;
    add(state.since === "new", function (row) { return c.opened[row] === newest; });
    add(state.since === "again", function (row) { return c.again[row] > 0; });
    add(state.item, function (row) { return c.item[row] === Number(state.item); });
    return list;
  };
})();
