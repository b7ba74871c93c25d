// The button that prints the form; without scripts the browser's own menu does.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
