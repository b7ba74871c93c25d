// Draws bars (and a line to hold them against) from the figures in the page; the table below says the same in words.
// Patterns and numbers tell the series apart where there are no colours: on paper, and for who sees none.
document.addEventListener("DOMContentLoaded", () => {
  const holder = document.getElementById("statistics-chart");
  if (!holder || !window.echarts) return;
  const figures = JSON.parse(holder.dataset.chart);
  const isNarrow = holder.clientWidth < 480;
  const chart = window.echarts.init(holder, null, { locale: "ZH" });
  const number = {
    show: !isNarrow, color: "#1d273b", backgroundColor: "#fff", padding: [1, 3], borderRadius: 2, fontSize: 11,
    formatter: (one) => (one.value ? String(one.value) : ""),
  };
  const bar = (one) => ({
    name: one.name, type: "bar", stack: one.stack, data: one.values, barMaxWidth: 48, label: number,
  });
  const line = (one) => ({
    name: one.name, type: "line", data: one.values, symbol: "diamond", symbolSize: 9, connectNulls: false,
    lineStyle: { type: "dashed", width: 2, color: "#1d273b" }, itemStyle: { color: "#1d273b" },
  });
  chart.setOption({
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText" },
    legend: { top: 0 },
    grid: { left: 8, right: 8, top: isNarrow ? 64 : 40, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: figures.categories, axisTick: { show: false }, axisLabel: { hideOverlap: true } },
    yAxis: { type: "value", minInterval: 1 },
    series: figures.series.map((one) => (one.line ? line(one) : bar(one))),
  });
  window.addEventListener("resize", () => chart.resize());
});
