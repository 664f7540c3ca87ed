/* What the explorer shows of differences, matches and trees: their columns, the cells of a row, the table to download. */
(function () {
  "use strict";
  var V = window.likareView, say = V.say, store = V.store, make = V.make, own = V.own;
  var COLUMNS = {
    differences: [["weight", "num"], ["label", "item"], ["attribute", "what"], ["a", "value"], ["b", "value"], ["worth", "num worth"], ["opened", "date"]],
    matches: [["agreement", "num"], ["label", "item"], ["b", "value"], ["key", "value"], ["certain", "what"]],
    trees: [["label", "item"], ["parts", "num"], ["differing", "num"], ["only_a", "num"], ["only_b", "num"]]
  };

  V.columns = function () { return COLUMNS[V.mode()]; };
  V.title = function (column) {
    var m = store.meta;
    if (column === "a") { return m.domains[0]; }
    if (column === "b") { return m.domains[1]; }
    if (column === "only_a" || column === "only_b") { return V.kindTitle(column); }
    return V.mode() === "matches" && column === "label" ? m.domains[0] : say.columns[column];
  };

  function itemCell(row) {
    var c = V.kept().column, button = make("button", "");
    button.type = "button";
    button.append(own(V.text(c.label[row]) || "–"));
    var under = make("span", "fine", V.entity(row)[V.TITLE]);
    if (c.root && c.root[row] >= 0) { under.append(" · ", own(V.text(c.root[row]))); }
    return [button, under];
  }
  V.cells = function (row) {
    var c = V.kept().column;
    if (V.mode() === "matches") {
      return [[V.share(c.agreement[row])], itemCell(row), [own(V.text(c.b[row]) || "–")], [own(V.text(c.key[row]) || "–")],
        [say.rules[c.rule[row]] || c.rule[row], make("span", "fine", c.certain[row] ? say.sure_yes : say.sure_no)]];
    }
    if (V.mode() === "trees") {
      return [itemCell(row)].concat(["parts", "differing", "only_a", "only_b"].map(function (name) { return [V.count(c[name][row])]; }));
    }
    var a = V.value(row, "a"), b = V.value(row, "b");
    function shown(v) { var e = own(v[0]); if (v[1]) { e.className = "none"; } return [e]; }
    return [[V.few(c.weight[row])], itemCell(row), [V.what(row)], shown(a), shown(b), [V.worth(c.worth[row])],
      [c.opened[row] >= 0 ? store.meta.moments[c.opened[row]][0] : "–"]];
  };

  // The rows shown, as a head and lines of text and numbers.
  V.told = function () {
    var c = V.kept().column, m = store.meta, text = V.text;
    if (V.mode() === "matches") {
      return [[say.entity_type, m.domains[0], m.domains[1], m.domains[0] + " id", m.domains[1] + " id", say.rule, say.columns.key, say.sure, say.columns.agreement, say.identity],
        Array.from(V.found, function (row) {
          return [V.entity(row)[V.TITLE], text(c.label[row]), text(c.b[row]), String(c.id_a[row]), String(c.id_b[row]), say.rules[c.rule[row]] || c.rule[row],
            text(c.key[row]), c.certain[row] ? say.sure_yes : say.sure_no, c.agreement[row], c.id[row]];
        })];
    }
    if (V.mode() === "trees") {
      return [[say.area, say.entity_type, say.columns.label, say.columns.parts, say.columns.differing, V.title("only_a"), V.title("only_b"), say.identity],
        Array.from(V.found, function (row) {
          return [V.areaOf(row), V.entity(row)[V.TITLE], text(c.label[row]), c.parts[row], c.differing[row], c.only_a[row], c.only_b[row], c.id[row]];
        })];
    }
    return [[say.area, say.entity_type, say.part_of, say.columns.label, say.columns.attribute, say.kind, m.domains[0], m.domains[1], say.columns.weight, say.columns.worth,
      say.cause, say.decision, say.columns.opened, say.identity],
    Array.from(V.found, function (row) {
      var cause = c.cause[row] >= 0 ? m.causes[c.cause[row]][1] : "", decision = c.decision[row] >= 0 ? m.decisions[c.decision[row]][0] : "";
      return [V.areaOf(row), V.entity(row)[V.TITLE], text(c.root[row]), text(c.label[row]), c.attribute[row] >= 0 ? V.what(row) : "", V.kindTitle(store.kinds[c.kind[row]]),
        text(c.a[row]), text(c.b[row]), c.weight[row], c.worth[row], cause, decision, c.opened[row] >= 0 ? m.moments[c.opened[row]][0] : "", c.id[row]];
    })];
  };
})();
