(function () {
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function colours() {
    var ink = getComputedStyle(document.body).color;
    return { "font.color": ink, "modebar.bgcolor": "rgba(0,0,0,0)", "modebar.color": ink };
  }
  var boxes = Array.prototype.slice.call(document.querySelectorAll(".chart"));
  if (!window.Plotly) { document.getElementById("missing").hidden = false; return; }
  boxes.forEach(function (box) {
    var made = JSON.parse(document.getElementById(box.dataset.figure).textContent);
    var layout = Object.assign({}, made.layout, { autosize: true, title: undefined, margin: { l: 10, r: 10, t: 30, b: 40 } });
    layout.font = { family: "system-ui, sans-serif", color: colours()["font.color"] };
    Object.keys(layout).forEach(function (key) {
      if (/^[xy]axis/.test(key)) layout[key] = Object.assign({ automargin: true, gridcolor: "rgba(128,140,150,.3)", zeroline: false }, layout[key]);
    });
    layout.xaxis = layout.xaxis || { automargin: true, gridcolor: "rgba(128,140,150,.3)", zeroline: false };
    Plotly.newPlot(box, made.data, layout, {
      responsive: true, displaylogo: false,
      toImageButtonOptions: { format: "svg", filename: box.dataset.figure }
    });
  });
  dark.addEventListener("change", function () { boxes.forEach(function (box) { Plotly.relayout(box, colours()); }); });
})();
