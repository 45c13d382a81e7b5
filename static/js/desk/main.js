// The desk: opens an item, answers to keys, shows what is answered, sends, and puts the next item on the screen.

import { Keeper, Outbox, Refused, Unreachable, post } from "./keeping.js";
import { answered, choose, mark, measured, note, read, say, show, toast, unmark } from "./screen.js";

const AHEAD_AFTER = 15_000; // or at the first answer: who answers will want the next one
const SAID = "touchstone-said";
const all = (selector, root) => [...root.querySelectorAll(selector)];

const outbox = new Outbox(document.getElementById("desk").dataset.outbox);
const own = JSON.parse(document.getElementById("desk").dataset.keys); // a person's own keys: as delivered → as they chose
let desk;

class Desk {
  constructor(root) {
    this.root = root;
    this.form = root.querySelector("form.desk");
    this.stop = new AbortController();
    const { signal } = this.stop;
    for (const key of all("kbd", root)) key.textContent = own[key.textContent] ?? key.textContent;
    const tell = { note: (...words) => note(root, ...words), toast, send: () => this.send() };
    read(root, signal);
    this.keeper = new Keeper(root, outbox, signal, tell);
    this.keeper.hold = new Hold(this.keeper);
    root.addEventListener("desk:told", (event) => toast(event.detail), { signal });
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.send(); }, { signal });
    this.form.addEventListener("input", (event) => { this.#answered(event.target); this.#prefetch(); }, { signal });
    this.form.addEventListener("focusin", (event) => this.#at(event.target.closest("[data-question]")), { signal });
    root.querySelector("[data-flag]")?.addEventListener("submit", (event) => { event.preventDefault(); flag(event.target); }, { signal });
    asking(root, signal);
    const ahead = setTimeout(() => this.#prefetch(), AHEAD_AFTER);
    signal.addEventListener("abort", () => clearTimeout(ahead));
    // What a form or a view adds to the desk is a script of its own (feedback/web/desk_parts.py). It keeps its answer in
    // a field of the form and sends an `input` event from it; everything it starts ends with `signal`.
    document.dispatchEvent(new CustomEvent("desk:open", { detail: { root, form: this.form, signal, desk: this } }));
    answered(this.form);
  }

  close() { this.stop.abort(); }

  #answered(field) {
    const question = field.closest?.("[data-question]");
    if (question && field.name) unmark(question);
    answered(this.form);
  }

  #at(question) {
    if (!question || question.dataset.question === "cannot_judge") return;
    for (const other of all("[data-now]", this.form)) other.removeAttribute("data-now");
    question.setAttribute("data-now", "");
  }

  // --- Keys ---

  step(by) {
    const questions = this.#inOrder(all(".q:not([data-unasked]), .judge", this.form));
    const now = questions.findIndex((each) => each.hasAttribute("data-now"));
    const next = questions[Math.max(0, Math.min(questions.length - 1, now < 0 && by < 0 ? questions.length - 1 : now + by))];
    if (next) this.go(next);
  }

  // By number; in a stack as they stand, response by response.
  #inOrder(questions) {
    const stands = (one, other) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1);
    const stacked = this.form.dataset.layout === "stack";
    return questions.sort((one, other) => (!stacked && one.dataset.number - other.dataset.number) || stands(one, other));
  }

  go(question) {
    if (question.closest(".sheet")) show(this.form, "sheet");
    this.#at(question);
    const field = question.querySelector("input:checked") ?? question.querySelector("input:not([type=hidden]), textarea, [data-first]");
    field?.focus();
    question.scrollIntoView({ block: "nearest" });
  }

  rate(group, key) {
    const field = all("input", group).find((each) => each.value === key);
    if (!field) return;
    field.click();
    const question = group.closest("[data-question]");
    const next = all(".rate", question)[all(".rate", question).indexOf(group) + 1];
    if (next) (next.querySelector("input:checked") ?? next.querySelector("input")).focus();
    else this.step(1);
  }

  pane(by) {
    const panes = all(".pane > .text", this.form);
    if (panes.length) {
      const pane = panes[by < 0 ? 0 : panes.length - 1];
      show(this.form, pane.closest(".pane").dataset.side ?? "a");
      pane.focus();
      return;
    }
    const articles = all(".answers > article", this.form);
    const now = articles.findIndex((each) => each.contains(document.activeElement));
    articles[Math.max(0, Math.min(articles.length - 1, now + by))]?.querySelector("input, select")?.focus();
  }

  guideline() {
    const tab = this.form.querySelector("#tab-guideline");
    const back = tab.getAttribute("aria-selected") === "true" ? tab.parentElement.firstElementChild : tab;
    choose(back);
    this.form.querySelector("#context-said").focus();
  }

  // --- Sending, and the next item ---

  async send() {
    if (this.busy || this.keeper.reads) return;
    this.busy = true;
    const button = this.form.querySelector("[data-send]");
    button?.setAttribute("aria-busy", "true");
    try {
      const answer = await this.keeper.send();
      if (answer) await this.#next(answer);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.refused(error);
    } finally {
      this.busy = false;
      button?.removeAttribute("aria-busy");
    }
  }

  // What is missing is said at its question. Any other refusal has a page of its own, which shows what was typed.
  refused(error) {
    const faulty = [];
    for (const { path, sentence } of error.problems) {
      const places = all(`[data-question="${CSS.escape(path.replace("answers.", ""))}"]`, this.form);
      const open = places.filter((each) => !each.hasAttribute("data-done"));
      for (const question of open.length ? open : places.slice(0, 1)) { mark(question, sentence); faulty.push(question); }
    }
    if (!faulty.length) { this.form.submit(); return; }
    this.keeper.say("refused", "Not sent yet");
    const [first] = this.#inOrder(faulty);
    if (first.dataset.question === "cannot_judge") first.closest("details").open = true;
    this.go(first);
    say(`Not sent yet: ${error.problems.map(({ sentence }) => sentence).join(" ")}`);
  }

  async #prefetch() {
    if (this.fetching || !this.root.dataset.aheadUrl || this.keeper.reads) return;
    this.fetching = true;
    try {
      const html = await post(this.root.dataset.aheadUrl, []);
      this.ahead = html && new DOMParser().parseFromString(html, "text/html").getElementById("desk");
      if (!this.ahead) return;
      const seconds = Number(this.ahead.dataset.seconds);
      this.aheadUntil = Date.now() + seconds * 1000 - 5000;
      // A later one when this one's short hold has run out, if the reviewer is still at it.
      const again = setTimeout(() => { this.fetching = false; if (this.keeper.effort.present) this.#prefetch(); }, seconds * 1000);
      this.stop.signal.addEventListener("abort", () => clearTimeout(again));
    } catch (error) {
      if (error instanceof Unreachable) this.fetching = false;
    }
  }

  async #next(answer) {
    if (!this.ahead || Date.now() > this.aheadUntil) {
      await this.keeper.forgotten;
      sessionStorage.setItem(SAID, JSON.stringify({ ...answer, at: Date.now() }));
      location.assign(answer.next_url);
      return;
    }
    this.close();
    const asked = all('[data-note^="checks-"]', this.root); // of earlier items, not answered yet
    this.root.replaceWith(document.adoptNode(this.ahead));
    document.title = `${this.ahead.dataset.title} · Touchstone`;
    history.replaceState(null, "", this.ahead.dataset.url);
    for (const link of all("[data-undo]", this.ahead)) { link.href = answer.change_url; link.hidden = false; }
    desk = new Desk(this.ahead);
    desk.keeper.hold.renew();
    desk.form.querySelector("h1").focus({ preventScroll: true });
    say(`${answer.said} Next item.`);
    toast(answer.said, answer.change_url);
    desk.root.querySelector("[data-notes]").append(...asked);
    checked(answer);
  }
}

