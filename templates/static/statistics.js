// Draws the month's bars from the figures in the page; the table below them says the same in words.
document.addEventListener("DOMContentLoaded", () => {
  const holder = document.getElementById("statistics-chart");
  if (!holder || !window.echarts) return;
  const figures = JSON.parse(holder.dataset.chart);
  const chart = window.echarts.init(holder, null, { locale: "ZH" });
  chart.setOption({
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: true } },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, renderMode: "richText" },
    legend: { top: 0 },
    grid: { left: 8, right: 8, top: holder.clientWidth < 480 ? 64 : 40, bottom: 8, containLabel: true },
    xAxis: { type: "category", data: figures.kinds, axisTick: { show: false } },
    yAxis: { type: "value", minInterval: 1 },
    series: figures.series.map((one) => ({
      name: one.name, type: "bar", stack: one.stack, data: one.values, barMaxWidth: 48,
    })),
  });
  window.addEventListener("resize", () => chart.resize());
});
