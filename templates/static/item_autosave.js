// A draft saves itself after a pause in typing. What could not be saved stays in this tab (sessionStorage) until it
// can be, never longer than the session, and not at all once it is known to bear a classification mark.
const PAUSE_MS = 2500;
const form = document.getElementById("item-form");
const line = document.getElementById("autosave");
const offer = document.getElementById("kept-text");
const key = () => `outreach.form:${location.pathname}${location.search}`;
let timer;
let saving = null;
let typedSince = false;
let hasStopped = !line.dataset.address;

const typed = () => new URLSearchParams(new FormData(form));

function keep(pairs, isSent = false) {
  const told = [...pairs].filter(([name]) => name !== "csrf_token");
  sessionStorage.setItem(key(), JSON.stringify({ at: new Date().toTimeString().slice(0, 5), isSent, told }));
}

const forget = () => sessionStorage.removeItem(key());

// The new form is its draft's form from now on, so that to save or to load it again leads to the same item.
function become(saved) {
  const { item, version } = saved.dataset;
  forget();
  let input = form.elements.version;
  if (!input) {
    input = Object.assign(document.createElement("input"), { type: "hidden", name: "version" });
    form.append(input);
    form.action = `/items/${item}/edit`;
    line.dataset.address = `/items/${item}/autosave`;
    history.replaceState(history.state, "", `/items/${item}/edit`);
  }
  input.value = version;
  if (!typedSince) delete form.dataset.unsaved;
}

function settle(outcome, sent) {
  if (outcome.dataset.outcome === "saved") return become(outcome);
  if (outcome.dataset.outcome === "marked") forget();
  else keep(sent);
  hasStopped = ["stale", "stopped"].includes(outcome.dataset.outcome);
}

async function send(sent) {
  let answer;
  try {
    answer = await fetch(line.dataset.address, { method: "POST", body: sent, headers: { "HX-Request": "true" } });
  } catch {
    keep(sent);
    line.textContent = "未保存：连不上服务器。内容暂存在本窗口，继续填写时会再试。";
    return;
  }
  const text = await answer.text();
  const outcome = answer.ok && new DOMParser().parseFromString(text, "text/html").querySelector("[data-outcome]");
  if (outcome) {
    settle(outcome, sent);
    line.replaceChildren(outcome);
  } else {
    keep(sent);
    line.textContent = "未保存：登录可能已过期。请按“保存”，重新登录后内容还在。";
  }
}

async function save() {
  if (hasStopped || saving) return;
  typedSince = false;
  saving = send(typed());
  await saving;
  saving = null;
  if (typedSince) wait();
}

function wait() {
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE_MS);
}

// Whoever presses the button while a draft is on its way waits for its version.
async function sendLater(event) {
  clearTimeout(timer);
  if (!saving) {
    if (!hasStopped && form.dataset.unsaved) keep(typed(), true);
    return;
  }
  event.preventDefault();
  await saving;
  clearTimeout(timer);
  form.requestSubmit();
}

function fillIn(told) {
  const places = new Map();
  for (const [name, value] of told) places.set(name, [...(places.get(name) ?? []), value]);
  const inputs = [...form.elements].filter((one) => one.name && places.has(one.name) || one.type === "checkbox");
  const boxes = inputs.filter((one) => one.type === "checkbox");
  for (const box of boxes) {
    box.checked = places.get(box.name)?.includes(box.value) ?? false;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const input of inputs.filter((one) => !boxes.includes(one))) {
    input.value = places.get(input.name).shift() ?? "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function offerKept() {
  const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null");
  if (document.getElementById("summary")) forget();
  else if (kept) {
    offer.querySelector("[data-at]").textContent = kept.at;
    offer.hidden = false;
  }
  offer.querySelector("[data-take]").addEventListener("click", () => { fillIn(kept.told); offer.hidden = true; });
  offer.querySelector("[data-drop]").addEventListener("click", () => { forget(); offer.hidden = true; });
}

offerKept();
form.addEventListener("submit", sendLater);
if (!hasStopped) form.addEventListener("input", () => { typedSince = true; wait(); });
