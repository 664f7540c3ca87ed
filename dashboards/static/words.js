/* Word-level differences of two texts, and text made visible: no markup is ever built from data. */
(function () {
  "use strict";
  var INVISIBLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
  var MOST = 400;

  // Characters that show nothing yet change how their neighbours show are spelled out, as everywhere on the site.
  function plain(text) {
    return String(text).replace(INVISIBLE, function (c) {
      return "[U+" + c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0") + "]";
    });
  }

  function tokens(text) {
    return text.match(/[\p{L}\p{N}]+|\s+|[^\p{L}\p{N}\s]/gu) || [];
  }

  // The parts of a and b in order: [text, differs]. A longest common subsequence of their words; what is too long for
  // one is told apart by its common beginning and end alone.
  function compare(a, b) {
    var x = tokens(a), y = tokens(b), from = 0, tail = 0;
    while (from < x.length && from < y.length && x[from] === y[from]) { from += 1; }
    while (tail < x.length - from && tail < y.length - from && x[x.length - 1 - tail] === y[y.length - 1 - tail]) { tail += 1; }
    var xs = x.slice(from, x.length - tail), ys = y.slice(from, y.length - tail);
    var same = xs.length <= MOST && ys.length <= MOST ? common(xs, ys) : { x: [], y: [] };
    function parts(all, middle, kept) {
      var out = [];
      function add(text, differs) {
        var last = out[out.length - 1];
        if (last && last[1] === differs) { last[0] += text; } else { out.push([text, differs]); }
      }
      all.slice(0, from).forEach(function (t) { add(t, false); });
      middle.forEach(function (t, i) { add(t, !kept[i]); });
      all.slice(all.length - tail).forEach(function (t) { if (tail) { add(t, false); } });
      // A blank alone between two words that differ belongs to them.
      return out.reduce(function (joined, part, i) {
        var last = joined[joined.length - 1], next = out[i + 1];
        if (last && last[1] && (part[1] || (next && next[1] && !part[0].trim()))) { last[0] += part[0]; } else { joined.push(part); }
        return joined;
      }, []);
    }
    return { a: parts(x, xs, same.x), b: parts(y, ys, same.y) };
  }

  function common(xs, ys) {
    var wide = ys.length + 1, table = new Uint16Array((xs.length + 1) * wide), i, j;
    for (i = xs.length - 1; i >= 0; i -= 1) {
      for (j = ys.length - 1; j >= 0; j -= 1) {
        table[i * wide + j] = xs[i] === ys[j] ? table[(i + 1) * wide + j + 1] + 1
          : Math.max(table[(i + 1) * wide + j], table[i * wide + j + 1]);
      }
    }
    var kept = { x: [], y: [] };
    for (i = 0, j = 0; i < xs.length && j < ys.length;) {
      if (xs[i] === ys[j]) { kept.x[i] = kept.y[j] = true; i += 1; j += 1; }
      else if (table[(i + 1) * wide + j] >= table[i * wide + j + 1]) { i += 1; } else { j += 1; }
    }
    return kept;
  }

  window.likareWords = { plain: plain, compare: compare };
})();
