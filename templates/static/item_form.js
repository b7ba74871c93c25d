// The form of an item works without this; here it counts, hides what is not used, and keeps what was typed.
const form = document.getElementById("item-form");
const lengthOf = (text) => [...text.trim()].length;

function count(input) {
  const limit = Number(input.dataset.limit);
  const counter = document.createElement("span");
  counter.className = "counter";
  const tell = () => {
    const length = lengthOf(input.value);
    counter.textContent = `${length}/${limit}`;
    counter.classList.toggle("is-over", length > limit);
  };
  input.parentElement.insertBefore(counter, input.parentElement.firstChild);
  input.addEventListener("input", tell);
  tell();
}

// A title that an official account does not take asks for a short one at once.
function askForShortTitle(title, short) {
  const limit = Number(short.dataset.limit);
  const question = document.createElement("div");
  question.className = "question";
  question.setAttribute("role", "status");
  const tell = () => {
    const isNeeded = lengthOf(title.value) > limit && lengthOf(short.value) === 0;
    question.textContent = isNeeded ? `标题超过 ${limit} 个字：要发微信，请在这里填写短标题。` : "";
    short.classList.toggle("is-needed", isNeeded);
  };
  short.after(question);
  for (const one of [title, short]) one.addEventListener("input", tell);
  tell();
}

const isTouched = (input) => (input.type === "checkbox" ? input.checked : input.value.trim() || input.classList.contains("is-invalid"));
const isFilled = (box) => [...box.querySelectorAll("input, textarea, select")].some(isTouched);

function hideUnusedBy(select, boxes, isUsed) {
  const choose = () => boxes.forEach((box) => { box.hidden = !isUsed(box, select.value) && !isFilled(box); });
  select.addEventListener("change", choose);
  choose();
}

function onlyTheDay(box) {
  const input = document.getElementById(box.dataset.wholeDay);
  const change = () => {
    const typed = input.value;
    input.value = "";
    input.type = box.checked ? "date" : "datetime-local";
    input.value = box.checked ? typed.slice(0, 10) : typed && !typed.includes("T") ? `${typed}T00:00` : typed;
  };
  box.addEventListener("change", change);
  if (box.checked) change();
}

function addExtraRow() {
  const rows = document.getElementById("extra-rows");
  const row = rows.lastElementChild.cloneNode(true);
  const number = rows.children.length + 1;
  const renumber = (text) => text.replace(/\d+$/, number);
  row.querySelectorAll(".invalid-feedback").forEach((one) => one.remove());
  row.querySelectorAll("label").forEach((one) => { one.htmlFor = renumber(one.htmlFor); one.textContent = renumber(one.textContent); });
  row.querySelectorAll("input, textarea").forEach((one) => {
    one.id = renumber(one.id);
    one.value = "";
    one.classList.remove("is-invalid");
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
  });
  rows.append(row);
  row.querySelector("input").focus();
}

// The server tells everything that is wrong at once. Only what the browser could not send, half a date, is told here.
function watchSending() {
  let isSent = false;
  form.noValidate = true;
  form.addEventListener("input", () => { form.dataset.unsaved = "yes"; });
  form.addEventListener("submit", (event) => {
    const half = [...form.elements].find((one) => one.validity?.badInput);
    if (half) event.preventDefault();
    if (half) half.reportValidity();
    else isSent = true;
  });
  window.addEventListener("pageshow", () => { isSent = false; });
  window.addEventListener("beforeunload", (event) => { if (form.dataset.unsaved && !isSent) event.preventDefault(); });
}

form.querySelectorAll("[data-limit]").forEach(count);
askForShortTitle(document.getElementById("field-title"), document.getElementById("field-short_title"));
hideUnusedBy(document.getElementById("field-origin"), [document.getElementById("repost")], (box, origin) => origin === "repost");
const period = document.getElementById("field-period");
if (period) hideUnusedBy(period, [...form.querySelectorAll("[data-periods]")], (box, chosen) => box.dataset.periods.split(" ").includes(chosen));
form.querySelectorAll("[data-whole-day]").forEach(onlyTheDay);
const add = document.getElementById("add-extra");
add.hidden = false;
add.addEventListener("click", addExtraRow);
watchSending();
document.querySelector("#summary, #upload-errors")?.focus();
