// A planned post is dragged to another day: the form beside the month is sent, and the server decides.
let dragged = null;

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-post]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.post);
  dragged.classList.add("entry-dragged");
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("entry-dragged");
  dragged = null;
  mark(null);
});

document.addEventListener("dragover", (event) => {
  const day = target(event);
  mark(day);
  if (day) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const day = target(event);
  if (!day) return;
  event.preventDefault();
  const form = document.getElementById("move");
  form.action = `/calendar/${dragged.dataset.post}`;
  form.elements.day.value = day.dataset.day;
  form.elements.seen.value = dragged.dataset.seen;
  form.requestSubmit();
});

// The day over which it is held, unless it is the one it lies on or one that has passed.
function target(event) {
  const day = dragged && event.target.closest?.("[data-open]");
  return day && day !== dragged.closest("[data-day]") ? day : null;
}

function mark(day) {
  document.querySelectorAll(".day-over").forEach((one) => { if (one !== day) one.classList.remove("day-over"); });
  day?.classList.add("day-over");
}
