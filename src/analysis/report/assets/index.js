(function () {
  var form = document.getElementById("search"), body = document.getElementById("rows");
  var fields = { q: "q", p: "p", s: "s", o: "o" };
  Object.keys(fields).forEach(function (name) { fields[name] = document.getElementById(name); });
  var count = document.getElementById("count"), rows = Array.prototype.slice.call(body.children);
  var dots = document.querySelectorAll(".map .pt");
  function plain(s) { return s.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
  var names = rows.map(function (row) { return plain(row.querySelector(".name").textContent); });
  var places = rows.map(function (row, i) { return i; });
  var orders = {
    i: function (a, b) { return value(b) - value(a) || a - b; },
    n: function (a, b) { return names[a].localeCompare(names[b]) || a - b; }
  };
  function value(i) { return rows[i].dataset.i ? +rows[i].dataset.i : -1; }
  function sort() {
    places.slice().sort(orders[fields.o.value] || function (a, b) { return a - b; }).forEach(function (i) { body.appendChild(rows[i]); });
  }
  function apply() {
    var words = plain(fields.q.value).split(/\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (row, i) {
      var hit = (!fields.p.value || row.dataset.p === fields.p.value) && (!fields.s.value || row.dataset.s === fields.s.value) &&
        words.every(function (w) { return names[i].indexOf(w) >= 0; });
      row.hidden = !hit;
      if (dots[i]) dots[i].classList.toggle("off", !hit);
      if (hit) shown += 1;
    });
    count.textContent = shown;
  }
  function remember() {
    var at = new URLSearchParams();
    Object.keys(fields).forEach(function (name) { if (fields[name].value) at.set(name, fields[name].value); });
    history.replaceState(null, "", "#" + at);
    apply();
  }
  function recall() {
    var at = new URLSearchParams(location.hash.slice(1));
    Object.keys(fields).forEach(function (name) { fields[name].value = at.get(name) || ""; });
    sort();
    apply();
  }
  form.hidden = false;
  fields.q.addEventListener("input", remember);
  ["p", "s"].forEach(function (name) { fields[name].addEventListener("change", remember); });
  fields.o.addEventListener("change", function () { sort(); remember(); });
  window.addEventListener("hashchange", recall);
  dots.forEach(function (dot, i) { dot.addEventListener("click", function () { rows[i].querySelector("a").click(); }); });
  recall();
})();
