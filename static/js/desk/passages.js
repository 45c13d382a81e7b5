// Where the set text of a response stands in its source (feedback/sourced.py), and what one can choose of it.
// Offsets are code points of the source; the page counts in UTF-16.

const OURS = ".warned, .target"; // words of ours inside a text
const BLOCK = "p, li, h2, h3, h4, h5, h6, td, th, pre, blockquote";
const MOST = 20_000; // characters of a passage

export const points = (text) => { let count = 0; for (const _ of text) count += 1; return count; };

function units(text, count) {
  let at = 0;
  while (count-- > 0) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return at;
}

// One text of a response. Its runs are text nodes, and marks that stand for some characters of the source each.
export class Passage {
  constructor(root) {
    this.root = root;
    this.pane = root.closest("[data-letter]");
    this.on = this.pane.dataset.letter;
    this.part = Number(root.dataset.part);
  }

  get runs() {
    if (!this.found) {
      this.found = [];
      for (const each of this.root.querySelectorAll("[data-at]")) this.#walk(each, Number(each.dataset.at));
    }
    return this.found;
  }

  #walk(parent, from) {
    let at = from;
    for (const node of parent.childNodes) {
      const mark = Number(node.dataset?.n ?? 0);
      const length = mark || (node.nodeType === Node.TEXT_NODE ? points(node.data) : 0);
      if (length) this.found.push({ node, at, length, mark });
      else if (node.nodeType === Node.ELEMENT_NODE && !node.matches(OURS)) at = this.#walk(node, at);
      at += length;
    }
    return at;
  }

  // The characters of the source that a range of the page holds, from the first to the last; null for none.
  span(range) {
    let [start, end] = [Infinity, -1];
    for (const { node, at, length, mark } of this.runs) {
      if (!range.intersectsNode(node)) continue;
      const from = !mark && node === range.startContainer ? points(node.data.slice(0, range.startOffset)) : 0;
      const to = !mark && node === range.endContainer ? points(node.data.slice(0, range.endOffset)) : length;
      if (to > from) { start = Math.min(start, at + from); end = Math.max(end, at + to); }
    }
    return end > start && end - start <= MOST ? { start, end } : null;
  }

  // The ranges of the page that show these characters.
  ranges({ start, end }) {
    return this.runs.filter(({ at, length }) => at < end && at + length > start).map(({ node, at, length, mark }) => {
      const range = new Range();
      if (mark) { range.selectNode(node); return range; }
      range.setStart(node, units(node.data, Math.max(0, start - at)));
      range.setEnd(node, units(node.data, Math.min(length, end - at)));
      return range;
    });
  }

  // What one reads there, in a line; what is invisible is left out.
  words(span) {
    let [text, before] = ["", null];
    for (const range of this.ranges(span)) {
      const { startContainer: at } = range;
      const block = (at.closest ? at : at.parentElement).closest(BLOCK);
      if (before && block !== before) text += " ";
      if (!range.cloneContents().querySelector(".unseen")) text += range;
      before = block;
    }
    return text.replace(/\s+/g, " ").trim();
  }

  // The character of the source under a place of the page, or −1.
  under(node, offset) {
    const run = this.runs.find((each) => each.node === node);
    return run ? run.at + points(node.data.slice(0, offset)) : -1;
  }

  // Sentences or words, block by block, as spans.
  segments(granularity) {
    const segmenter = new Intl.Segmenter(document.documentElement.lang, { granularity });
    return this.#blocks().flatMap((runs) => {
      const text = runs.map(({ node, mark }) => (mark ? "\u{fffc}" : node.data)).join("");
      return [...segmenter.segment(text)]
        .filter(({ segment, isWordLike }) => (granularity === "word" ? isWordLike : segment.trim()))
        .map(({ segment, index }) => {
          const lead = segment.length - segment.trimStart().length;
          return { start: place(runs, index + lead, false), end: place(runs, index + segment.trimEnd().length, true) };
        });
    });
  }

  #blocks() {
    const blocks = new Map();
    for (const run of this.runs) {
      const block = run.node.parentElement.closest(BLOCK) ?? this.root;
      blocks.set(block, [...(blocks.get(block) ?? []), run]);
    }
    return [...blocks.values()];
  }
}

