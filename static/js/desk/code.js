// The patch desk: which patch is read and how its lines stand, files viewed and folded, and lines that a patch leaves out.

const LINES = "touchstone-lines"; // unified or split, as this device last had it
const VIEWED = "touchstone-viewed"; // anchors of files by assignment: no names, no words
const MOST_KEPT = 100; // assignments
const STEP = 20; // lines at a time
const all = (selector, root) => [...root.querySelectorAll(selector)];

document.addEventListener("desk:open", ({ detail: { root, form, signal } }) => {
  const files = all(".hunk-file[id]", form);
  if (!files.length) return;
  switchPatches(form, signal);
  switchLines(form, signal);
  const ticks = new Ticks(root, form, files);
  for (const file of files) { ticks.offer(file, signal); offerLines(file, form); }
  ticks.tell();
  if (form.querySelector('[data-kind="critiques"]')) import("./lines.js").then(({ comments }) => { if (!signal.aborted) comments(form, signal); });
});

function button(words, act, { icon: name, label, className = "btn plain small" } = {}) {
  const made = Object.assign(document.createElement("button"), { type: "button", className });
  if (name) made.append(icon(name));
  made.append(...(words ? [words] : []));
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}

function icon(name) {
  const drawn = document.querySelector("svg.icon").cloneNode(true);
  drawn.setAttribute("aria-hidden", "true");
  for (const each of ["aria-label", "role"]) drawn.removeAttribute(each);
  const use = drawn.querySelector("use");
  use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${name}`);
  return drawn;
}

// --- Which patch, and how lines stand ------------------------------------------------------------------------------

function switchPatches(form, signal) {
  const buttons = all(".patch-bar [data-patch]", form);
  const letters = all(".patch-bar [data-of]", form);
  const told = () => {
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.patch === form.dataset.patch));
    if (buttons.length) for (const each of letters) each.hidden = each.dataset.of.toLowerCase() !== form.dataset.patch;
  };
  for (const each of buttons) each.addEventListener("click", () => { form.dataset.patch = each.dataset.patch; }, { signal });
  const watch = new MutationObserver(told);
  watch.observe(form, { attributeFilter: ["data-patch"] });
  signal.addEventListener("abort", () => watch.disconnect());
  told();
}

function switchLines(form, signal) {
  const buttons = all(".patch-bar [data-lines]", form);
  const set = (lines) => {
    form.dataset.lines = lines;
    if (lines === "split") all(".hunk-file[id]", form).forEach(twin);
    for (const each of buttons) each.setAttribute("aria-pressed", String(each.dataset.lines === lines));
  };
  for (const each of buttons) {
    each.addEventListener("click", () => { localStorage.setItem(LINES, each.dataset.lines); set(each.dataset.lines); }, { signal });
  }
  set(localStorage.getItem(LINES) === "split" && buttons.length ? "split" : "unified");
}

// Side by side, a line that stays is shown twice; a reader of the screen hears it once.
function twin(part) {
  for (const row of all("tr[data-old][data-new]:not([data-count])", part)) {
    if (row.cells.length > 3) continue;
    const copy = row.cells[2].cloneNode(true);
    copy.classList.add("twin");
    copy.setAttribute("aria-hidden", "true");
    row.insertBefore(copy, row.cells[1]);
  }
}

// --- Files: viewed, folded -----------------------------------------------------------------------------------------

class Ticks {
  constructor(root, form, files) {
    Object.assign(this, { form, files, assignment: root.dataset.assignment });
    // Where a workspace forbids keeping things on devices, the tab alone remembers.
    this.place = root.dataset.outbox ? localStorage : sessionStorage;
    this.seen = new Set(this.kept[this.assignment]);
  }

  get kept() { return JSON.parse(this.place.getItem(VIEWED)) ?? {}; }

  offer(file, signal) {
    const header = file.querySelector("header") ?? file.insertAdjacentElement("afterbegin", document.createElement("header"));
    const end = Object.assign(document.createElement("span"), { className: "end" });
    const label = Object.assign(document.createElement("label"), { className: "tick" });
    const box = Object.assign(document.createElement("input"), { type: "checkbox", checked: this.seen.has(file.id) });
    label.append(box, "Viewed");
    const name = file.dataset.file || "this file";
    const fold = button("", () => this.#fold(file, !file.hasAttribute("data-folded")), { icon: "chevron", label: `Lines of ${name}` });
    end.append(label, fold);
    header.append(end);
    // It is no answer: nothing of it is sent.
    box.addEventListener("input", (event) => event.stopPropagation(), { signal });
    box.addEventListener("change", () => this.#view(file, box.checked), { signal });
    this.#fold(file, box.checked);
  }

  #fold(file, folded) {
    file.toggleAttribute("data-folded", folded);
    file.querySelector("header button").setAttribute("aria-expanded", String(!folded));
  }

  #view(file, viewed) {
    this.seen[viewed ? "add" : "delete"](file.id);
    this.#fold(file, viewed);
    const kept = this.kept;
    delete kept[this.assignment];
    const latest = [...Object.entries(kept), [this.assignment, [...this.seen]]].slice(-MOST_KEPT);
    this.place.setItem(VIEWED, JSON.stringify(Object.fromEntries(latest)));
    this.tell();
  }

  tell() {
    for (const mark of all("[data-tick]", this.form)) {
      const viewed = this.seen.has(mark.dataset.tick);
      const drawn = icon(viewed ? "check" : "file");
      drawn.setAttribute("role", "img");
      drawn.setAttribute("aria-label", viewed ? "viewed" : "not viewed");
      drawn.removeAttribute("aria-hidden");
      mark.replaceChildren(drawn);
    }
    for (const said of all("[data-viewed]", this.form)) {
      const letter = said.closest("[data-of]").dataset.of;
      const files = this.files.filter((each) => each.id.startsWith(`patch-${letter}`));
      const viewed = files.filter((each) => this.seen.has(each.id)).length;
      said.textContent = files.length > 1 ? `${viewed} of ${files.length} viewed` : "";
    }
  }
}

// --- Lines that the patch leaves out: taken from the whole file, which stands among the sources ---------------------

function offerLines(file, form) {
  if (!file.dataset.whole) return;
  const source = all("[data-lines-of]", form).find((each) => each.dataset.linesOf === file.dataset.file);
  for (const row of all(".fold > tr[data-count]", file)) {
    row.section = row.querySelector(".quiet");
    sayFold(row, source, file.dataset.whole);
  }
}

function sayFold(row, source, side) {
  const count = Number(row.dataset.count);
  if (!count) { row.parentElement.remove(); return; }
  const body = row.parentElement;
  const [first, last] = [!body.previousElementSibling, !body.nextElementSibling];
  const show = (lines, above) => () => {
    const shown = unfold(row, source, side, lines, above);
    sayFold(row, source, side);
    if (!row.isConnected) focusLine(shown);
  };
  const words = `Show ${count} unchanged line${count > 1 ? "s" : ""}${last ? " to the end of the file" : ""}`;
  const buttons = [button(words, show(count, true), { icon: "expand" })];
  if (count > STEP && !first) buttons.push(button(`${STEP} from above`, show(STEP, true)));
  if (count > STEP && !last) buttons.push(button(`${STEP} from below`, show(STEP, false)));
  row.cells[0].replaceChildren(...buttons, ...(row.section ? [row.section] : []));
}

function focusLine(body) {
  const cell = body.querySelector(".ln");
  cell.tabIndex = -1; // the button one had pressed is gone
  cell.focus({ preventScroll: true });
}

// So many lines of the fold: the first ones stand before what is left of it, the last ones behind.
function unfold(row, source, side, lines, above) {
  const [old, now, count] = [row.dataset.old, row.dataset.new, row.dataset.count].map(Number);
  const skipped = above ? 0 : count - lines;
  const body = document.createElement("tbody");
  for (let at = skipped; at < skipped + lines; at++) {
    const given = source.rows[(side === "old" ? old : now) + at - 1].cells[1];
    const line = body.insertRow();
    Object.assign(line.dataset, { old: old + at, new: now + at, beyond: "" }); // not of the patch: nothing to comment
    for (const number of [old + at, now + at]) Object.assign(line.insertCell(), { className: "ln", textContent: number });
    line.append(given.cloneNode(true));
  }
  twin(body);
  row.parentElement[above ? "before" : "after"](body);
  if (above) Object.assign(row.dataset, { old: old + lines, new: now + lines });
  row.dataset.count = count - lines;
  return body;
}
