/* The explorer's rows. A page under file:// may fetch nothing, so its data are scripts that hand columns over to
   likare.meta and likare.take; texts stand once a file, and rows name them by number. Plain arrays, no markup. */
(function () {
  "use strict";
  var KINDS = ["changed", "moved", "only_a", "only_b"];
  var NUMBERS = { differences: ["weight", "worth"], matches: ["agreement"], trees: [] };
  var TEXTS = { differences: ["label", "root", "a", "b"], matches: ["label", "b", "key", "name"], trees: ["label"] };
  var store = { meta: null, differences: null, matches: null, trees: null, kinds: KINDS };
  var folder = "", stamp = "", heard = null, failed = null;

  function table(name) {
    var told = store.meta[name];
    return { name: name, rows: told.rows, all: told.all, chunk: told.chunk || store.meta.chunk, loaded: 0, asked: false, ranges: [], text: [], lower: [], column: {}, nodes: [] };
  }

  function grow(kept, name, column, values, at) {
    var to = kept.column[column];
    if (!to) {
      if (typeof values.find(function (v) { return v !== null; }) === "string") { to = new Array(kept.rows); }
      else { to = NUMBERS[name].indexOf(column) >= 0 ? new Float64Array(kept.rows) : new Int32Array(kept.rows).fill(-1); }
      kept.column[column] = to;
    }
    for (var i = 0; i < values.length; i += 1) {
      if (values[i] !== null) { to[at + i] = values[i]; }
    }
  }

  window.likare = {
    meta: function (meta) {
      store.meta = meta;
      store.differences = table("differences");
      store.matches = table("matches");
      store.trees = table("trees");
    },
    take: function (name, number, packed) {
      unpack(packed).then(function (part) { keep(name, number, part); }).catch(function () { if (failed) { failed(); } });
    }
  };

  function unpack(packed) {
    var plain = atob(packed), bytes = new Uint8Array(plain.length);
    for (var i = 0; i < bytes.length; i += 1) { bytes[i] = plain.charCodeAt(i); }
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
  }

  function keep(name, number, part) {
    var kept = store[name], at = number * kept.chunk, base = kept.text.length, size = part.column.id.length;
    for (var i = 0; i < part.text.length; i += 1) { kept.text.push(part.text[i]); }
    Object.keys(part.column).forEach(function (column) {
      var values = part.column[column];
      if (TEXTS[name].indexOf(column) >= 0) {
        values = values.map(function (v) { return v === null ? null : v + base; });
      }
      grow(kept, name, column, values, at);
    });
    (part.nodes || []).forEach(function (nodes, i) { kept.nodes[at + i] = { base: base, rows: nodes }; });
    kept.ranges.push([at, at + size]);
    kept.ranges.sort(function (x, y) { return x[0] - y[0]; });
    kept.loaded += size;
    if (heard) { heard(name); }
  }

  function script(name) {
    var tag = document.createElement("script");
    tag.src = folder + name + "?v=" + stamp;
    tag.onerror = failed;
    document.head.append(tag);
    return tag;
  }

  // Load meta.js, then call back; rows are loaded by need().
  function open(where, version, done, refused) {
    folder = where; stamp = version; failed = refused;
    script("meta.js").onload = done;
  }

  function need(name, listener) {
    heard = listener;
    var kept = store[name];
    if (kept.asked) { return; }
    kept.asked = true;
    for (var n = 0; n * kept.chunk < kept.rows; n += 1) { script(name + "-" + n + ".js"); }
  }

  // Which texts hold the term: one look per text, not per row.
  function holding(kept, term) {
    for (var i = kept.lower.length; i < kept.text.length; i += 1) { kept.lower.push(kept.text[i].toLowerCase()); }
    var hits = new Uint8Array(kept.text.length);
    for (i = 0; i < hits.length; i += 1) { if (kept.lower[i].indexOf(term) >= 0) { hits[i] = 1; } }
    return hits;
  }

  // The numbers of the rows that every test passes, in the order they lie in.
  function filter(kept, tests, query, titles) {
    var terms = query.toLowerCase().split(/\s+/).filter(Boolean).map(function (term) {
      return {
        text: holding(kept, term), term: term,
        entity: store.meta.entities.map(function (e) { return (e[0] + " " + e[titles]).toLowerCase().indexOf(term) >= 0; }),
        attribute: store.meta.attributes.map(function (a) { return (a[1] + " " + a[titles + 1]).toLowerCase().indexOf(term) >= 0; })
      };
    });
    var columns = TEXTS[kept.name].map(function (c) { return kept.column[c]; }).filter(Boolean), c = kept.column;
    var ids = [c.id, c.id_a, c.id_b].filter(Boolean);
    var found = new Int32Array(kept.loaded), count = 0;
    function has(one, row) {
      if (one.entity[c.entity[row]] || (c.attribute && c.attribute[row] >= 0 && one.attribute[c.attribute[row]])) { return true; }
      for (var k = 0; k < columns.length; k += 1) { if (columns[k][row] >= 0 && one.text[columns[k][row]]) { return true; } }
      for (k = 0; k < ids.length; k += 1) { if (String(ids[k][row]) === one.term) { return true; } }
      return false;
    }
    kept.ranges.forEach(function (range) {
      next: for (var row = range[0]; row < range[1]; row += 1) {
        for (var t = 0; t < tests.length; t += 1) { if (!tests[t](row)) { continue next; } }
        for (t = 0; t < terms.length; t += 1) { if (!has(terms[t], row)) { continue next; } }
        found[count] = row;
        count += 1;
      }
    });
    return found.subarray(0, count);
  }

  function sort(kept, found, by, down, language) {
    var column = kept.column[by], sign = down ? -1 : 1, order;
    if (!column) { return found; }
    if (TEXTS[kept.name].indexOf(by) >= 0) {
      // Each text is placed once; rows are then told apart by number.
      var collator = new Intl.Collator(language), place = new Int32Array(kept.text.length + 1), used = new Set();
      found.forEach(function (row) { used.add(column[row]); });
      Array.from(used).sort(function (x, y) { return collator.compare(kept.text[x] || "", kept.text[y] || ""); })
        .forEach(function (id, at) { place[id + 1] = at; });
      order = function (x, y) { return sign * (place[column[x] + 1] - place[column[y] + 1]) || x - y; };
    } else {
      order = function (x, y) { return sign * (column[x] - column[y]) || x - y; };
    }
    return found.slice().sort(order);
  }

  window.likareStore = { store: store, open: open, need: need, filter: filter, sort: sort };
})();
