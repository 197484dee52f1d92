(function () {
  var form = document.getElementById("search"), q = document.getElementById("q"), p = document.getElementById("p");
  var count = document.getElementById("count"), rows = Array.prototype.slice.call(document.querySelectorAll("#rows > .rr"));
  var dots = document.querySelectorAll(".map circle");
  function plain(s) { return s.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, ""); }
  var names = rows.map(function (row) { return plain(row.querySelector(".name").textContent); });
  function apply() {
    var words = plain(q.value).split(/\s+/).filter(Boolean), shown = 0;
    rows.forEach(function (row, i) {
      var hit = (!p.value || row.dataset.p === p.value) && words.every(function (w) { return names[i].indexOf(w) >= 0; });
      row.hidden = !hit;
      if (dots[i]) dots[i].classList.toggle("off", !hit);
      if (hit) shown += 1;
    });
    count.textContent = shown;
  }
  function remember() {
    var at = new URLSearchParams();
    if (q.value) at.set("q", q.value);
    if (p.value) at.set("p", p.value);
    history.replaceState(null, "", "#" + at);
    apply();
  }
  function recall() {
    var at = new URLSearchParams(location.hash.slice(1));
    q.value = at.get("q") || "";
    p.value = at.get("p") || "";
    apply();
  }
  form.hidden = false;
  q.addEventListener("input", remember);
  p.addEventListener("change", remember);
  window.addEventListener("hashchange", recall);
  dots.forEach(function (dot, i) { dot.addEventListener("click", function () { rows[i].querySelector("a").click(); }); });
  recall();
})();
