// The preview beside the form. The article stands in a frame with a content policy of its own, so that what was
// typed is sent there as a form; a new frame each time, since a frame that is led on would fill the browser's history.
const form = document.getElementById("item-form");
const place = document.getElementById("typed-preview");
const phone = document.getElementById("typed-article");
let shown = "";
let number = 0;

function newFrame() {
  const frame = document.createElement("iframe");
  frame.name = `typed-article-${number += 1}`;
  frame.title = "微信文章预览（手机宽度）";
  frame.tabIndex = 0;
  frame.setAttribute("sandbox", "");
  phone.append(frame);
  frame.addEventListener("load", () => { while (phone.firstElementChild !== frame) phone.firstElementChild.remove(); });
  return frame;
}

function sendTo(frame) {
  const copy = document.createElement("form");
  Object.assign(copy, { method: "post", action: place.dataset.articleAddress, target: frame.name, hidden: true });
  for (const [name, value] of new FormData(form)) {
    const input = document.createElement("textarea");
    Object.assign(input, { name, value });
    copy.append(input);
  }
  document.body.append(copy);
  copy.submit();
  copy.remove();
}

function showArticle() {
  const article = place.querySelector("[data-article]")?.dataset.article ?? "";
  phone.hidden = !article;
  if (article && article !== shown) sendTo(newFrame());
  shown = article;
}

document.getElementById("form-side").hidden = false;
place.addEventListener("htmx:afterSwap", showArticle);
