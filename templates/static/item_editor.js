// Buttons over the body, which stays a plain text in Markdown; and a copied table is pasted as one.
const field = document.getElementById("field-body");
const toolbar = document.getElementById("body-toolbar");
const note = document.getElementById("body-note");
const SIGNS = /[\\`*_[\]<>|]/g;
const SAMPLE = [["项目", "内容"], ["", ""]];
const LINES = new Set(["header-2", "quote"]);
const WORDS = new Set(["bold", "link"]);

// As typed by hand: it can be taken back with Ctrl+Z, and the form hears of it.
function insert(text) {
  field.focus();
  if (!document.execCommand("insertText", false, text)) field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
}

function insertBlock(text) {
  const before = field.value.slice(0, field.selectionStart);
  const after = field.value.slice(field.selectionEnd);
  const gap = (beside, whole) => (beside.trim() === "" || whole.test(beside) ? "" : "\n\n");
  insert(`${gap(before, /\n\n$/)}${text}${gap(after, /^\n\n/) || "\n"}`);
}

// The buttons act on what is selected: a heading on its line, bold type on a word to write over where there is none.
function prepare(button) {
  const { value, selectionStart: start, selectionEnd: end } = field;
  if (LINES.has(button)) {
    const next = value.indexOf("\n", end);
    field.setSelectionRange(value.lastIndexOf("\n", start - 1) + 1, next < 0 ? value.length : next);
  } else if (WORDS.has(button) && start === end) {
    insert("文字");
    field.setSelectionRange(start, start + "文字".length);
  }
}

function press(event) {
  const button = event.target.closest("[data-md-button]")?.dataset.mdButton;
  if (!button || (event.type === "keydown" && ![" ", "Enter"].includes(event.key))) return;
  if (button !== "table") return prepare(button);
  event.preventDefault();
  const end = field.value.indexOf("\n", field.selectionEnd);
  field.selectionStart = field.selectionEnd = end < 0 ? field.value.length : end;
  insertBlock(asMarkdown(SAMPLE));
}

const textOf = (node) => node.textContent.replace(/\s+/g, " ").trim();
const asMarkdown = ([header, ...rows]) => [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

// The cells of a table in rows of one length. A merged cell stands in the first of its places.
function cellsOf(table) {
  const rows = [...table.rows].map(() => []);
  [...table.rows].forEach((row, y) => {
    let x = 0;
    for (const cell of row.cells) {
      while (rows[y][x] !== undefined) x += 1;
      for (let down = 0; down < cell.rowSpan && y + down < rows.length; down += 1) {
        for (let right = 0; right < cell.colSpan; right += 1) rows[y + down][x + right] = "";
      }
      rows[y][x] = textOf(cell).replace(SIGNS, "\\$&");
    }
  });
  const width = Math.max(...rows.map((row) => row.length));
  return rows.map((row) => Array.from({ length: width }, (_, x) => row[x] ?? ""));
}

// What stands around the tables stays, a paragraph each.
function blocksOf(node) {
  if (node.nodeName === "TABLE") return [asMarkdown(cellsOf(node))];
  const isWhole = node.nodeType !== Node.ELEMENT_NODE || !node.querySelector("table");
  if (!isWhole) return [...node.childNodes].flatMap(blocksOf);
  const isText = node.nodeType === Node.ELEMENT_NODE || node.nodeType === Node.TEXT_NODE;
  return isText && textOf(node) ? [textOf(node)] : [];
}

// The content policy of the page complains of styles even where nothing is shown.
function parse(html) {
  const bare = html.replace(/<style[\s\S]*?<\/style>/gi, "").replace(/<[^>]*>/g, (tag) => tag.replace(/\sstyle=("[^"]*"|'[^']*')/gi, ""));
  const page = new DOMParser().parseFromString(bare, "text/html");
  page.querySelectorAll("script").forEach((one) => one.remove());
  page.querySelectorAll("br, td p, td div, th p, th div").forEach((one) => one.after(" "));
  return page;
}

function paste(event) {
  const page = parse(event.clipboardData.getData("text/html"));
  const tables = [...page.querySelectorAll("table")].filter((one) => one.querySelectorAll("td, th").length > 1);
  if (tables.length === 0) return;
  event.preventDefault();
  insertBlock(blocksOf(page.body).join("\n\n"));
  const isMerged = tables.some((one) => one.querySelector("[colspan]:not([colspan='1']), [rowspan]:not([rowspan='1'])"));
  note.textContent = isMerged ? "表格已粘贴；合并的单元格已拆开，请对照预览核对。" : "表格已粘贴，请对照预览核对。";
}

field.before(toolbar); // before the element's own script runs: it would listen twice after a move
field.after(note);
toolbar.hidden = false;
toolbar.addEventListener("click", press, true);
toolbar.addEventListener("keydown", press, true);
field.addEventListener("paste", paste);
