(function () {
  var SVG = "http://www.w3.org/2000/svg", MOST = 4, lang = document.documentElement.lang;
  var words = JSON.parse(document.getElementById("words").textContent), table = document.querySelector(".everything");
  // Written out, so that the rules for them stay on the page.
  var LINES = ["c0", "c1", "c2", "c3"];
  var add = document.getElementById("add"), chosenList = document.getElementById("chosen"), status = document.getElementById("status");
  var target = document.getElementById("compared"), all = document.getElementById("everything");
  var periods = table.dataset.periods.split(" "), shown = table.dataset.shown.split("|");
  var heads = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) { return cell; });
  var regions = {}, codes = [], chosen = [];
  Array.prototype.forEach.call(document.getElementById("data").rows, function (row) {
    var link = row.querySelector("a");
    regions[row.dataset.c] = {
      name: link.textContent, href: link.getAttribute("href"), cells: row.cells, index: numbers(row.dataset.i),
      history: numbers(row.dataset.h), elements: numbers(row.dataset.e), levers: numbers(row.dataset.l)
    };
    codes.push(row.dataset.c);
  });
  function numbers(text) { return text.split(" ").map(function (part) { return part === "-" ? null : +part; }); }
  function show(value, places) {
    if (value === null) return "–";
    return new Intl.NumberFormat(lang, { minimumFractionDigits: places, maximumFractionDigits: places }).format(+value.toFixed(places) || 0).replace("-", "−");
  }
  function say(key, values) { return words[key].replace(/\{(\w+)\}/g, function (_, name) { return values[name]; }); }
  function element(name, text, css) {
    var made = document.createElement(name);
    if (text !== undefined && text !== null) made.textContent = text;
    if (css) made.className = css;
    return made;
  }
  function drawn(name, attributes) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    return made;
  }
  function key(place) {
    var svg = drawn("svg", { "class": "line-key " + LINES[place], viewBox: "0 0 24 10", preserveAspectRatio: "none", "aria-hidden": "true" });
    svg.appendChild(drawn("line", { x1: 0, x2: 24, y1: 5, y2: 5 }));
    return svg;
  }
  function heading(id, text, level) {
    var section = element("section"), title = element(level || "h2", text);
    title.id = id;
    section.setAttribute("aria-labelledby", id);
    section.appendChild(title);
    return section;
  }
  function wide(name, made) {
    var box = element("section", null, "scroll");
    box.tabIndex = 0;
    box.setAttribute("aria-label", name);
    box.appendChild(made);
    return box;
  }
  function side(first, rows) {
    var made = element("table", null, "side"), head = made.createTHead().insertRow(), body = made.createTBody();
    var corner = element("th", first);
    corner.scope = "col";
    head.appendChild(corner);
    chosen.forEach(function (code, place) {
      var cell = element("th"), link = element("a", regions[code].name);
      cell.scope = "col";
      link.href = regions[code].href;
      cell.appendChild(key(place));
      cell.appendChild(link);
      head.appendChild(cell);
    });
    rows.forEach(function (row) {
      var line = body.insertRow(), name = element("th", row.name);
      name.scope = "row";
      line.appendChild(name);
      row.cells.forEach(function (cell) { line.appendChild(cell); });
    });
    return made;
  }
  function span(values, low, high, place, zero) {
    var svg = drawn("svg", { "class": "span " + LINES[place], "aria-hidden": "true" }), at = function (v) { return 100 * (v - low) / ((high - low) || 1) + "%"; };
    if (zero) svg.appendChild(drawn("line", { "class": "zero", x1: at(0), x2: at(0), y1: "0", y2: "100%" }));
    svg.appendChild(drawn("line", { x1: at(values[1]), x2: at(values[2]), y1: "50%", y2: "50%" }));
    svg.appendChild(drawn("circle", { cx: at(values[0]), cy: "50%", r: 4 }));
    return svg;
  }
  function limits(lists) {
    var known = [].concat.apply([], lists).filter(function (v) { return v !== null; });
    return known.length ? [Math.min.apply(null, known), Math.max.apply(null, known)] : null;
  }
  function estimate(values, places, range, place, zero) {
    var cell = element("td");
    if (values[0] === null || values[1] === null) { cell.textContent = words.no_data; return cell; }
    cell.appendChild(element("b", show(values[0], places)));
    cell.appendChild(element("small", say("interval", { low: show(values[1], places), high: show(values[2], places) })));
    cell.appendChild(span(values, range[0], range[1], place, zero));
    return cell;
  }
  function difference(a, b) {
    var x = regions[a], y = regions[b];
    if (x.index[1] === null || y.index[1] === null) return say("unknown_difference", { a: x.name, b: y.name });
    if (x.index[0] < y.index[0]) { var swap = x; x = y; y = swap; }
    var d = x.index[0] - y.index[0], half = Math.sqrt(Math.pow((x.index[2] - x.index[1]) / 2, 2) + Math.pow((y.index[2] - y.index[1]) / 2, 2));
    return say(d - half > 0 ? "differs" : "same", { a: x.name, b: y.name, d: show(d, 1), low: show(d - half, 1), high: show(d + half, 1) });
  }
  function indexSection() {
    var section = heading("index-t", words.index), list = element("ul", null, "plainlist");
    var range = limits(chosen.map(function (code) { return regions[code].index; })) || [0, 1];
    var row = { name: heads[1].textContent, cells: chosen.map(function (code, place) { return estimate(regions[code].index, 1, range, place); }) };
    section.appendChild(wide(words.index, side("", [row])));
    chosen.forEach(function (a, i) { chosen.slice(i + 1).forEach(function (b) { list.appendChild(element("li", difference(a, b))); }); });
    section.appendChild(list);
    return section;
  }
  function trendSection() {
    var section = heading("trend-t", words.trend), range = limits(chosen.map(function (code) { return regions[code].history; }));
    if (!range) { section.appendChild(element("p", words.no_data)); return section; }
    var low = Math.floor(range[0]), high = Math.ceil(range[1]) || 1, graph = element("div", null, "graph"), names = chosen.map(function (c) { return regions[c].name; });
    if (high === low) high = low + 1;
    var svg = drawn("svg", { "class": "lines", viewBox: "0 0 100 100", preserveAspectRatio: "none", role: "img" });
    svg.setAttribute("aria-label", say("trend_alt", { names: names.join(", "), first: shown[0], last: shown[shown.length - 1] }));
    [0, 50, 100].forEach(function (y) { svg.appendChild(drawn("line", { "class": "grid", x1: 0, x2: 100, y1: y, y2: y })); });
    chosen.forEach(function (code, place) {
      var points = [];
      regions[code].history.forEach(function (v, i) { if (v !== null) points.push(100 * i / (periods.length - 1 || 1) + "," + (100 - 100 * (v - low) / (high - low))); });
      svg.appendChild(drawn("polyline", { "class": LINES[place], points: points.join(" ") }));
    });
    var up = element("div", null, "up"), along = element("div", null, "along");
    [high, (low + high) / 2, low].forEach(function (v) { up.appendChild(element("span", show(v, v % 1 ? 1 : 0))); });
    along.appendChild(element("span", shown[0]));
    along.appendChild(element("span", shown[shown.length - 1]));
    [up, svg, along].forEach(function (part) { graph.appendChild(part); });
    section.appendChild(graph);
    var figures = element("details");
    figures.appendChild(element("summary", words.figures));
    figures.appendChild(wide(words.trend, side("", periods.map(function (_, i) {
      return { name: shown[i], cells: chosen.map(function (code) { return element("td", show(regions[code].history[i], 1)); }) };
    }))));
    section.appendChild(figures);
    return section;
  }
  function elementsSection() {
    var section = heading("elements-t", words.elements);
    section.appendChild(wide(words.elements, side("", regions[chosen[0]].elements.map(function (_, i) {
      var title = heads[2 + i].querySelector("abbr");
      return { name: title.textContent + " " + title.title, cells: chosen.map(function (code) { return element("td", show(regions[code].elements[i], 2)); }) };
    }))));
    return section;
  }
  function leversSection() {
    var section = heading("levers-t", words.levers), rows = [0, 1, 2].map(function (i) {
      var range = limits(chosen.map(function (code) { return regions[code].levers.slice(3 * i, 3 * i + 3); }).concat([[0]]));
      return {
        name: heads[11 + i].textContent, cells: chosen.map(function (code, place) {
          var source = regions[code].cells[11 + i], values = regions[code].levers.slice(3 * i, 3 * i + 3);
          var cell = values[0] === null ? element("td") : estimate(values, +source.dataset.p, range, place, true);
          var verdict = source.querySelector(".vd").cloneNode(true);
          cell.insertBefore(verdict, cell.firstChild);
          if (values[0] !== null) cell.insertBefore(element("br"), verdict.nextSibling);
          return cell;
        })
      };
    });
    section.appendChild(wide(words.levers, side("", rows)));
    section.appendChild(element("p", words.levers_note, "note"));
    return section;
  }
  function chips() {
    chosenList.textContent = "";
    chosenList.hidden = !chosen.length;
    chosen.forEach(function (code, place) {
      var item = element("li"), button = element("button", "×");
      button.type = "button";
      button.setAttribute("aria-label", say("remove", { name: regions[code].name }));
      button.addEventListener("click", function () { choose(chosen.filter(function (other) { return other !== code; })); add.focus(); });
      item.appendChild(key(place));
      item.appendChild(element("span", regions[code].name));
      item.appendChild(button);
      chosenList.appendChild(item);
    });
  }
  function draw(unknown) {
    chips();
    target.textContent = "";
    Array.prototype.forEach.call(add.options, function (option) { option.disabled = !!option.value && chosen.indexOf(option.value) >= 0; });
    add.disabled = chosen.length >= MOST;
    status.textContent = unknown.length ? say("unknown", { codes: unknown.join(", ") }) : chosen.length < 2 ? words.empty : chosen.length >= MOST ? words.full : "";
    all.open = chosen.length < 2;
    if (chosen.length > 1) [indexSection, trendSection, elementsSection, leversSection].forEach(function (make) { target.appendChild(make()); });
  }
  function choose(list) {
    chosen = list;
    var at = chosen.length ? "r=" + chosen.join(",") : "";
    try { history.replaceState(null, "", at ? "?" + at : location.pathname); } catch (refused) { location.hash = at; }
    draw([]);
  }
  function recall() {
    var asked = new URLSearchParams(location.hash.slice(1)).get("r") || new URLSearchParams(location.search).get("r") || "";
    var list = asked.split(",").filter(Boolean).filter(function (code, i, every) { return every.indexOf(code) === i; });
    chosen = list.filter(function (code) { return regions[code]; }).slice(0, MOST);
    draw(list.filter(function (code) { return !regions[code]; }));
  }
  codes.forEach(function (code) {
    var option = element("option", regions[code].name);
    option.value = code;
    add.appendChild(option);
  });
  add.addEventListener("change", function () { if (add.value) choose(chosen.concat([add.value])); add.value = ""; });
  window.addEventListener("hashchange", recall);
  document.getElementById("pick").hidden = false;
  recall();
})();