// What is asked after the answer never holds up the next item: it is fetched when that is on the screen.
async function checked({ checks_url: url }) {
  if (!url) return;
  try {
    await (await import("./checks.js")).ask(desk.root, url);
  } catch { /* without a connection nothing is asked */ }
}

// --- The hold on the item ------------------------------------------------------------------------------------------

class Hold {
  constructor(keeper) {
    this.keeper = keeper;
    this.word = keeper.root.dataset.until;
    this.granted = Number(keeper.root.dataset.seconds ?? 0);
    this.ends = Date.now() + this.granted * 1000;
    this.over = !this.granted;
    if (keeper.root.dataset.mode !== "open") return;
    const ticking = setInterval(() => this.#tick(), 5000);
    keeper.signal.addEventListener("abort", () => clearInterval(ticking));
    keeper.root.addEventListener("click", (event) => { if (event.target.closest("[data-claim-again]")) this.again(); }, { signal: keeper.signal });
  }

  until({ leased_until: until, seconds }) {
    if (!until) return;
    this.word = until.slice(11, 16);
    this.granted = seconds;
    this.ends = Date.now() + seconds * 1000;
    this.over = false;
  }

  // Somebody who is there keeps the item: the hold is renewed when a third of it has passed.
  async renew() {
    try {
      const answer = await post(this.keeper.root.dataset.holdUrl, []);
      this.until(answer);
      if (!answer.leased_until) this.#ended();
    } catch { /* the next tick tries again */ }
  }

  async again() {
    try {
      this.until(await post(this.keeper.root.dataset.holdUrl, [["_again", "1"]]));
      this.keeper.tell.note("lease");
      this.keeper.tell.toast(`Yours again, until ${this.word}.`);
    } catch (error) {
      const text = error instanceof Refused ? error.message : "The server does not answer. Try again in a minute.";
      this.#note("You do not hold this item", text, error instanceof Refused ? [] : [["Claim again", () => this.again()]]);
    }
  }

  #tick() {
    if (this.over) return;
    const left = this.ends - Date.now();
    if (left <= 0) this.#ended();
    else if (this.keeper.effort.present && left < this.granted * 667) this.renew();
  }

