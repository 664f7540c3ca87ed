/* What the explorer's parts share: its words, the view's state, and how one row is read. Text from the builds is always
   set as text. */
(function () {
  "use strict";
  var store = window.likareStore.store, W = window.likareWords;
  var say = JSON.parse(document.getElementById("explore-words").textContent), language = document.documentElement.lang;
  var TITLE = language === "sv" ? 1 : 2;
  var number = new Intl.NumberFormat(language), few = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  var share = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  var V = {
    store: store, say: say, language: language, TITLE: TITLE, state: {}, found: new Int32Array(0), active: 0,
    root: document.getElementById("explorer"), dialog: document.querySelector("dialog.detail")
  };

  V.make = function (name, className, text) {
    var element = document.createElement(name);
    if (className) { element.className = className; }
    if (text !== undefined && text !== null) { element.textContent = text; }
    return element;
  };
  V.own = function (text) { return V.make("bdi", "", W.plain(text)); };
  V.button = function (label, press, className) {
    var b = V.make("button", className || "", label);
    b.type = "button";
    b.addEventListener("click", press);
    return b;
  };
  V.fill = function (sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (_, name) { return values[name]; });
  };
  V.count = function (n) { return number.format(n); };
  V.few = function (n) { return few.format(n); };
  V.share = function (part) { return share.format(Math.floor(part * 1000) / 1000); };
  V.worth = function (points) { return points > 0 ? points.toLocaleString(language, { maximumSignificantDigits: 2 }) : "–"; };

  V.mode = function () { return V.state.mode === "matches" || V.state.mode === "trees" ? V.state.mode : "differences"; };
  V.kept = function () { return store[V.mode()]; };
  V.textOf = function (kept, id) { return id >= 0 ? kept.text[id] : null; };
  V.text = function (id) { return V.textOf(V.kept(), id); };
  V.entity = function (row) { return store.meta.entities[V.kept().column.entity[row]]; };
  V.titleOf = function (name) {
    var one = store.meta.entities.find(function (e) { return e[0] === name; });
    return one ? one[TITLE] : name || "";
  };
  V.areaOf = function (row) {
    var one = store.meta.areas.find(function (a) { return a[0] === V.entity(row)[3]; });
    return one ? one[TITLE] : "–";
  };
  V.kindTitle = function (kind) { return V.fill(say.kinds[kind], { a: store.meta.domains[0], b: store.meta.domains[1] }); };

  // What differs in a row of the differences, and what one side says: [text, whether it is a word of ours].
  V.what = function (row) {
    var c = store.differences.column, attribute = c.attribute[row] >= 0 ? store.meta.attributes[c.attribute[row]] : null;
    return attribute ? attribute[TITLE + 1] : V.kindTitle(store.kinds[c.kind[row]]);
  };
  V.value = function (row, side) {
    var d = store.differences, c = d.column, kind = store.kinds[c.kind[row]], shown = V.textOf(d, c[side][row]);
    if (kind === "only_a" || kind === "only_b") { return kind === "only_" + side ? [shown || say.exists, false] : [say.missing, true]; }
    return shown === null || shown === "" ? [say.empty, true] : [shown, false];
  };

  window.likareView = V;
})();
