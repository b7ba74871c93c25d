// j and k lead from row to row; Enter opens the row, as with any link.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const step = { j: 1, k: -1 }[event.key];
  if (!step) return;
  const links = [...document.querySelectorAll("[data-row-link]")];
  const here = links.indexOf(document.activeElement);
  const next = links[here < 0 ? 0 : here + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.closest("[data-row]").scrollIntoView({ block: "nearest" });
});
