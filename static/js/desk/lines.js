// Lines of a patch: chosen by pointer or keys to be commented, and the comments shown under them.

const all = (selector, root) => [...root.querySelectorAll(selector)];
const LINE = ".hunk-file[id] tr:is([data-old], [data-new]):not([data-count], [data-beyond])";

export function comments(form, signal) {
  const chosen = new Chosen(form);
  const button = form.querySelector("[data-comment]");
  const say = () => { if (button) button.disabled = !chosen.rows.length; };
  form.addEventListener("pointerdown", (event) => {
    const cell = event.button === 0 && event.target.closest(".ln");
    if (!cell?.closest(LINE)) return;
    event.preventDefault(); // no text is selected
    chosen.point(cell, event.shiftKey);
    cell.focus({ preventScroll: true });
    say();
  }, { signal });
  form.addEventListener("pointerover", (event) => {
    const row = event.buttons === 1 && chosen.pointing && event.target.closest(LINE);
    if (row) chosen.reach(row);
  }, { signal });
  document.addEventListener("pointerup", () => { chosen.pointing = false; }, { signal });
  form.addEventListener("keydown", (event) => { if (chosen.key(event)) { event.preventDefault(); say(); } }, { signal });
  // Whoever comes by Tab has chosen the line on which they stand.
  form.addEventListener("focusin", (event) => {
    if (chosen.commenting && event.target.matches("[data-letter]")) { chosen.back(); return; }
    const cell = event.target.closest(".ln[tabindex]");
    if (cell && !chosen.pointing && cell !== chosen.cell && cell.closest(LINE)) { chosen.point(cell); chosen.pointing = false; say(); }
  }, { signal });
  button?.addEventListener("click", () => chosen.comment(), { signal });
  for (const table of all(".hunk-file[id] > .diff", form)) ready(table);
  draw(form);
  form.addEventListener("input", () => draw(form), { signal });
}

// One line of each file is in the order of Tab; from it one goes on by arrows.
function ready(table) {
  const first = table.querySelector("tr:is([data-old], [data-new]):not([data-count]) .ln:not(:empty)");
  if (!first) return;
  table.setAttribute("role", "grid");
  table.setAttribute("aria-multiselectable", "true");
  table.setAttribute("aria-label", `Lines of ${table.parentElement.dataset.file || "the patch"}`);
  first.tabIndex = 0;
}

class Chosen {
  rows = [];

  constructor(form) { this.form = form; }

  point(cell, further = false) {
    const row = cell.closest("tr");
    this.pointing = true;
    if (further && this.from && row.closest(".hunk-file") === this.from.closest(".hunk-file")) { this.reach(row); return; }
    this.from = row;
    this.side = sideOf(row, cell, this.form);
    this.reach(row);
  }

  // The lines of that side from where one began to this row, as far as the patch has them without a gap.
  reach(row) {
    const rows = all("tr", row.closest(".diff")).filter((each) => each.matches(LINE) && each.dataset[this.side]);
    const numbered = (each) => Number(each.dataset[this.side]);
    if (row.closest(".hunk-file") !== this.from.closest(".hunk-file")) return;
    const here = row.dataset[this.side] ? row : nearest(row, this.from, this.side);
    let [at, to] = [rows.indexOf(this.from), rows.indexOf(here)];
    const step = to < at ? -1 : 1;
    while (at !== to && numbered(rows[at + step]) === numbered(rows[at]) + step) at += step;
    const [first, last] = [this.from, rows[at]].sort((one, other) => numbered(one) - numbered(other));
    this.end = rows[at];
    this.#mark(rows.slice(rows.indexOf(first), rows.indexOf(last) + 1));
  }

