/* Enhancements only: every page works without this file.
   j/k move in a queue, a accept, e edit, r reject, u undo; forms that choose a filter send themselves. */
(function () {
  "use strict";

  function inField(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function queueLinks() {
    return Array.prototype.slice.call(document.querySelectorAll("[data-queue] a[data-claim]"));
  }

  function move(step) {
    var links = queueLinks();
    if (!links.length) { return; }
    var at = links.findIndex(function (a) { return a.getAttribute("aria-current") === "true"; });
    var next = links[Math.min(Math.max(at + step, 0), links.length - 1)];
    next.click();
    next.scrollIntoView({ block: "nearest" });
  }

  /* the seat next to one on the layout board, in the direction of an arrow key */
  function beside(seat, key) {
    var cell = seat.closest("td"), row = cell && cell.parentNode, at = cell ? cell.cellIndex : -1;
    var step = key === "ArrowUp" || key === "ArrowLeft" ? "previousElementSibling" : "nextElementSibling";
    if (!cell) { return null; }
    if (key === "ArrowLeft" || key === "ArrowRight") { return cell[step] && cell[step].querySelector("button"); }
    do { row = row[step]; } while (row && !(row.cells[at] && row.cells[at].querySelector("button")));
    return row && row.cells[at].querySelector("button");
  }

  /* on a narrow screen the entry of the open page must not lie beyond the edge of its row */
  document.querySelectorAll(".nav__row, .subnav").forEach(function (row) {
    var here = row.querySelector("[aria-current=page]");
    if (here && row.scrollWidth > row.clientWidth) {
      var there = here.getBoundingClientRect(), frame = row.getBoundingClientRect();
      row.scrollLeft += there.left - frame.left - (frame.width - there.width) / 2;
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || inField(event.target)) {
      if (event.key === "Escape" && inField(event.target)) { event.target.blur(); }
      return;
    }
    if (event.key === "/") {
      var search = document.getElementById("q");
      if (search) { event.preventDefault(); search.focus(); }
      return;
    }
    if (/^Arrow/.test(event.key) && event.target.closest && event.target.closest("[data-board]")) {
      var there = beside(event.target, event.key);
      if (there) { event.preventDefault(); there.focus(); }
      return;
    }
    if (!document.querySelector("[data-queue]")) { return; }
    if (event.key === "j") { move(1); }
    else if (event.key === "k") { move(-1); }
    else {
      var button = document.querySelector('[data-key="' + event.key + '"]');
      if (!button || button.disabled) { return; }
      event.preventDefault();
      if (button.tagName === "DETAILS") {
        button.open = !button.open;
        var field = button.querySelector("input:not([type=hidden]), select, textarea");
        if (button.open && field) { field.focus(); }
      } else { button.click(); }
    }
  });

  /* the chosen row of a queue follows the click before the answer comes */
  document.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("[data-queue] a[data-claim]");
    if (link) {
      queueLinks().forEach(function (a) { a.removeAttribute("aria-current"); });
      link.setAttribute("aria-current", "true");
    }
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) { menu.open = false; }
    });
  });

  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-autosend") && event.target.tagName === "SELECT") { form.submit(); }
    if (form && form.hasAttribute("data-sums")) { addUp(form); }
  });
  document.addEventListener("input", function (event) {
    if (event.target.form && event.target.form.hasAttribute("data-sums")) { addUp(event.target.form); }
  });

  /* a dial and the number beside it say the same; the number is what is sent, nothing where it is as it was */
  document.addEventListener("input", function (event) {
    var dial = event.target;
    if (dial.classList.contains("dial")) {
      var typed = document.getElementById(dial.getAttribute("data-for"));
      typed.value = Number(dial.value) === Number(dial.getAttribute("data-now")) ? "" : dial.value;
    } else if (dial.form && dial.form.hasAttribute("data-dials") && dial.id) {
      var beside = dial.form.querySelector('.dial[data-for="' + dial.id + '"]');
      if (beside) { beside.value = dial.value.trim() || beside.getAttribute("data-now"); }
    }
  }, true);

  /* the running sum of a split; the server decides, this only shows */
  function addUp(form) {
    var out = form.querySelector("[data-sum]");
    if (!out) { return; }
    var places = 0, sum = 0;
    form.querySelectorAll("input[data-part]").forEach(function (input) {
      var text = input.value.trim();
      if (text && !isNaN(Number(text))) {
        places = Math.max(places, (text.split(".")[1] || "").length);
        sum += Number(text);
      }
    });
    out.textContent = sum.toFixed(places);
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("form[data-sums]").forEach(addUp);
    document.querySelectorAll(".dial").forEach(function (dial) { dial.hidden = false; });
    var here = document.querySelector(".sentence .is-here");
    if (here) { show(here); }
  });
  function show(here) {
    var box = here.closest(".sentence");
    if (box) { box.scrollTop = Math.max(0, here.offsetTop - box.offsetTop - box.clientHeight / 3); }
  }
  document.addEventListener("htmx:afterSwap", function () {
    var here = document.querySelector(".sentence .is-here");
    if (here) { show(here); }
    var current = document.querySelector('[data-queue] a[aria-current="true"]');
    if (current) { current.scrollIntoView({ block: "nearest" }); }
  });
  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-print]")) { window.print(); }
  });

  /* a return: arrows and Enter move between cells, a copied range is pasted from here on, what is typed is kept */
  function cellsOf(input) {
    var row = input.closest("tr"), td = input.closest("td");
    return { row: row, at: td.cellIndex };
  }
  function cellAt(row, at) {
    var td = row && row.cells[at];
    return td ? td.querySelector("[data-cell]") : null;
  }
  function step(input, down, right) {
    var here = cellsOf(input), row = here.row, at = here.at, found = null;
    while (row && !found) {
      row = down > 0 ? row.nextElementSibling : down < 0 ? row.previousElementSibling : row;
      at += right;
      if (!row || at < 0 || at >= row.cells.length) { return null; }
      found = cellAt(row, at);
    }
    return found;
  }
  document.addEventListener("keydown", function (event) {
    var input = event.target;
    if (!input.hasAttribute || !input.hasAttribute("data-cell") || event.isComposing) { return; }
    var moves = { ArrowDown: [1, 0], ArrowUp: [-1, 0], Enter: [event.shiftKey ? -1 : 1, 0] };
    if (event.ctrlKey || event.metaKey || !input.value) { moves.ArrowLeft = [0, -1]; moves.ArrowRight = [0, 1]; }
    var move = moves[event.key];
    if (!move || (input.tagName === "SELECT" && event.key !== "Enter")) { return; }
    event.preventDefault();
    var next = step(input, move[0], move[1]);
    if (next) { next.focus(); if (next.select) { next.select(); } }
  });
  document.addEventListener("paste", function (event) {
    var input = event.target;
    if (!input.hasAttribute || !input.hasAttribute("data-cell")) { return; }
    var text = (event.clipboardData || window.clipboardData).getData("text").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!/[\t\n]/.test(text)) { return; }
    event.preventDefault();
    var here = cellsOf(input), row = here.row, left = 0;
    text.split("\n").forEach(function (line) {
      line.split("\t").forEach(function (value, offset) {
        var cell = cellAt(row, here.at + offset);
        if (cell) { cell.value = value.trim(); } else if (value.trim() && value.trim() !== "×") { left += 1; }
      });
      row = row && row.nextElementSibling;
    });
    input.form.dispatchEvent(new Event("input", { bubbles: true }));
    var said = input.form.querySelector("[data-saved]");
    over = left && said ? left + " " + said.getAttribute("data-over") : "";
    if (over) { said.textContent = over; }
  });
  var pending = null, saving = false, over = ""; /* what of a pasted range had no cell: told until something is typed */
  function keep(form) {
    if (saving) { pending = setTimeout(function () { keep(form); }, 600); return; }
    saving = true;
    var said = form.querySelector("[data-saved]"), body = new FormData(form);
    fetch(form.getAttribute("data-draft"), { method: "POST", body: body, credentials: "same-origin" })
      .then(function (answer) { return answer.json().then(function (told) { return [answer.ok, told]; }); })
      .then(function (both) {
        saving = false;
        if (both[0]) {
          form.querySelector("[name=token]").value = both[1].token;
          said.textContent = said.getAttribute("data-kept") + " " + both[1].saved_at + (over ? " · " + over : "");
          said.className = "small muted";
        } else {
          said.textContent = both[1].message;
          said.className = "small field__error";
        }
      })
      .catch(function () { saving = false; said.textContent = said.getAttribute("data-lost"); said.className = "small field__error"; });
  }
  document.addEventListener("input", function (event) {
    var form = event.target.form || event.target;
    if (!form.hasAttribute || !form.hasAttribute("data-fill") || (event.target.name || "") === "reason") { return; }
    if (event.isTrusted) { over = ""; }
    clearTimeout(pending);
    pending = setTimeout(function () { keep(form); }, 1200);
  });
  document.addEventListener("submit", function () { clearTimeout(pending); });
})();
