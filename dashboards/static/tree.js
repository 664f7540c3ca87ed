/* An item as a tree, both sides aligned: every component on its line, A to the left and B to the right, and under it the
   words that differ. A node is [depth, entity type, text, state, place in A, place in B, its differences ...]. */
(function () {
  "use strict";
  var V = window.likareView, W = window.likareWords, say = V.say, store = V.store, make = V.make, own = V.own, STATES = ["both", "moved", "only_a", "only_b"], places = null;
  var SIGNS = { both: "=", changed: "≠", moved: "↕", only_a: "◧", only_b: "◨" };

  V.treeBody = function (row) {
    var held = store.trees.nodes[row], out = make("div", "");
    var bar = make("p", "bar only"), only = make("input", ""), label = make("label", "");
    only.type = "checkbox";
    label.append(only, " ", say.tree_only);
    bar.append(label);
    var body = make("div", "aligned");
    function draw() { body.replaceChildren(head(), branch(held, only.checked)); }
    only.addEventListener("change", draw);
    only.checked = held.rows.length > 60;
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
  // Nodes in the order they are read → lists within lists; with `only`, those that differ and what they lie under.
  function branch(held, only) {
    var top = make("ul", "branch"), stack = [{ depth: 0, list: top }], keep = held.rows.map(function (node) { return !only || differs(node); });
    for (var i = held.rows.length - 1, need = {}; i >= 0; i -= 1) {
      var depth = held.rows[i][0];
      if (need[depth + 1]) { keep[i] = true; need[depth + 1] = false; }
      if (keep[i]) { need[depth] = true; }
    }
    held.rows.forEach(function (node, at) {
      if (!keep[at]) { return; }
      while (stack[stack.length - 1].depth >= node[0]) { stack.pop(); }
      var li = make("li", "");
      li.append(line(held, node));
      // That a component is on one side only, or moved, its line tells already.
      node.slice(6).forEach(function (n) { if (store.differences.column.attribute[n] >= 0) { li.append(difference(n, node[0])); } });
      stack[stack.length - 1].list.append(li);
      var below = make("ul", "branch");
      li.append(below);
      stack.push({ depth: node[0], list: below });
    });
    top.querySelectorAll("ul").forEach(function (ul) { if (!ul.firstChild) { ul.remove(); } });
    if (!top.firstChild) { top.append(make("li", "fine", say.tree_alike)); }
    return top;
  }
  function differs(node) { return node[3] > 0 || node.length > 6; }
  function line(held, node) {
    var state = STATES[node[3]], shown = state === "both" && node.length > 6 ? "changed" : state;
    var element = make("div", "node " + shown), sign = make("span", "sign", SIGNS[shown]);
    sign.setAttribute("aria-hidden", "true");
    var text = node[2] >= 0 ? store.trees.text[held.base + node[2]] : "–", type = store.meta.entities[node[1]][V.TITLE];
    var to = leadsTo(store.meta.entities[node[1]][0], text), led = null;
    function side(place, there) {
      var half = make("span", there ? "half" : "half gone");
      half.style.paddingInlineStart = (node[0] - 1) * 1.1 + "rem";
      if (!there) { half.append(make("em", "none", say.missing)); return half; }
      half.append(to >= 0 && !led ? led = V.button(W.plain(text), function () { V.show(to); }, "link") : own(text), " ",
        make("span", "fine", type + (place ? " " + place : "")));
      return half;
    }
    element.append(sign, side(node[4], state !== "only_b" && (state !== "moved" || node[4])), side(node[5], state !== "only_a" && (state !== "moved" || node[5])));
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
