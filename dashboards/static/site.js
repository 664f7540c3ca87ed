/* Draws the page's figures. A figure names its colours as var(--token): the theme's value goes in here, so that light,
   dark and paper share one figure. No inline handlers, no network. */
(function () {
  "use strict";
  var drawn = [];
  var opened = [];

  // plotly writes style attributes, which the page's policy refuses. The same styles set through the object model are
  // permitted, so its attribute calls are led there instead of weakening the policy.
  var setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style" && this.style) {
      this.style.cssText = value;
    } else {
      setAttribute.call(this, name, value);
    }
  };

  function themed(value, style) {
    if (typeof value === "string") {
      return value.replace(/var\((--[\w-]+)\)/g, function (_, name) {
        return style.getPropertyValue(name).trim();
      });
    }
    if (Array.isArray(value)) {
      return value.map(function (v) { return themed(v, style); });
    }
    if (value && typeof value === "object") {
      var copy = {};
      Object.keys(value).forEach(function (key) { copy[key] = themed(value[key], style); });
      return copy;
    }
    return value;
  }

  function draw(chart) {
    var style = getComputedStyle(document.documentElement);
    var figure = themed(chart.spec.figure, style);
    chart.target.dataset.drawn = "";
    return window.Plotly.react(chart.target, figure.data, figure.layout, chart.spec.config).then(function () {
      chart.target.dataset.drawn = "yes";
    });
  }

  function redraw() {
    drawn.forEach(draw);
  }

  function start() {
    document.querySelectorAll("[data-figure]").forEach(function (target) {
      var source = document.getElementById(target.dataset.figure);
      drawn.push({ target: target, spec: JSON.parse(source.textContent) });
    });
    if (!window.Plotly) {
      document.documentElement.classList.add("no-charts");
      drawn = [];
    }
    redraw();
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    window.addEventListener("beforeprint", function () {
      document.documentElement.classList.add("on-paper");
      document.querySelectorAll("details[data-print]:not([open])").forEach(function (details) {
        details.open = true;
        opened.push(details);
      });
      redraw();
    });
    window.addEventListener("afterprint", function () {
      document.documentElement.classList.remove("on-paper");
      opened.splice(0).forEach(function (details) { details.open = false; });
      redraw();
    });
  }

  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", start);
  } else {
    start();
  }
})();
