/* One row, side by side: what both builds say with the words that differ told apart, and what the row belongs to. */
(function () {
  "use strict";
  var V = window.likareView, W = window.likareWords, say = V.say, store = V.store, make = V.make, own = V.own, dialog = V.dialog;
  var opener = null, leaving = false;

  V.openById = function (id) {
    var k = V.kept(), ids = k.column.id || [];
    for (var i = 0; i < k.loaded; i += 1) {
      if (ids[i] === id) {
        var at = V.found.indexOf(i);
        if (at >= 0) { V.go(at, false); }
        V.show(i);
        return;
      }
    }
  };
  V.show = function (row) {
    var c = V.kept().column, body = make("div", "inner"), bar = make("p", "bar");
    bar.append(V.button("‹ " + say.previous, function () { step(-1); }), V.button(say.next + " ›", function () { step(1); }),
      V.button(say.close, function () { dialog.close(); }, "close"));
    var h = make("h2", "", "");
    h.id = "detail-title";
    h.append(own(V.text(c.label[row]) || "–"));
    h.tabIndex = -1;
    body.append(bar, make("p", "kicker", V.areaOf(row) + " › " + V.entity(row)[V.TITLE]), h);
    if (c.root && c.root[row] >= 0) {
      var part = make("p", "fine", say.part_of + " ");
      part.append(own(V.text(c.root[row])));
      body.append(part);
    }
    body.append({ matches: matchBody, trees: V.treeBody }[V.mode()] ? { matches: matchBody, trees: V.treeBody }[V.mode()](row) : differenceBody(row));
    dialog.classList.toggle("broad", V.mode() === "trees");
    dialog.replaceChildren(body);
    V.state.open = c.id[row];
    V.write(true);
    if (!dialog.open) { opener = document.activeElement; dialog.showModal(); }
    dialog.scrollTop = 0;
    h.focus();
  };
  function step(by) {
    if (V.active + by < 0 || V.active + by >= V.found.length) { return; }
    V.go(V.active + by, false);
    V.show(V.found[V.active]);
  }
  // Close, and show other rows instead.
  V.leadTo = function (label, state) {
    return V.button(W.plain(label), function () { V.leave(); V.state = Object.assign({}, state); V.set("", ""); }, "link");
  };
  V.leave = function () { leaving = dialog.open; dialog.close(); };

  V.sides = function (a, b) {
    var plain = a[1] || b[1], told = plain ? { a: [[a[0], false]], b: [[b[0], false]] } : W.compare(a[0], b[0]), box = make("div", "sides");
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
  };
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
    var c = store.differences.column, m = store.meta, out = make("div", "");
    out.append(make("p", "attribute", V.what(row)), V.sides(V.value(row, "a"), V.value(row, "b")));
    var cause = c.cause[row] >= 0 ? m.causes[c.cause[row]] : null, decision = c.decision[row] >= 0 ? m.decisions[c.decision[row]] : null;
    var leads = m.causes.find(function (x) { return x[0] === c.id[row]; });
    out.append(facts([
      [say.columns.weight, V.few(c.weight[row])],
      [say.columns.worth, c.worth[row] > 0 ? V.fill(say.worth, { n: V.worth(c.worth[row]) }) : ""],
      [say.cause, cause ? V.leadTo(cause[1] + " (" + V.titleOf(cause[2]) + ", " + V.count(cause[5]) + ")", { cause: cause[0] })
        : leads ? V.leadTo(V.fill(say.leads, { n: V.count(leads[5]) }), { cause: leads[0] }) : say.cause_none],
      [say.decision, decision ? V.leadTo(decision[0] + (decision[1] ? ": " + decision[1] : "") + (c.stale[row] === 1 ? " – " + say.decision_stale : ""), { decision: decision[0] }) : say.decision_none],
      [say.columns.opened, c.opened[row] >= 0 ? m.moments[c.opened[row]][0] + (c.again[row] > 0 ? ", " + V.fill(say.again, { n: c.again[row] }) : "") : ""],
      [say.identity, c.id[row]]
    ]));
    var tree = m.items ? m.items[c.item[row]] : null;
    if (tree) { out.append(V.leadTo(say.as_tree, { mode: "trees", open: tree })); }
    out.append(others(row));
    return out;
  }
  // The other differences of the same item.
  function others(row) {
    var c = store.differences.column, out = make("div", ""), same = [];
    for (var i = 0; i < store.differences.rows; i += 1) { if (c.item[i] === c.item[row] && i !== row) { same.push(i); } }
    if (!same.length) { return out; }
    out.append(make("h3", "", V.fill(say.others, { n: V.count(same.length) })));
    var list = make("ul", "tree");
    same.slice(0, 60).forEach(function (one) {
      var li = make("li", c.root[one] >= 0 ? "part" : ""), x = V.value(one, "a"), y = V.value(one, "b");
      li.append(V.button(W.plain((V.text(c.label[one]) || "–") + " · " + V.what(one)), function () {
        var at = V.found.indexOf(one);
        if (at >= 0) { V.go(at, false); }
        V.show(one);
      }, "link"));
      var pair = make("span", "fine", "");
      pair.append(own(x[0]), " → ", own(y[0]));
      li.append(pair);
      list.append(li);
    });
    out.append(list, V.leadTo(say.all_of_item, { item: String(c.item[row]) }));
    return out;
  }
  function matchBody(row) {
    var c = V.kept().column, out = make("div", ""), a = V.text(c.label[row]) || "", b = V.text(c.b[row]) || "";
    out.append(V.sides([a, false], [b, false]), facts([
      [say.columns.agreement, V.share(c.agreement[row])],
      [say.rule, say.rules[c.rule[row]] || c.rule[row]],
      [say.sure, c.certain[row] ? say.sure_yes : say.sure_no],
      [V.text(c.name[row]) || say.columns.key, V.text(c.key[row])],
      [store.meta.domains[0], String(c.id_a[row])], [store.meta.domains[1], String(c.id_b[row])], [say.identity, c.id[row]]
    ]));
    return out;
  }
  dialog.addEventListener("close", function () {
    // The event comes after the next view has been set: that view is not to lose its own open row.
    if (!leaving) { delete V.state.open; V.write(true); }
    leaving = false;
    if (dialog.open) { return; }
    if (opener && opener.isConnected && opener !== document.body) { opener.focus(); } else { V.focusActive(); }
  });
  dialog.addEventListener("click", function (event) { if (event.target === dialog) { dialog.close(); } });
})();
