// The ladder of a ranking: responses are dragged, moved by keys, or given a number. The selects of the form are the answer;
// whatever changes them (a draft, the outbox, another control) is drawn.

import { say, show } from "./screen.js";

const FAR = 5; // pixels before a press is a drag
const EDGE = 40; // pixels from the sheet's edge where it scrolls while one drags
const ORDINAL = new Intl.PluralRules("en", { type: "ordinal" });
const ENDING = { one: "st", two: "nd", few: "rd", other: "th" };
const all = (selector, root) => [...root.querySelectorAll(selector)];
const nth = (place) => `${place}${ENDING[ORDINAL.select(place)]}`;

document.addEventListener("desk:open", ({ detail }) => {
  for (const root of all("[data-ranking]", detail.form)) new Ladder(root, detail);
});

class Ladder {
  constructor(root, { form, signal, desk }) {
    Object.assign(this, { root, form, desk });
    this.ties = root.hasAttribute("data-ties");
    this.chips = new Map(all("[data-chip]", root).sort((a, b) => (a.dataset.chip < b.dataset.chip ? -1 : 1)).map((chip) => [chip.dataset.chip, chip]));
    this.letters = [...this.chips.keys()];
    this.selects = new Map(this.letters.map((letter) => [letter, this.chips.get(letter).querySelector("select")]));
    for (const [letter, chip] of this.chips) {
      const words = form.querySelector(`#text-${letter}`).innerText.trim().slice(0, 120);
      if (words) chip.querySelector(".first").textContent = words;
    }
    root.addEventListener("click", (event) => this.#clicked(event), { signal });
    root.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    root.addEventListener("pointerdown", (event) => this.#grasped(event), { signal });
    form.addEventListener("input", ({ target }) => {
      if (target.dataset?.place) this.place(target.dataset.place, Number(target.value));
      else this.draw();
    }, { signal });
    this.draw();
  }

  get reads() { return this.desk.keeper.reads; }

  // --- What is ranked ---

  // Tiers of letters, the best first.
  read() {
    const tiers = new Map();
    for (const [letter, { value }] of this.selects) if (value) tiers.set(Number(value), [...(tiers.get(Number(value)) ?? []), letter]);
    return [...tiers].sort(([a], [b]) => a - b).map(([, tier]) => tier);
  }

  write(tiers) {
    if (this.reads) { this.draw(true); return; }
    const places = new Map();
    for (const tier of tiers) {
      const place = places.size + 1;
      for (const letter of tier) places.set(letter, place);
    }
    for (const [letter, select] of this.selects) select.value = places.get(letter) ?? "";
    this.draw(true);
    this.selects.values().next().value.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A response moves, and it is said where it stands now.
  #set(letter, tiers) {
    this.write(tiers.filter((tier) => tier.length));
    say(this.where(letter));
  }

  #without(letter) { return this.read().map((tier) => tier.filter((each) => each !== letter)); }

  move(letter, by) {
    const tiers = this.read();
    const at = tiers.findIndex((tier) => tier.includes(letter));
    const rest = this.#without(letter);
    if (at < 0) {
      if (by < 0) this.#set(letter, [...rest, [letter]]);
      return;
    }
    const alone = tiers[at].length === 1;
    if (alone && by < 0 && at === 0) return;
    // From a tie one steps out of it; alone one steps over the next, and from the last place out of the ranking.
    const to = by < 0 ? at - (alone ? 1 : 0) : at + (alone ? 2 : 1);
    if (to <= tiers.length) rest.splice(to, 0, [letter]);
    this.#set(letter, rest);
  }

  tie(letter) {
    const tiers = this.read();
    const at = tiers.findIndex((tier) => tier.includes(letter));
    const above = at < 0 ? tiers.at(-1) : tiers[at - 1];
    if (!this.ties || !above) return;
    this.#set(letter, this.#without(letter).map((tier) => (tier[0] === above[0] ? [...tier, letter] : tier)));
  }

  // As with numbers on paper: the same number is a tie, where ties are allowed; 0 is none.
  place(letter, place) {
    const tiers = this.#without(letter).filter((tier) => tier.length);
    let stands = 1, at = 0;
    for (; at < tiers.length && stands < place; at += 1) stands += tiers[at].length;
    if (place && this.ties && stands === place && at < tiers.length) tiers[at] = [...tiers[at], letter];
    else if (place) tiers.splice(at, 0, [letter]);
    this.#set(letter, tiers);
  }

  where(letter) {
    const tiers = this.read();
    const tier = tiers.find((each) => each.includes(letter));
    if (!tier) return `${letter} is not ranked`;
    const others = tier.filter((each) => each !== letter);
    return `${letter} is ${nth(this.selects.get(tier[0]).value * 1)} of ${this.letters.length}${others.length ? `, with ${others.join(" and ")}` : ""}`;
  }

  // --- How it is drawn ---

  draw(anyway = false) {
    const tiers = this.read();
    const drawn = JSON.stringify(tiers);
    if (drawn === this.drawn && !anyway) return;
    this.drawn = drawn;
    const at = document.activeElement;
    this.#rungs(tiers);
    for (const [letter, chip] of this.chips) {
      chip.querySelector(".first").setAttribute("aria-label", `${this.where(letter)}. ${chip.querySelector(".first").textContent.slice(0, 60)}`);
      const other = this.form.querySelector(`[data-place="${letter}"]`);
      if (other) other.value = this.selects.get(letter).value;
    }
    this.#said(tiers);
    if (this.root.contains(at) && at !== document.activeElement) at.focus({ preventScroll: true });
    if (this.root.contains(at)) at.closest(".chip")?.scrollIntoView({ block: "nearest" });
  }

  #rungs(tiers) {
    const list = this.root.querySelector("[data-ladder]");
    const end = list.querySelector("[data-end]");
    const rungs = tiers.map((tier) => {
      const rung = this.root.querySelector("template").content.firstElementChild.cloneNode(true);
      rung.querySelector(".place").textContent = this.selects.get(tier[0]).value;
      const tie = Object.assign(document.createElement("p"), { className: "tie", textContent: `${tier.join(" and ")} tie` });
      rung.querySelector(".chips").append(...(tier.length > 1 ? [tie] : []), ...tier.map((letter) => this.chips.get(letter)));
      return rung;
    });
    const placed = tiers.flat();
    this.root.querySelector("[data-out]").append(...this.letters.filter((letter) => !placed.includes(letter)).map((letter) => this.chips.get(letter)));
    for (const old of all(".rung:not([data-end])", list)) old.remove();
    list.prepend(...rungs);
    end.hidden = placed.length === this.letters.length;
    end.querySelector(".place").textContent = end.querySelector("kbd").textContent = placed.length + 1;
    this.root.querySelector(".unranked").toggleAttribute("data-empty", end.hidden);
  }

  #said(tiers) {
    const placed = tiers.flat();
    const out = this.letters.filter((letter) => !placed.includes(letter));
    for (const place of all("[data-placed]", this.form)) {
      place.textContent = place.dataset.placed.replace("{placed}", placed.length).replace("{all}", this.letters.length);
    }
    const order = this.form.querySelector("[data-order]");
    if (!order) return;
    const strong = Object.assign(document.createElement("strong"), { textContent: tiers.map((tier) => tier.join(" = ")).join(" over ") });
    order.replaceChildren(...(placed.length ? [strong, out.length ? `; ${out.join(", ")} left out` : ""] : ["Nothing ranked yet"]));
    const ties = tiers.reduce((sum, tier) => sum + (tier.length * (tier.length - 1)) / 2, 0);
    const pairs = (placed.length * (placed.length - 1)) / 2 - ties;
    const parts = [[pairs, "pair"], [ties, "tie"]].filter(([count]) => count).map(([count, word]) => `${count} ${word}${count > 1 ? "s" : ""}`);
    this.form.querySelector("[data-order-makes]").textContent = parts.length ? `Makes ${parts.join(" and ")}. ` : "";
  }

