/* The chain map: zoom, pan, search, and walking along edges by keyboard. Two pictures answer to it: the SVG of the page,
   whole and usable without this file, and a canvas for chains of thousands, told as numbers by the server. */
(function () {
  "use strict";
  var NEAR = 0.72, LEGIBLE = 0.42, BLANK = 0.36, MOST = 4, CURVES = 1500;

  /* --- where one looks: k, the scale, and x, y, the point of the picture at the corner of the view */
  function camera(view, width, height, moved) {
    var at = { x: 0, y: 0, k: 1 }, fingers = {}, dragged = false;

    function fitting() { return Math.min(view.clientWidth / width, view.clientHeight / height, 1); }
    function show() {
      var w = view.clientWidth / at.k, h = view.clientHeight / at.k;
      at.x = w > width ? (width - w) / 2 : Math.max(-w / 3, Math.min(at.x, width - w + w / 3));
      at.y = h > height ? (height - h) / 2 : Math.max(-h / 3, Math.min(at.y, height - h + h / 3));
      moved(at);
    }
    function zoom(factor, px, py) {
      var k = Math.max(Math.min(fitting(), LEGIBLE) * 0.8, Math.min(MOST, at.k * factor));
      at.x += px / at.k - px / k;
      at.y += py / at.k - py / k;
      at.k = k;
      show();
    }
    function zoomMiddle(factor) { zoom(factor, view.clientWidth / 2, view.clientHeight / 2); }
    function centre(x, y, least) {
      at.k = Math.max(at.k, least);
      at.x = x - view.clientWidth / at.k / 2;
      at.y = y - view.clientHeight / at.k / 2;
      show();
    }
    function open(least) { at = { x: 0, y: 0, k: Math.max(fitting(), least) }; show(); }
    function pan(dx, dy) { at.x += dx / at.k; at.y += dy / at.k; show(); }
    /* moves no further than the box needs to be seen */
    function reveal(x, y, w, h) {
      var wide = view.clientWidth / at.k, high = view.clientHeight / at.k, gap = 24;
      if (x - gap < at.x) { at.x = x - gap; } else if (x + w + gap > at.x + wide) { at.x = x + w + gap - wide; }
      if (y - gap < at.y) { at.y = y - gap; } else if (y + h + gap > at.y + high) { at.y = y + h + gap - high; }
      show();
    }
    function inside(event) {
      var frame = view.getBoundingClientRect();
      return [event.clientX - frame.left - view.clientLeft, event.clientY - frame.top - view.clientTop];
    }
    view.addEventListener("wheel", function (event) {
      if (!event.ctrlKey && !view.contains(document.activeElement)) { return; }
      event.preventDefault();
      var spot = inside(event);
      zoom(event.deltaY < 0 ? 1.18 : 1 / 1.18, spot[0], spot[1]);
    }, { passive: false });
    view.addEventListener("pointerdown", function (event) {
      if (event.button !== 0) { return; }
      fingers[event.pointerId] = inside(event);
      if (Object.keys(fingers).length === 1) { dragged = false; }
    });
    window.addEventListener("pointermove", function (event) {
      var before = fingers[event.pointerId], now, others, other;
      if (!before) { return; }
      now = inside(event);
      others = Object.keys(fingers).filter(function (id) { return id !== String(event.pointerId); });
      if (!others.length && !dragged && Math.abs(now[0] - before[0]) + Math.abs(now[1] - before[1]) < 5) { return; }
      dragged = true;
      fingers[event.pointerId] = now;
      if (others.length) {
        other = fingers[others[0]];
        zoom(Math.hypot(now[0] - other[0], now[1] - other[1]) /
          Math.max(Math.hypot(before[0] - other[0], before[1] - other[1]), 1), other[0], other[1]);
      } else { pan(before[0] - now[0], before[1] - now[1]); }
    });
    ["pointerup", "pointercancel"].forEach(function (name) {
      window.addEventListener(name, function (event) { delete fingers[event.pointerId]; });
    });
    view.addEventListener("dragstart", function (event) { event.preventDefault(); });
    view.addEventListener("click", function (event) {
      if (dragged) { event.preventDefault(); event.stopImmediatePropagation(); dragged = false; }
    }, true);
    window.addEventListener("resize", show);
    return { open: open, zoom: zoomMiddle, centre: centre, reveal: reveal, pan: pan, fit: function () { open(0); },
      spot: function (event) { var s = inside(event); return [at.x + s[0] / at.k, at.y + s[1] / at.k]; } };
  }

  /* --- the links by number: ids, names, said, left, top, out and into (numbers of neighbours), cell */
  function joined(model, from, to) {
    model.out = model.ids.map(function () { return []; });
    model.into = model.ids.map(function () { return []; });
    from.forEach(function (a, at) { model.out[a].push(to[at]); model.into[to[at]].push(a); });
    var byTop = function (a, b) { return model.top[a] - model.top[b]; };
    model.out.forEach(function (ends) { ends.sort(byTop); });
    model.into.forEach(function (ends) { ends.sort(byTop); });
    model.lower = model.names.map(function (name) { return name.toLowerCase(); });
    return model;
  }

  /* arrows: right to what the link feeds, left to what feeds it, up and down among those one could have come to */
  function walker(model) {
    var trail = [];
    function step(here, key) {
      var ends = key === "ArrowRight" ? model.out[here] : key === "ArrowLeft" ? model.into[here] : null, at;
      if (ends) {
        if (!ends.length) { return here; }
        trail = ends;
        return ends.reduce(function (best, end) {
          return Math.abs(model.top[end] - model.top[here]) < Math.abs(model.top[best] - model.top[here]) ? end : best;
        });
      }
      if (trail.length < 2 || trail.indexOf(here) < 0) {
        trail = model.ids.map(function (_, other) { return other; })
          .filter(function (other) { return model.left[other] === model.left[here]; })
          .sort(function (a, b) { return model.top[a] - model.top[b]; });
      }
      at = trail.indexOf(here) + (key === "ArrowDown" ? 1 : -1);
      return trail[Math.max(0, Math.min(at, trail.length - 1))];
    }
    return { step: step, forget: function () { trail = []; } };
  }

  /* --- the SVG of the page */
  function svgPicture(view, svg) {
    var links = Array.prototype.slice.call(svg.querySelectorAll("a[data-link]"));
    var paths = Array.prototype.slice.call(svg.querySelectorAll("path[data-from]"));
    var number = {}, rects = links.map(function (link) { return link.querySelector("rect"); });
    links.forEach(function (link, at) { number[link.dataset.link] = at; });
    var from = paths.map(function (path) { return number[path.dataset.from]; });
    var to = paths.map(function (path) { return number[path.dataset.to]; });
    var model = joined({
      ids: links.map(function (link) { return link.dataset.link; }),
      names: links.map(function (link) { return link.dataset.name; }),
      left: rects.map(function (rect) { return Number(rect.getAttribute("x")); }),
      top: rects.map(function (rect) { return Number(rect.getAttribute("y")); }),
      cell: [Number(rects[0].getAttribute("width")), Number(rects[0].getAttribute("height"))]
    }, from, to);
    var lit = -1, still = 0;

    function light(here) {
      if (lit >= 0) {
        svg.querySelectorAll(".is-lit").forEach(function (part) { part.classList.remove("is-lit"); });
      }
      lit = here;
      svg.classList.toggle("has-light", here >= 0);
      if (here < 0) { return; }
      [here].concat(model.out[here], model.into[here]).forEach(function (at) { links[at].classList.add("is-lit"); });
      paths.forEach(function (path, at) { if (from[at] === here || to[at] === here) { path.classList.add("is-lit"); } });
    }
    function numberOf(event) {
      var link = event.target.closest("a[data-link]");
      return link ? number[link.dataset.link] : -1;
    }
    ["mouseover", "focusin"].forEach(function (name) {
      svg.addEventListener(name, function (event) { if (numberOf(event) >= 0) { light(numberOf(event)); } });
    });
    ["mouseleave", "focusout"].forEach(function (name) { svg.addEventListener(name, function () { light(-1); }); });
    return {
      model: model,
      moved: function (at) {
        /* while it moves the picture is kept as it was painted, and painted anew when it rests */
        svg.classList.add("is-moving");
        clearTimeout(still);
        still = setTimeout(function () { svg.classList.remove("is-moving"); }, 160);
        svg.style.transform = "translate(" + -at.x * at.k + "px," + -at.y * at.k + "px) scale(" + at.k + ")";
        svg.classList.toggle("is-far", at.k < NEAR && at.k >= BLANK);
        svg.classList.toggle("is-blank", at.k < BLANK);
      },
      here: function () { return numberOf({ target: document.activeElement }); },
      go: function (at) { links[at].focus({ preventScroll: true }); },
      mark: function (hits, found) {
        links.forEach(function (link, at) {
          link.classList.toggle("is-out", Boolean(hits) && hits.indexOf(at) < 0);
          link.classList.toggle("is-found", at === found);
        });
      },
      told: function (at) { return links[at].querySelector("title").textContent; }
    };
  }

  /* --- a canvas for thousands: only what is in view is drawn, and no more of it than can be read */
  function canvasPicture(view, data) {
    var canvas = document.createElement("canvas"), pen = canvas.getContext("2d"), at = { x: 0, y: 0, k: 1 };
    var model = joined({ ids: data.ids, names: data.names, left: data.left, top: data.top, cell: data.cell },
      data.from, data.to);
    var here = -1, hits = null, found = -1, asked = 0, w = data.cell[0], h = data.cell[1];
    canvas.setAttribute("aria-hidden", "true");
    view.appendChild(canvas);

    function paint() {
      asked = 0;
      var ratio = window.devicePixelRatio || 1, wide = view.clientWidth, high = view.clientHeight;
      if (canvas.width !== Math.round(wide * ratio) || canvas.height !== Math.round(high * ratio)) {
        canvas.width = Math.round(wide * ratio);
        canvas.height = Math.round(high * ratio);
      }
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.setTransform(at.k * ratio, 0, 0, at.k * ratio, -at.x * at.k * ratio, -at.y * at.k * ratio);
      var right = at.x + wide / at.k, bottom = at.y + high / at.k, seen = [], beside = neighbours(), i;
      for (i = 0; i < data.ids.length; i += 1) {
        if (data.left[i] < right && data.left[i] + w > at.x && data.top[i] < bottom && data.top[i] + h > at.y) {
          seen.push(i);
        }
      }
      if (seen.length <= CURVES / 4) { curves(seen, "#c9d1d9", 1.2); }
      boxes(seen, beside);
      if (here >= 0) { curves([here], "#1c5288", Math.max(2, 1.4 / at.k), true); }
      frame(found, "#1c5288");
      frame(here, "#1c5288");
      if (at.k >= BLANK) { seen.forEach(function (n) { write(n, beside); }); }
      heads();
      if (!performance.getEntriesByName("chainmap").length) { performance.mark("chainmap"); }
    }
    function neighbours() {
      if (here < 0) { return null; }
      var near = {};
      [here].concat(model.out[here], model.into[here]).forEach(function (n) { near[n] = true; });
      return near;
    }
    function isFaint(n, beside) {
      return data.dim[n] === "1" || (hits && hits.indexOf(n) < 0) || (beside && !beside[n]);
    }
    function boxes(seen, beside) {
      data.states.forEach(function (state, number) {
        var own = seen.filter(function (n) { return Number(data.state[n]) === number; });
        [false, true].forEach(function (faint) {
          pen.globalAlpha = faint ? 0.2 : 1;
          pen.beginPath();
          own.forEach(function (n) { if (Boolean(isFaint(n, beside)) === faint) { pen.rect(data.left[n], data.top[n], w, h); } });
          pen.fillStyle = at.k < BLANK && number !== 2 ? state[1] : state[2];
          pen.fill();
          pen.strokeStyle = state[1];
          pen.lineWidth = Math.max(1.2, 0.8 / at.k);
          pen.stroke();
        });
      });
      pen.globalAlpha = 1;
    }
    function curves(some, colour, thick, both) {
      pen.beginPath();
      some.forEach(function (a) {
        model.out[a].forEach(function (b) { curve(a, b); });
        if (both) { model.into[a].forEach(function (b) { curve(b, a); }); }
      });
      pen.strokeStyle = colour;
      pen.lineWidth = thick;
      pen.stroke();
    }
    function curve(a, b) {
      var ahead = data.left[b] > data.left[a], x1 = data.left[a] + (ahead ? w : 0), x2 = data.left[b] + (ahead ? 0 : w);
      var y1 = data.top[a] + h / 2, y2 = data.top[b] + h / 2, bend = (x1 + x2) / 2;
      if (data.left[a] === data.left[b]) { x1 = x2 = data.left[a] + w; bend = x1 + 31; }
      pen.moveTo(x1, y1);
      pen.bezierCurveTo(bend, y1, bend, y2, x2, y2);
    }
    function frame(n, colour) {
      if (n < 0) { return; }
      pen.strokeStyle = colour;
      pen.lineWidth = Math.max(3, 2.5 / at.k);
      pen.strokeRect(data.left[n] - 3, data.top[n] - 3, w + 6, h + 6);
    }
    function write(n, beside) {
      var x = data.left[n] + 8, y = data.top[n], name = data.names[n], state = data.states[Number(data.state[n])];
      if (isFaint(n, beside)) { return; }
      pen.fillStyle = "#1b2733";
      if (at.k < NEAR) {
        pen.font = "21px " + data.font;
        if (name.length <= 6) { pen.fillText(name, x, y + 31); return; }
        pen.fillText(name.slice(0, 6), x, y + 20);
        pen.fillText(name.length > 12 ? name.slice(6, 11) + "…" : name.slice(6), x, y + 42);
        return;
      }
      pen.font = "13px " + data.font;
      pen.fillText(name.length > 10 ? name.slice(0, 9) + "…" : name, x, y + 20);
      pen.font = "11.5px " + data.font;
      pen.fillStyle = state[1];
      pen.fillText(state[0] + (data.firms[n] ? " " + data.firms[n] + " 家" : ""), x, y + 39);
      if (data.signs[n] === "1" || data.signs[n] === "3") { pen.fillText("▲", x + w - 28, y + 39); }
    }
    function heads() {
      var ratio = window.devicePixelRatio || 1;
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.font = "600 14px " + data.font;
      pen.fillStyle = "rgba(252,253,254,.94)";
      pen.fillRect(0, 0, view.clientWidth, 24);
      data.heads.forEach(function (head, number) {
        var next = data.heads[number + 1], x = (head[1] - at.x) * at.k;
        var end = next ? (next[1] - at.x) * at.k : view.clientWidth;
        var wide = pen.measureText(head[0]).width;
        x = Math.max(x, 8);
        if (x + wide + 8 > end || x > view.clientWidth) { return; }
        pen.fillStyle = "#4a5a6a";
        pen.fillText(head[0], x, 17);
      });
    }
    function again() { if (!asked) { asked = requestAnimationFrame(paint); } }
    return {
      model: model,
      moved: function (to) { at = to; again(); },
      here: function () { return document.activeElement === view ? here : -1; },
      go: function (n) { here = n; again(); },
      mark: function (these, one) { hits = these; found = one; again(); },
      told: function (n) {
        var state = data.states[Number(data.state[n])];
        return data.names[n] + "：" + state[0] + (data.firms[n] ? "，" + data.firms[n] + " 家" : "");
      },
      under: function (spot) {
        return data.ids.findIndex(function (_, n) {
          return spot[0] >= data.left[n] && spot[0] <= data.left[n] + w && spot[1] >= data.top[n] && spot[1] <= data.top[n] + h;
        });
      }
    };
  }

  /* --- what both share: buttons, keys, search, and the line that tells where one is */
  function living(view, picture, width, height, least) {
    var model = picture.model, steps = walker(model), told = document.querySelector("[data-map-told]");
    var sight = camera(view, width, height, picture.moved), hits = null, turn = -1;

    function tell(at, before) {
      if (!told) { return; }
      told.querySelector("[data-told]").textContent = at < 0 ? (before || "") : (before || "") + picture.told(at);
      told.querySelectorAll("a").forEach(function (link) {
        link.hidden = at < 0 || !picture.under;
        if (at >= 0) { link.href = link.dataset.pattern.replace("NODE", encodeURIComponent(model.ids[at])); }
      });
    }
    function go(at) {
      picture.go(at);
      sight.reveal(model.left[at], model.top[at], model.cell[0], model.cell[1]);
      tell(at);
    }
    function act(name) {
      if (name === "fit") { sight.fit(); } else { sight.zoom(name === "in" ? 1.3 : 1 / 1.3); }
    }
    view.addEventListener("keydown", function (event) {
      var ways = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
      var here = picture.here();
      if (event.ctrlKey || event.altKey || event.metaKey) { return; }
      if (event.key === "+" || event.key === "=") { act("in"); }
      else if (event.key === "-") { act("out"); }
      else if (event.key === "0") { act("fit"); }
      else if (event.key === "Escape" && here >= 0) { view.focus(); leave(); }
      else if (ways[event.key] && here >= 0) { go(steps.step(here, event.key)); }
      else if (ways[event.key]) { sight.pan(ways[event.key][0], ways[event.key][1]); }
      else if (event.key === "Enter" && here >= 0 && picture.under) { told.querySelector("a").click(); }
      else { return; }
      event.preventDefault();
      event.stopPropagation();
    });
    function leave() { if (picture.under) { picture.go(-1); } steps.forget(); tell(-1); }
    if (picture.under) {
      view.addEventListener("click", function (event) {
        var at = picture.under(sight.spot(event));
        if (at < 0) { leave(); } else { steps.forget(); picture.go(at); tell(at); }
      });
    }
    view.classList.add("is-live");
    /* no higher than the picture needs */
    view.style.height = Math.min(view.clientHeight,
      Math.max(320, height * Math.max(Math.min(view.clientWidth / width, 1), least) + 48)) + "px";
    sight.open(least);
    return {
      act: act,
      find: function (word) {
        hits = word ? model.lower.reduce(function (list, name, at) {
          if (name.indexOf(word) >= 0) { list.push(at); }
          return list;
        }, []) : null;
        turn = -1;
        picture.mark(hits, -1);
        tell(-1, hits ? told.dataset.found.replace("NUMBER", hits.length) : "");
        return hits;
      },
      next: function (way) {
        if (!hits || !hits.length) { return; }
        turn = (turn + way + hits.length) % hits.length;
        var at = hits[turn];
        picture.mark(hits, at);
        if (picture.under) { picture.go(at); }
        sight.centre(model.left[at] + model.cell[0] / 2, model.top[at] + model.cell[1] / 2, 0.9);
        tell(at, (turn + 1) + " / " + hits.length + "　");
      },
      enter: function () {
        if (turn < 0) { return false; }
        if (picture.under) { view.focus(); }
        go(hits[turn]);
        return true;
      }
    };
  }

  function setUp() {
    var views = [], tools = document.querySelector("[data-map-tools]");
    var search = document.querySelector("[data-map-search]");
    function add(view, picture, width, height, least) {
      views.push(living(view, picture, width, height, least));
      if (tools) { tools.hidden = false; }
      if (search && search.value.trim()) { looked(); }
    }
    function looked() {
      var word = search.value.trim().toLowerCase();
      views.forEach(function (view) { view.find(word); });
    }
    document.querySelectorAll("[data-map-view]").forEach(function (view) {
      var svg = view.querySelector("svg[data-chainmap]");
      if (svg && svg.querySelector("a[data-link]")) {
        add(view, svgPicture(view, svg), svg.width.baseVal.value, svg.height.baseVal.value, LEGIBLE);
      }
      if (view.dataset.sketch) {
        fetch(view.dataset.sketch, { credentials: "same-origin" }).then(function (answer) {
          if (!answer.ok) { throw new Error(answer.status); }
          return answer.json();
        }).then(function (data) {
          data.font = getComputedStyle(view).fontFamily;
          add(view, canvasPicture(view, data), data.width, data.height, 0);
          view.removeAttribute("aria-busy");
        }, function () { view.removeAttribute("aria-busy"); view.hidden = true; });
      }
    });
    if (tools) {
      tools.addEventListener("click", function (event) {
        var button = event.target.closest("[data-zoom]");
        if (button) { views.forEach(function (view) { view.act(button.dataset.zoom); }); }
      });
    }
    if (!search) { return; }
    search.addEventListener("input", looked);
    search.addEventListener("keydown", function (event) {
      if (!views.length || !search.value.trim()) { return; }
      if (event.key === "Enter") { views.forEach(function (view) { view.next(event.shiftKey ? -1 : 1); }); }
      else if (event.key === "ArrowDown") { views.slice().reverse().some(function (view) { return view.enter(); }); } /* the whole map is last */
      else { return; }
      event.preventDefault();
    });
  }
  document.addEventListener("DOMContentLoaded", setUp);
})();