  #ended() {
    if (this.over) return;
    this.over = true;
    const text = "What you wrote is kept, and you can still send it. Claim it again, so that nobody else is given it.";
    this.#note(`Your hold on this item ended at ${this.word}`, text, [["Claim again", () => this.again()]]);
  }

  #note(strong, text, buttons) {
    this.keeper.tell.note("lease", { tone: "warn", icon: "clock", strong, text, buttons });
  }
}

async function flag(form) {
  const dialog = form.closest("dialog");
  try {
    const answer = await post(form.action, new FormData(form));
    dialog.close();
    form.reset();
    toast(answer.said);
  } catch (error) {
    toast(error instanceof Refused ? error.message : "Not flagged: offline. Try again in a minute.");
  }
}

// A question to the managers is kept on this device from its first letter until the server has it.
async function asking(root, signal) {
  const form = root.querySelector("[data-ask]");
  if (!form) return;
  form.addEventListener("input", () => keepQuestion(form, false), { signal });
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(form); }, { signal });
  const kept = (await outbox.all()).find((entry) => entry.unsent && entry.draft_url === form.getAttribute("action"));
  for (const [name, value] of kept?.fields ?? []) form.elements[name].value = value;
}

function keepQuestion(form, send) {
  const url = form.getAttribute("action");
  return outbox.put({
    assignment: form.elements.token.value, edits: 1, at: Date.now(), send, unsent: !send, active: 0, draft_url: url, send_url: url,
    fields: [...new FormData(form)], said: "A question that this device had kept is sent.",
  });
}

async function ask(form) {
  const { token, text } = form.elements;
  const wrong = form.querySelector("[data-not-asked]");
  const done = (words) => { toast(words); wrong.hidden = true; text.value = ""; form.closest("dialog").close(); };
  try {
    const html = await post(form.action, new FormData(form));
    await outbox.acknowledged(token.value);
    form.querySelector("[data-thread]").replaceWith(new DOMParser().parseFromString(html, "text/html").querySelector("[data-thread]"));
    done("Asked. The answer comes to your first page.");
  } catch (error) {
    const refused = error instanceof Refused;
    if (!refused) await keepQuestion(form, true);
    if (!refused && outbox.keeps) {
      token.value += "+"; // the next question is another one
      done("Offline: your question is kept on this device and goes out when the connection is back.");
      return;
    }
    wrong.hidden = false;
    wrong.textContent = refused ? error.message : "Not asked: offline. Your words stay here; try again in a minute.";
  }
}