  // --- Keys and buttons ---

  #clicked(event) {
    const chip = event.target.closest("[data-chip]");
    if (!chip || this.dragged) return;
    const step = event.target.closest("[data-moves]");
    if (step) this.move(chip.dataset.chip, Number(step.dataset.moves));
    else if (event.target.closest(".first")) this.#open(chip.dataset.chip);
  }

  // The response itself, at the top of where it is read.
  #open(letter) {
    show(this.form, "a");
    const heading = this.form.querySelector(`#response-${letter}`);
    heading.closest("article").scrollIntoView({ block: "start" });
    if (heading.offsetParent && this.form.querySelector(".sheet").offsetParent === null) heading.focus({ preventScroll: true });
  }

  #pressed(event) {
    const letter = event.target.closest(".first")?.closest("[data-chip]").dataset.chip;
    if (!letter || event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = { ArrowUp: () => this.move(letter, -1), ArrowDown: () => this.move(letter, 1), "=": () => this.tie(letter),
      Delete: () => this.place(letter, 0), Backspace: () => this.place(letter, 0) };
    const act = /^[1-9]$/.test(event.key) && event.key <= this.letters.length ? () => this.place(letter, Number(event.key)) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  // --- Dragging: onto a response ties with it, between two goes between them ---

  #grasped(event) {
    const chip = event.target.closest("[data-chip]");
    this.dragged = false;
    if (!chip || this.reads || event.button || event.target.closest("[data-moves], select")) return;
    if (event.pointerType !== "mouse" && !event.target.closest(".grip")) return; // a finger elsewhere scrolls
    const drag = new AbortController();
    const { signal } = drag;
    const from = { x: event.clientX, y: event.clientY };
    let target = null;
    const end = (drop) => {
      drag.abort();
      chip.removeAttribute("data-held");
      chip.style.translate = "";
      target?.at.removeAttribute("data-over");
      if (drop && this.dragged && target) this.#drop(chip.dataset.chip, target);
    };
    addEventListener("pointermove", (moved) => {
      const [x, y] = [moved.clientX - from.x, moved.clientY - from.y];
      if (!this.dragged && Math.hypot(x, y) < FAR) return;
      this.dragged = true;
      chip.setAttribute("data-held", "");
      chip.style.translate = `${x}px ${y}px`;
      this.#scroll(moved.clientY);
      target?.at.removeAttribute("data-over");
      target = this.#under(moved, chip.dataset.chip);
      if (target) target.at.dataset.over = target.how;
    }, { signal });
    addEventListener("pointerup", () => end(true), { signal });
    addEventListener("pointercancel", () => end(false), { signal });
    addEventListener("keydown", (pressed) => { if (pressed.key === "Escape") end(false); }, { signal });
  }

  #under({ clientX, clientY }, letter) {
    const at = document.elementFromPoint(clientX, clientY)?.closest(".rung, .unranked");
    if (!at || !this.root.contains(at)) return null;
    if (at.matches(".unranked")) return { at, how: "out" };
    if (at.matches("[data-end]")) return { at, how: "end" };
    const others = all("[data-chip]", at).map((chip) => chip.dataset.chip).filter((each) => each !== letter);
    if (!others.length) return null;
    const { top, height } = at.getBoundingClientRect();
    const share = (clientY - top) / height;
    const edge = this.ties ? 0.28 : 0.5;
    return { at, others, how: share < edge ? "before" : share >= 1 - edge ? "after" : "tie" };
  }

  #drop(letter, { how, others }) {
    const tiers = this.#without(letter).filter((tier) => tier.length);
    const at = others ? tiers.findIndex((tier) => tier.includes(others[0])) : tiers.length;
    if (how === "tie") tiers[at] = [...tiers[at], letter];
    else if (how !== "out") tiers.splice(how === "after" ? at + 1 : at, 0, [letter]);
    this.#set(letter, tiers);
  }

  #scroll(y) {
    const sheet = this.root.closest(".sheet");
    const { top, bottom } = sheet.getBoundingClientRect();
    if (y < top + EDGE) sheet.scrollTop -= 8;
    else if (y > bottom - EDGE) sheet.scrollTop += 8;
  }
}