  #mark(rows) {
    for (const each of this.rows) { each.classList.remove("chosen"); each.removeAttribute("aria-selected"); }
    this.rows = rows;
    for (const each of rows) { each.classList.add("chosen"); each.setAttribute("aria-selected", "true"); }
    if (this.cell) this.cell.removeAttribute("aria-label");
    const table = this.from.closest(".diff");
    for (const each of all(".ln[tabindex]", table)) each.removeAttribute("tabindex");
    this.cell = cellOf(this.end, this.side);
    this.cell.tabIndex = 0;
    const { start, end } = this.numbers;
    const lines = start === end ? `line ${start}` : `lines ${start} to ${end}`;
    this.cell.setAttribute("aria-label", `${this.side === "old" ? "Old" : "New"} ${lines}: ${code(this.end)}`);
  }

  get numbers() {
    const numbers = this.rows.map((each) => Number(each.dataset[this.side]));
    return { start: Math.min(...numbers), end: Math.max(...numbers) };
  }

  key(event) {
    const cell = event.target.closest?.(".ln");
    if (!cell?.closest(LINE) || event.ctrlKey || event.metaKey || event.altKey) return false;
    if (event.key === "Enter") { this.comment(); return true; }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") return this.#across(event.key === "ArrowLeft" ? "old" : "new");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return false;
    const row = this.#beside(this.end ?? cell.closest("tr"), step, event.shiftKey);
    if (!row) return true;
    if (event.shiftKey) this.reach(row);
    else this.point(cellOf(row, row.dataset[this.side] ? this.side : row.dataset.new ? "new" : "old"));
    this.pointing = false;
    this.cell.focus({ preventScroll: true });
    this.cell.scrollIntoView({ block: "nearest" });
    return true;
  }

  // The next line on the screen; while choosing several, the next of the same side.
  #beside(row, step, sameSide) {
    const rows = all("tr", row.closest(".diff")).filter((each) => each.matches(LINE) && (!sameSide || each.dataset[this.side]));
    return rows[rows.indexOf(row) + step];
  }

  #across(side) {
    if (!this.end?.dataset[side]) return false;
    this.from = this.end;
    this.side = side;
    this.reach(this.end);
    this.cell.focus({ preventScroll: true });
    return true;
  }

  // Who composes comments listens for it, and is done when the focus comes back to the patch: then one goes on at the line.
  comment() {
    if (!this.rows.length) return;
    this.commenting = true;
    const file = this.from.closest(".hunk-file");
    const anchor = {
      type: "lines", part: Number(file.closest("[data-part]")?.dataset.part ?? 0), file: file.dataset.file, side: this.side,
      ...this.numbers, exact: this.rows.map(code).join("\n"),
    };
    const on = file.closest("[data-letter]").dataset.letter;
    this.cell.dispatchEvent(new CustomEvent("desk:critique", { bubbles: true, detail: { on, anchor } }));
  }

  back() {
    this.commenting = false;
    this.cell.focus({ preventScroll: true });
  }
}

function sideOf(row, cell, form) {
  if (!row.dataset.new) return "old";
  if (!row.dataset.old) return "new";
  return cell === row.cells[0] && form.dataset.lines === "split" ? "old" : "new";
}

function cellOf(row, side) {
  const numbers = [...row.cells].filter((each) => each.classList.contains("ln"));
  return numbers[side === "old" ? 0 : 1];
}

// A row that the side does not have stands for the last one before it, seen from where one began, that has.
function nearest(row, from, side) {
  const back = row.compareDocumentPosition(from) & Node.DOCUMENT_POSITION_FOLLOWING ? 1 : -1;
  const rows = all("tr", row.closest(".diff"));
  let at = rows.indexOf(row);
  while (rows[at] !== from && !rows[at].dataset[side]) at += back;
  return rows[at];
}

// The code of a row as it was written: an invisible character stands behind its mark.
export function code(row) {
  const cell = [...row.cells].find((each) => each.matches(".c:not(.twin)")).cloneNode(true);
  for (const mark of all(".unseen", cell)) {
    const [, point, times] = /U\+([0-9A-F]+)(?: ×(\d+))?$/.exec(mark.title);
    mark.replaceWith(String.fromCodePoint(Number.parseInt(point, 16)).repeat(times ?? 1));
  }
  return cell.textContent;
}

// --- Comments, under the last of their lines -----------------------------------------------------------------------

const DRAWN = new WeakMap();