// --- Keys ----------------------------------------------------------------------------------------------------------

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); desk.send(); return; }
  const field = event.target.closest("input, textarea, select, [contenteditable]");
  // Enter in a field would send the review: only Ctrl+Enter and the button do.
  if (event.key === "Enter" && field?.matches("input")) event.preventDefault();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (field && !field.matches("[type=radio], [type=checkbox]")) return;
  if (press(event.key, field)) event.preventDefault();
});

// A key as it was delivered: controls and acts are named by it. Where an act has moved away, its old key means nothing.
function asDelivered(key) {
  return Object.keys(own).find((act) => own[act] === key) ?? (key in own ? "" : key);
}

// Whether the key means something here.
function press(pressed, field) {
  const form = desk.form;
  const group = field?.matches(":focus-visible") && field.closest(".rate");
  const key = /^\d$/.test(pressed) && group ? pressed : asDelivered(pressed);
  const acts = { j: () => desk.step(1), k: () => desk.step(-1), "[": () => desk.pane(-1), "]": () => desk.pane(1), g: () => desk.guideline() };
  const act = /^\d$/.test(key) && group ? () => desk.rate(group, key) : acts[key];
  if (act) { act(); return true; }
  if (key === "0") return clicked(form.querySelector(".both input"));
  if (/^[1-7]$/.test(key)) return clicked(form.querySelector(`.dock .scale input[value="${key}"]`));
  if ((pressed === "Delete" || pressed === "Backspace") && field?.type === "radio") return takenBack(field);
  return /^[a-z?]$/.test(key) && clicked(form.querySelector(`[data-key="${key}"]:not([hidden])`));
}

function clicked(control) {
  if (!control || control.disabled) return false;
  control.click();
  return true;
}

function takenBack(field) {
  const chosen = desk.form.querySelector(`[name="${CSS.escape(field.name)}"]:checked`);
  if (!chosen) return false;
  chosen.checked = false;
  chosen.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

// --- Begin ---------------------------------------------------------------------------------------------------------

// Words of other items that this device still keeps, oldest first, but for those open in another tab. What the server
// refuses stays, and is shown.
async function deliver() {
  for (const entry of await outbox.all()) {
    if (entry.assignment === desk.root.dataset.assignment || entry.failed || entry.unsent) continue;
    const free = !navigator.locks || await navigator.locks.request(`desk-${entry.assignment}`, { ifAvailable: true }, (lock) => Boolean(lock));
    if (free && !(await delivered(entry))) return;
  }
  for (const entry of await outbox.all()) if (entry.failed && entry.of !== desk.root.dataset.assignment) undelivered(entry);
}

async function delivered(entry) {
  try {
    if (entry.send) await post(entry.send_url, [...entry.fields, ...measured(entry.effort)]);
    else await post(entry.draft_url, [...entry.fields, ["_based_on", entry.based_on]]);
    await outbox.acknowledged(entry.assignment);
    toast(entry.said ?? (entry.send ? "A review that this device had kept is sent." : "Words that this device had kept of another item are saved."));
  } catch (error) {
    if (!(error instanceof Refused) || error.status === 401) return false;
    await outbox.put({ ...entry, failed: error.message });
  }
  return true;
}

function undelivered(entry) {
  const words = entry.fields.filter(([, value]) => /\s/.test(value.trim())).map(([, value]) => value).join("\n\n");
  const at = new Date(entry.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const name = `undelivered-${entry.assignment}`;
  note(desk.root, name, {
    tone: "warn", icon: "alert", strong: `Words of ${at} could not be saved`, text: entry.failed,
    buttons: [["Copy them", () => navigator.clipboard.writeText(words)],
      ["Throw them away", () => { note(desk.root, name); outbox.acknowledged(entry.assignment); }]],
  });
}

desk = new Desk(document.getElementById("desk"));
const sent = JSON.parse(sessionStorage.getItem(SAID));
sessionStorage.removeItem(SAID);
if (sent && Date.now() - sent.at < 10_000) { toast(sent.said, sent.change_url); checked(sent); }
desk.keeper.ready?.then(deliver);
addEventListener("online", deliver);
