/* An item as a tree, both sides aligned: every component on its line, A to the left and B to the right, and under it the
   words that differ. A node is [depth, entity type, text, state, place in A, place in B, its differences ...]; one with a
   state from 4 on is what the component above leads to, and its fifth number that item's own tree + 1. */
(function () {
  "use strict";
  var V = window.likareView, W = window.likareWords, say = V.say, store = V.store, make = V.make, own = V.own, STATES = ["both", "moved", "only_a", "only_b"], places = null;
  var SIGNS = { both: "=", changed: "≠", moved: "↕", only_a: "◧", only_b: "◨" };

  V.treeBody = function (row) {
    var held = opened(row), out = make("div", "");
    var bar = make("p", "bar only"), only = make("input", ""), label = make("label", "");
    only.type = "checkbox";
    label.append(only, " ", say.tree_only);
    bar.append(label);
    var body = make("div", "aligned");
    function draw() { body.replaceChildren(head(), branch(held, only.checked)); }
    only.addEventListener("change", draw);
    only.checked = held.length > 60;
    out.append(make("p", "fine", say.tree_key), bar, body);
    // The words that differ lie with the differences, which may not be here yet.
    if (store.differences.loaded >= store.differences.rows) { draw(); } else { V.needDifferences(draw); body.append(say.loading); }
    return out;
  };
  function head() {
    var line = make("div", "node heads");
    line.append(make("span", "sign", ""), make("strong", "", store.meta.domains[0]), make("strong", "", store.meta.domains[1]));
    return line;
  }
  // The item's nodes in the order they are read, on through what they lead to: each such tree once, so long as it fits.
  function opened(row) {
    var out = [], drawn = {}, most = 3000;
    function text(held, node) { return node[2] >= 0 ? store.trees.text[held.base + node[2]] : "–"; }
    function add(row, deeper) {
      var held = store.trees.nodes[row], above = [];
      drawn[row] = true;
      held.rows.forEach(function (node) {
        var one = { depth: node[0] + deeper, type: store.meta.entities[node[1]], text: text(held, node), state: STATES[node[3] % 4], places: [node[4], node[5]], own: node.slice(6), to: -1 };
        if (node[3] < 4) { above[node[0]] = one; out.push(one); return; }
        var owner = above[node[0] - 1], to = node[4] - 1;
        one.places = [0, 0];
        // One that is called as the component is stands on the component's own line.
        if (owner && owner.text === one.text && (one.state === "both" || one.state === owner.state)) { owner.own = owner.own.concat(one.own); one = owner; } else { out.push(one); }
        one.to = to;
        if (to >= 0 && store.trees.nodes[to] && !drawn[to] && out.length < most) { add(to, one.depth); }
      });
    }
    add(row, 0);
    return out;
  }
  // → lists within lists; with `only`, those that differ and what they lie under.
  function branch(held, only) {
    var top = make("ul", "branch"), stack = [{ depth: 0, list: top }], keep = held.map(function (one) { return !only || differs(one); });
    for (var i = held.length - 1, need = {}; i >= 0; i -= 1) {
      var depth = held[i].depth;
      if (need[depth + 1]) { keep[i] = true; need[depth + 1] = false; }
      if (keep[i]) { need[depth] = true; }
    }
    held.forEach(function (one, at) {
      if (!keep[at]) { return; }
      while (stack[stack.length - 1].depth >= one.depth) { stack.pop(); }
      var li = make("li", "");
      li.append(line(one));
      // That a component is on one side only, or moved, its line tells already.
      one.own.forEach(function (n) { if (store.differences.column.attribute[n] >= 0) { li.append(difference(n, one.depth)); } });
      stack[stack.length - 1].list.append(li);
      var below = make("ul", "branch");
      li.append(below);
      stack.push({ depth: one.depth, list: below });
    });
    top.querySelectorAll("ul").forEach(function (ul) { if (!ul.firstChild) { ul.remove(); } });
    if (!top.firstChild) { top.append(make("li", "fine", say.tree_alike)); }
    return top;
  }
  function differs(one) { return one.state !== "both" || one.own.length > 0; }
  function line(one) {
    var state = one.state, shown = state === "both" && one.own.length ? "changed" : state;
    var element = make("div", "node " + shown), sign = make("span", "sign", SIGNS[shown]);
    sign.setAttribute("aria-hidden", "true");
    var text = one.text, type = one.type[V.TITLE], to = one.to >= 0 ? one.to : leadsTo(one.type[0], text), led = null;
    function side(place, there) {
      var half = make("span", there ? "half" : "half gone");
      half.style.paddingInlineStart = (one.depth - 1) * 1.1 + "rem";
      if (!there) { half.append(make("em", "none", say.missing)); return half; }
      half.append(to >= 0 && !led ? led = V.button(W.plain(text), function () { V.show(to); }, "link") : own(text), " ",
        make("span", "fine", type + (place ? " " + place : "")));
      return half;
    }
    element.append(sign, side(one.places[0], state !== "only_b" && (state !== "moved" || one.places[0])), side(one.places[1], state !== "only_a" && (state !== "moved" || one.places[1])));
    element.append(make("span", "hidden", say.states[shown]));
    return element;
  }
  // The composed item that a component leads to, where exactly one of that type is called so.
  function leadsTo(entity, text) {
    if (!places) {
      places = {};
      var trees = store.trees.column;
      for (var row = 0; row < store.trees.rows; row += 1) {
        var key = store.meta.entities[trees.entity[row]][0] + "|" + V.textOf(store.trees, trees.label[row]);
        places[key] = key in places ? -1 : row;
      }
    }
    var found = store.meta.leads.filter(function (pair) { return pair[0] === entity && places[pair[1] + "|" + text] >= 0; });
    return found.length === 1 ? places[found[0][1] + "|" + text] : -1;
  }
  function difference(n, depth) {
    var box = make("div", "inside");
    box.style.setProperty("--in", (depth - 1) * 1.1 + "rem");
    box.append(make("p", "fine", V.what(n)), V.sides(V.value(n, "a"), V.value(n, "b")));
    return box;
  }
})();