function draw(form) {
  const fields = all('[data-kind="critiques"] [data-answer]', form);
  const now = fields.map((each) => each.value).join("\n");
  if (DRAWN.get(form) === now) return;
  DRAWN.set(form, now);
  for (const each of all(".hunk-file :is(.said, .beside-said)", form)) each.remove();
  for (const each of all(".hunk-file .picked", form)) each.classList.remove("picked");
  for (const field of fields) {
    const made = (JSON.parse(field.value || "[]")).filter(({ anchor }) => anchor?.type === "lines");
    const numbers = new Map();
    for (const each of made) {
      numbers.set(each.on, (numbers.get(each.on) ?? 0) + 1);
      put(form, field.closest("[data-question]"), each, numbers.get(each.on));
    }
  }
}

function put(form, question, made, number) {
  const { file, side, start, end } = made.anchor;
  const files = all(`[data-letter="${CSS.escape(made.on)}"] .hunk-file[id]`, form).filter((each) => each.dataset.file === file);
  const rows = files.map((each) => linesOf(each, side, start, end)).find((each) => each.length);
  if (!rows) return;
  for (const each of rows) each.classList.add("picked");
  const row = document.createElement("tr");
  row.className = "said";
  const cell = row.insertCell();
  cell.colSpan = 3;
  cell.className = `on-${side}`;
  cell.append(note(question, made, number, rows));
  let last = rows.at(-1);
  while (last.nextElementSibling?.matches(".said")) last = last.nextElementSibling;
  last.after(row);
  keepBeside(rows.at(-1), side);
}

function linesOf(file, side, start, end) {
  return all(`tr[data-${side}]:not([data-count])`, file).filter((each) => each.dataset[side] >= start && each.dataset[side] <= end);
}

// Side by side, a comment pushes down what stands beside it as well.
function keepBeside(row, side) {
  const other = side === "old" ? "new" : "old";
  if (row.dataset[other]) { row.nextElementSibling.cells[0].className = "on-both"; return; }
  const of = (each) => all(`tr[data-${each}]`, row.parentElement);
  const beside = of(other)[of(side).indexOf(row)];
  if (!beside) return;
  const empty = document.createElement("tr");
  empty.className = "beside-said";
  empty.insertCell().className = `on-${other}`;
  beside.after(empty);
}

function note(question, made, number, rows) {
  const { side, start, end } = made.anchor;
  const box = element("div", "note");
  box.dataset.tone = made.severity === "minor" ? "minor" : made.severity ? "danger" : "";
  const head = element("header", "", `${number} · ${word(question, "category", made.category) || "Comment"}`);
  if (made.severity) {
    const badge = element("span", "badge", word(question, "severity", made.severity).toLowerCase());
    if (made.severity !== "minor") badge.dataset.tone = "danger";
    head.append(" ", badge);
  }
  const lines = start === end ? `line ${start}` : `lines ${start}–${end}`;
  head.append(" ", element("span", "quiet", `${side === "old" ? "old " : ""}${lines}, yours`));
  box.append(head, element("p", "words", made.comment || "No words yet."));
  if (made.suggestion) {
    const instead = element("div", "suggest");
    instead.setAttribute("role", "group");
    instead.setAttribute("aria-label", "Suggested replacement");
    instead.append(element("del", "", rows.map(code).join("\n")), element("ins", "", made.suggestion));
    box.append(instead);
  }
  // The list of critiques beside the questions has the controls; here one of them is at hand.
  const edit = question.querySelector(`[data-id="${CSS.escape(made.id)}"] [data-act="edit"]`);
  if (edit) {
    const here = Object.assign(element("button", "btn plain small", "Edit"), { type: "button" });
    here.setAttribute("aria-label", `Edit comment ${number}`);
    here.addEventListener("click", () => question.querySelector(`[data-id="${CSS.escape(made.id)}"] [data-act="edit"]`)?.click());
    head.append(here);
  }
  return box;
}

function element(tag, className, words = "") {
  const made = Object.assign(document.createElement(tag), { textContent: words });
  if (className) made.className = className;
  return made;
}

// What the form calls a category or severity: the question's own controls know.
function word(question, kind, value) {
  const option = all(`select[name$=".${kind}"] option`, question).find((each) => each.value === value);
  return option?.textContent ?? value ?? "";
}
