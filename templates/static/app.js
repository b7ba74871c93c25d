// A server that can't be reached is told where every message stands.
document.addEventListener("htmx:sendError", () => {
  const messages = document.getElementById("messages");
  if (messages) messages.innerHTML = '<div class="alert alert-danger" role="alert">连不上服务器，请稍后再试。</div>';
});

// Where buttons decide or publish, Enter in an input presses none of them.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-enter-presses-nothing] input")) event.preventDefault();
});

// A form is sent once: further presses do nothing while its answer is awaited.
const PATIENCE_MS = 10000;
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => { delete form.dataset.sent; }, PATIENCE_MS);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
});

// What a tab keeps of a form goes when its session has ended, and when the form has arrived at its item.
const hasArrived = /^\/items\/[0-9A-Z]{26}$/.test(location.pathname);
for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith("outreach.form:"))) {
  if (location.pathname === "/login" || (hasArrived && JSON.parse(sessionStorage.getItem(key)).isSent)) sessionStorage.removeItem(key);
}
