// A server that can't be reached is told where every message stands.
document.addEventListener("htmx:sendError", () => {
  const messages = document.getElementById("messages");
  if (messages) messages.innerHTML = '<div class="alert alert-danger" role="alert">连不上服务器，请稍后再试。</div>';
});
