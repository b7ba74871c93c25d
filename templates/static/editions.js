// Articles are put in order by dragging them; the form then says their order as its buttons do.
function makeSortable(root) {
  for (const list of root.querySelectorAll("[data-sortable]")) {
    if (list.children.length < 2 || list.classList.contains("is-sortable")) continue;
    list.classList.add("is-sortable");
    Sortable.create(list, {
      handle: ".article-grip",
      draggable: "[data-article]",
      animation: 120,
      chosenClass: "is-dragged",
      onEnd: (event) => { if (event.oldIndex !== event.newIndex) list.closest("form").requestSubmit(); },
    });
  }
}
document.addEventListener("DOMContentLoaded", () => makeSortable(document));
document.addEventListener("htmx:afterSettle", () => makeSortable(document));