// The offset of a place in the joined text of some runs: before the character there, or behind the one ahead of it.
function place(runs, index, behind) {
  let left = index;
  for (const { node, at, length, mark } of runs) {
    const size = mark ? 1 : node.data.length;
    if (behind ? left <= size : left < size) return at + (mark ? (left ? length : 0) : points(node.data.slice(0, left)));
    left -= size;
  }
  const last = runs.at(-1);
  return last.at + last.length;
}

// --- Choosing by keys ----------------------------------------------------------------------------------------------

const KEYS = { ArrowUp: "before", ArrowDown: "next", ArrowLeft: "shorter", ArrowRight: "longer", Enter: "take", Escape: "leave" };

// A passage chosen without a pointer: a sentence, made longer or shorter word by word.
export class Choosing {
  constructor(passages, bar, tell) {
    Object.assign(this, { bar, tell });
    this.sentences = passages.flatMap((passage) => passage.segments("sentence").map((span) => ({ passage, span })));
    bar.addEventListener("keydown", (event) => this.#pressed(event));
    bar.addEventListener("click", ({ target }) => { const act = target.closest("[data-act]")?.dataset.act; if (act) this[act](); });
    passages[0].pane.before(bar);
    bar.focus({ preventScroll: true });
    this.#at(Math.max(0, this.#firstInView()));
  }

  #firstInView() {
    const { pane } = this.sentences[0]?.passage ?? {};
    const top = pane?.getBoundingClientRect().top ?? 0;
    return this.sentences.findIndex(({ passage, span }) => (passage.ranges(span)[0]?.getBoundingClientRect().top ?? -1) >= top);
  }

  #pressed(event) {
    const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
    if (ctrlKey || metaKey || altKey) return;
    const act = { "before,true": "earlier", "next,true": "also", "shorter,true": "startEarlier", "longer,true": "startLater" }[`${KEYS[key]},${shiftKey}`] ?? KEYS[key];
    if (!act || (key === "Enter" && event.target !== this.bar)) return;
    event.preventDefault();
    this[act]();
  }

  #at(index) {
    const found = this.sentences[index];
    if (!found) return;
    this.index = index;
    this.passage = found.passage;
    this.span = { ...found.span };
    this.tell.chosen(this, `${index + 1} of ${this.sentences.length}: `);
  }

  #set(change) {
    const span = { ...this.span, ...change };
    if (span.end <= span.start || span.end - span.start > MOST) return;
    this.span = span;
    this.tell.chosen(this, "");
  }

  get #words() { return this.passage.segments("word"); }
  get #here() { return this.sentences.filter(({ passage }) => passage === this.passage).map(({ span }) => span); }

  before() { this.#at(this.index - 1); }
  next() { this.#at(this.index + 1); }
  longer() { this.#set({ end: this.#words.find(({ end }) => end > this.span.end)?.end ?? this.span.end }); }
  shorter() { this.#set({ end: this.#words.findLast(({ end }) => end < this.span.end)?.end ?? this.span.end }); }
  startLater() { this.#set({ start: this.#words.find(({ start }) => start > this.span.start)?.start ?? this.span.start }); }
  startEarlier() { this.#set({ start: this.#words.findLast(({ start }) => start < this.span.start)?.start ?? this.span.start }); }
  also() { this.#set({ end: this.#here.find(({ end }) => end > this.span.end)?.end ?? this.span.end }); }
  earlier() { this.#set({ end: this.#here.findLast(({ end }) => end < this.span.end)?.end ?? this.span.end }); }
  take() { this.tell.taken(this); }
  leave() { this.tell.left(this); }
}
