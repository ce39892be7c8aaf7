/* The chain map: zoom and pan by moving the viewBox, search as one types, light up what a link is joined to.
   The map is whole and usable without this file. */
(function () {
  "use strict";

  function setUp(view) {
    var svg = view.querySelector("svg[data-chainmap]");
    if (!svg) { return; }
    var whole = svg.getAttribute("viewBox").split(" ").map(Number);
    var box = whole.slice(), from = null, moved = false;

    /* on a narrow screen the picture keeps its size and the view scrolls, until somebody zooms */
    function show() {
      svg.setAttribute("viewBox", box.map(function (n) { return Math.round(n * 10) / 10; }).join(" "));
      view.classList.toggle("is-zoomed", box[2] !== whole[2]);
    }
    function zoom(factor, at) {
      var width = Math.min(whole[2] * 1.2, Math.max(160, box[2] * factor));
      var real = width / box[2];
      box = [at.x - (at.x - box[0]) * real, at.y - (at.y - box[1]) * real, width, box[3] * real];
      show();
    }
    function middle() { return { x: box[0] + box[2] / 2, y: box[1] + box[3] / 2 }; }
    function point(event) {
      var frame = svg.getBoundingClientRect(), scale = Math.max(box[2] / frame.width, box[3] / frame.height);
      return {
        x: box[0] + box[2] / 2 + (event.clientX - frame.left - frame.width / 2) * scale,
        y: box[1] + box[3] / 2 + (event.clientY - frame.top - frame.height / 2) * scale
      };
    }
    function pan(dx, dy) { box[0] += dx * box[2]; box[1] += dy * box[3]; show(); }
    function act(name) {
      if (name === "in") { zoom(0.75, middle()); }
      else if (name === "out") { zoom(1 / 0.75, middle()); }
      else { box = whole.slice(); show(); }
    }

    view.addEventListener("wheel", function (event) {
      if (!event.ctrlKey && document.activeElement !== view && !view.contains(document.activeElement)) { return; }
      event.preventDefault();
      zoom(event.deltaY < 0 ? 0.85 : 1 / 0.85, point(event));
    }, { passive: false });
    svg.addEventListener("pointerdown", function (event) {
      if (event.button === 0 && event.pointerType === "mouse") { from = point(event); moved = false; }
    });
    window.addEventListener("pointermove", function (event) {
      if (!from) { return; }
      var to = point(event);
      if (Math.abs(to.x - from.x) + Math.abs(to.y - from.y) > 4) { moved = true; }
      if (moved) { box[0] += from.x - to.x; box[1] += from.y - to.y; show(); }
    });
    window.addEventListener("pointerup", function () { from = null; });
    svg.addEventListener("dragstart", function (event) { event.preventDefault(); });
    svg.addEventListener("click", function (event) {
      if (moved) { event.preventDefault(); moved = false; }
    });
    view.addEventListener("keydown", function (event) {
      var ways = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, -0.1], ArrowDown: [0, 0.1] };
      if (event.ctrlKey || event.altKey || event.metaKey) { return; }
      if (event.key === "+" || event.key === "=") { act("in"); }
      else if (event.key === "-") { act("out"); }
      else if (event.key === "0") { act("fit"); }
      else if (ways[event.key]) { pan(ways[event.key][0], ways[event.key][1]); }
      else { return; }
      event.preventDefault();
      event.stopPropagation();
    });

    function light(id) {
      var near = {};
      near[id] = true;
      svg.querySelectorAll("path[data-from]").forEach(function (path) {
        var on = path.dataset.from === id || path.dataset.to === id;
        path.classList.toggle("is-lit", on);
        if (on) { near[path.dataset.from] = near[path.dataset.to] = true; }
      });
      svg.querySelectorAll("a[data-link]").forEach(function (link) {
        link.classList.toggle("is-lit", Boolean(near[link.dataset.link]));
      });
      svg.classList.add("has-light");
    }
    function dark() { svg.classList.remove("has-light"); }
    ["mouseover", "focusin"].forEach(function (name) {
      svg.addEventListener(name, function (event) {
        var link = event.target.closest("a[data-link]");
        if (link) { light(link.dataset.link); }
      });
    });
    svg.addEventListener("mouseleave", dark);
    svg.addEventListener("focusout", dark);
    return { act: act };
  }

  document.addEventListener("DOMContentLoaded", function () {
    var views = Array.prototype.map.call(document.querySelectorAll("[data-map-view]"), setUp).filter(Boolean);
    var tools = document.querySelector("[data-map-tools]");
    if (tools && views.length) {
      tools.hidden = false;
      tools.addEventListener("click", function (event) {
        var button = event.target.closest("[data-zoom]");
        if (button) { views.forEach(function (view) { view.act(button.dataset.zoom); }); }
      });
    }
    var search = document.querySelector("[data-map-search]");
    if (search) {
      search.addEventListener("input", function () {
        var word = search.value.trim().toLowerCase();
        document.querySelectorAll("[data-map-view] a[data-link]").forEach(function (link) {
          link.classList.toggle("is-out", Boolean(word) && link.dataset.name.toLowerCase().indexOf(word) < 0);
        });
      });
    }
  });
})();
