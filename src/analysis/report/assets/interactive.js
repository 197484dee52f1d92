(function () {
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  var grid = "rgba(128,140,150,.3)";
  function colours() {
    var ink = getComputedStyle(document.body).color;
    return {
      "font.color": ink, "modebar.bgcolor": "rgba(0,0,0,0)", "modebar.color": ink,
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)"
    };
  }
  function styled(made) {
    var layout = Object.assign({}, made.layout, {
      autosize: true, title: undefined, margin: { l: 10, r: 10, t: 30, b: 40 },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)"
    });
    layout.font = { family: "system-ui, sans-serif", color: colours()["font.color"] };
    layout.xaxis = layout.xaxis || {};
    Object.keys(layout).forEach(function (key) {
      if (/^[xy]axis/.test(key)) layout[key] = Object.assign({ automargin: true, gridcolor: grid, zeroline: false }, layout[key]);
    });
    return layout;
  }
  function cell(value) {
    var text = value === null || value === undefined ? "" : String(value).replace(/<[^>]*>/g, " ");
    if (/^[=+\-@]/.test(text) && isNaN(Number(text))) text = "'" + text;
    return '"' + text.replace(/"/g, '""') + '"';
  }
  function table(data) {
    var lines = ["name,x,y,low,high,text"];
    data.forEach(function (trace) {
      if (!trace.x || trace.hoverinfo === "skip" || trace.type !== "scatter") return;
      var error = trace.error_x || trace.error_y || {}, along = trace.error_x ? trace.x : trace.y;
      trace.x.forEach(function (x, i) {
        var minus = error.arrayminus && error.arrayminus[i], plus = error.array && error.array[i];
        lines.push([trace.name, x, trace.y[i],
          typeof minus === "number" ? along[i] - minus : "", typeof plus === "number" ? along[i] + plus : "",
          trace.text && trace.text[i]].map(cell).join(","));
      });
    });
    return lines.join("\r\n");
  }
  function download(box) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + table(box.data)], { type: "text/csv" }));
    link.download = box.dataset.figure + ".csv";
    link.click();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  }
  var boxes = Array.prototype.slice.call(document.querySelectorAll(".chart"));
  if (!window.Plotly) { document.getElementById("missing").hidden = false; return; }
  var write = Element.prototype.setAttribute;
  // The page's policy refuses style attributes, the same rules through the object model it allows.
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style" && this.style) this.style.cssText = value; else write.call(this, name, value);
  };
  boxes.forEach(function (box) {
    var made = JSON.parse(document.getElementById(box.dataset.figure).textContent);
    Plotly.newPlot(box, made.data, styled(made), {
      responsive: true, displaylogo: false,
      toImageButtonOptions: { format: "svg", filename: box.dataset.figure },
      modeBarButtonsToAdd: [{ name: "csv", title: "CSV", icon: Plotly.Icons.disk, click: download }]
    });
  });
  dark.addEventListener("change", function () { boxes.forEach(function (box) { Plotly.relayout(box, colours()); }); });
})();
