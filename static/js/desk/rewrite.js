// One's own version of a response: begun from it, and beside it what was changed, word by word, while one writes.

import { common } from "./differences.js";
import { say } from "./screen.js";

const PAUSE = 250; // from the last key to the comparison
const WORD = /[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu;
const AROUND = 160; // characters kept of a stretch that did not change

document.addEventListener("desk:open", ({ detail }) => {
  for (const root of detail.form.querySelectorAll("[data-rewrite]")) new Rewrite(root, detail);
});

class Rewrite {
  constructor(root, { form, signal, desk }) {
    Object.assign(this, { root, desk });
    this.text = root.querySelector("textarea");
    this.sources = new Map([...root.querySelectorAll("template")].map((each) => [each.dataset.source, each.content.textContent]));
    form.addEventListener("input", ({ target }) => {
      if (target.type === "radio" && root.contains(target)) this.#begin(target);
      this.#soon();
    }, { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.#compare();
  }

  get from() { return this.root.querySelector("[type=radio]:checked")?.value ?? ""; }

  // A text that nobody has worked on gives way to the one that is begun from; any other stays.
  #begin(radio) {
    const typed = this.text.value.trim();
    const untouched = !typed || [...this.sources.values()].some((source) => source.trim() === typed);
    if (untouched && !this.desk.keeper.reads) {
      this.text.value = this.sources.get(radio.value) ?? "";
      this.text.dispatchEvent(new Event("input", { bubbles: true }));
      say(radio.value ? "The text is in the field. Change it there." : "The field is empty.");
    }
    this.root.querySelector("[data-kept]").hidden = untouched;
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#compare(), PAUSE);
  }

  #compare() {
    const source = this.sources.get(this.from);
    const place = this.root.querySelector("[data-changed]");
    const now = this.text.value;
    const parts = source !== undefined && now.trim() && now !== source ? changes(source, now) : null;
    place.hidden = !parts;
    if (!now.trim()) this.root.querySelector("[data-kept]").hidden = true;
    if (!parts) return;
    const said = this.root.querySelector("[data-changed-said]");
    const count = (kind) => parts.filter((part) => part.kind === kind).reduce((sum, part) => sum + (part.text.match(WORD)?.length ?? 0), 0);
    said.textContent = `${count("ins").toLocaleString("en")} words in, ${count("del").toLocaleString("en")} out`;
    this.root.querySelector("[data-changed-text]").replaceChildren(...parts.map(drawn));
  }
}

function drawn({ kind, text }) {
  if (kind === "same") return document.createTextNode(text);
  return Object.assign(document.createElement(kind), { textContent: text });
}

// Stretches in order: the same in both, only in the source (del), only in the new text (ins). Too long to compare: all of both.
export function changes(source, now) {
  const [a, b] = [tokens(source), tokens(now)];
  let head = 0, tail = 0;
  while (head < a.length && head < b.length && a[head].word === b[head].word) head += 1;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail).word === b.at(-1 - tail).word) tail += 1;
  const inner = common(a.slice(head, a.length - tail), b.slice(head, b.length - tail)) ?? [];
  const blocks = [[0, 0, head], ...inner.map(([at, bt, size]) => [at + head, bt + head, size]), [a.length - tail, b.length - tail, tail]];
  const parts = [];
  let [atA, atB] = [0, 0];
  for (const [at, bt, size] of blocks) {
    if (!size) continue;
    const [startA, startB] = [a[at].start, b[bt].start];
    push(parts, source.slice(atA, startA), now.slice(atB, startB));
    [atA, atB] = [a[at + size - 1].end, b[bt + size - 1].end];
    parts.push({ kind: "same", text: now.slice(startB, atB) });
  }
  push(parts, source.slice(atA), now.slice(atB));
  return parts.map((part, n) => (part.kind === "same" ? { ...part, text: shortened(part.text, n > 0, n < parts.length - 1) } : part));
}

function push(parts, out, put) {
  if (out === put || (!out.trim() && !put.trim())) parts.push({ kind: "same", text: put });
  else {
    const lead = /^\s*/.exec(put)[0];
    if (lead && out.startsWith(lead)) {
      parts.push({ kind: "same", text: lead });
      [out, put] = [out.slice(lead.length), put.slice(lead.length)];
    }
    if (out.trim()) parts.push({ kind: "del", text: out });
    if (put.trim()) parts.push({ kind: "ins", text: put });
  }
}

// Of a long stretch without changes one reads what stands next to them.
function shortened(text, before, after) {
  const [start, end] = [before ? AROUND : 0, after ? AROUND : 0];
  if (text.length < 3 * AROUND) return text;
  return `${text.slice(0, start)} … ${end ? text.slice(-end) : ""}`;
}

function tokens(text) {
  return [...text.matchAll(WORD)].map((match) => ({ word: match[0], start: match.index, end: match.index + match[0].length }));
}
