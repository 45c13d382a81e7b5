// Never lose a word: drafts on the server, an outbox on this device, one tab that writes.
// Every change goes to the outbox at once and to the server a second later. A save names the revision it was based on
// and gets a new one back. What the server has acknowledged leaves the outbox.

import { Effort } from "./screen.js";

const PAUSE = 1000; // from the last input to the save
const TIMEOUT = 20_000;
const MOST_BEACON = 60_000; // browsers let a closing page send 64 kB
const ICONS = { saved: "check", saving: "clock", offline: "offline", lost: "alert", refused: "alert" };

export class Refused extends Error {
  constructor(status, answer) {
    super(answer.detail);
    this.status = status;
    this.code = answer.code;
    this.problems = answer.problems ?? [];
  }
}

export class Unreachable extends Error {}

// The answer of our server: JSON, a fragment of a page, or null where there is nothing.
export async function post(url, fields, keepalive = false) {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? document.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  try {
    const response = await fetch(url, { method: "POST", body: new URLSearchParams(fields), headers, keepalive, signal: AbortSignal.timeout(TIMEOUT) });
    if (response.status === 204) return null;
    if (response.headers.get("Content-Type")?.includes("json")) {
      const answer = await response.json();
      if (response.ok) return answer;
      if (response.status < 500) throw new Refused(response.status, answer);
    } else if (response.ok) {
      return await response.text();
    }
    throw new Unreachable(`status ${response.status}`);
  } catch (error) {
    throw error instanceof Refused ? error : new Unreachable(error.message);
  }
}

// --- The outbox ----------------------------------------------------------------------------------------------------

// One entry for each assignment with words that the server has not acknowledged. Every person has a database of their own.
export class Outbox {
  constructor(name) {
    this.opened = name ? opened(name).catch(() => null) : Promise.resolve(null);
    this.opened.then((base) => { this.keeps = Boolean(base); });
  }

  put(entry) { return this.#do("readwrite", (store) => store.put(entry)); }
  get(assignment) { return this.#do("readonly", (store) => store.get(assignment)); }
  async all() { return (await this.#do("readonly", (store) => store.getAll()) ?? []).sort((a, b) => a.at - b.at); }

  // Gone once what was acknowledged is what is kept: a word typed meanwhile stays.
  async acknowledged(assignment, edits) {
    const entry = edits === undefined ? null : await this.get(assignment);
    if (edits === undefined || entry?.edits <= edits) await this.#do("readwrite", (store) => store.delete(assignment));
  }

  // Out of the way of new words, until somebody uses or throws it away.
  async aside(entry) {
    await this.put({ ...entry, assignment: `${entry.assignment} of ${entry.at}`, of: entry.assignment, failed: "Other words were saved later." });
    await this.acknowledged(entry.assignment);
  }

  // A device that is full or has forgotten us keeps nothing more; the server still does.
  async #do(mode, act) {
    const base = await this.opened;
    if (!base) return undefined;
    return new Promise((resolve) => {
      const fails = () => { this.keeps = false; resolve(undefined); };
      try {
        const transaction = base.transaction("kept", mode);
        const deed = act(transaction.objectStore("kept"));
        deed.onsuccess = () => resolve(deed.result);
        deed.onerror = (event) => { event.preventDefault(); fails(); };
        if (mode === "readwrite") transaction.commit(); // from here it needs no tab
      } catch { fails(); }
    });
  }
}

function opened(name) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("kept", { keyPath: "assignment" });
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close(); // somebody signs out in another tab
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
}

// --- The keeper of one desk ----------------------------------------------------------------------------------------

export class Keeper {
  constructor(root, outbox, signal, tell) {
    Object.assign(this, { root, outbox, signal, tell });
    this.form = root.querySelector("form.desk");
    this.assignment = root.dataset.assignment;
    this.revision = Number(root.dataset.revision);
    this.edits = this.savedEdits = 0;
    this.asked = null; // what was last sent to the server, or is to be sent first
    this.saving = null; // the save that is under way
    this.reads = root.hasAttribute("data-locked");
    this.effort = new Effort(this.assignment, this.form, signal);
    if (this.reads) return;
    this.form.addEventListener("input", () => this.changed(), { signal });
    this.form.addEventListener("focusout", (event) => { if (event.target.matches("textarea, .input")) this.save(); }, { signal });
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.leave(); }, { signal });
    addEventListener("pagehide", () => this.leave(), { signal });
    addEventListener("online", () => this.#wake?.(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.timer));
    this.ready = this.#begin();
  }

  get dirty() { return this.edits > this.savedEdits; }

  fields() {
    return [...new FormData(this.form)].filter(([name]) => !name.startsWith("_") && name !== "csrfmiddlewaretoken");
  }

  changed() {
    this.edits += 1;
    this.say("saving", "Saving…");
    this.#keep();
    this.#soon(PAUSE);
    if (this.sending) this.#wake?.(); // who writes on takes back what waits to be sent
  }

  #soon(delay) {
    clearTimeout(this.timer);
    if (!this.signal.aborted) this.timer = setTimeout(() => this.save(), delay);
  }

  // One save at a time; what is typed meanwhile is saved after it.
  save() {
    if (this.saving || !this.dirty || this.reads || this.sending) return this.saving;
    return this.#saveOnce();
  }

  #saveOnce(keepalive = false) {
    clearTimeout(this.timer);
    const edits = this.edits;
    this.saving = this.#save(keepalive).finally(() => {
      this.saving = null;
      if (this.edits > edits) this.#soon(PAUSE);
    });
    return this.saving;
  }

  async #save(keepalive) {
    const [edits, fields] = [this.edits, this.fields()];
    if (!this.unheard) this.asked = fields;
    const kept = this.#keep();
    if (keepalive && (this.unheard || new URLSearchParams(fields).toString().length > MOST_BEACON)) return;
    if (!keepalive) await kept;
    try {
      if (this.unheard) {
        await this.#put(this.asked);
        this.asked = fields;
        await this.#keep();
      }
      const answer = await this.#put(fields, keepalive);
      this.savedEdits = edits;
      this.delay = undefined;
      this.hold?.until(answer);
      if (this.dirty) await this.#keep();
      else this.say("saved", `Saved ${answer.said}`);
      await this.outbox.acknowledged(this.assignment, edits);
    } catch (error) {
      this.#failed(error);
    }
  }

  // A save whose answer was lost may have arrived all the same (`unheard`): the same again tells its revision.
  async #put(fields, keepalive = false) {
    this.unheard = true;
    const answer = await post(this.root.dataset.draftUrl, [...fields, ["_based_on", this.revision]], keepalive);
    this.unheard = false;
    this.revision = answer.revision;
    return answer;
  }

  #failed(error) {
    this.unheard &&= error instanceof Unreachable;
    if (error.code === "draft_moved") {
      this.only(`What was written there is newer. What you wrote here is still on this page${this.#kept}.`);
    } else if (error instanceof Unreachable || error.status === 401) {
      this.say("offline", `Not saved: ${error.status ? "signed out" : "offline"}${this.#kept}`);
      this.delay = Math.min(30_000, (this.delay ?? 1000) * 2);
      this.#soon(this.delay);
      this.#wake = () => this.save();
    } else {
      this.say("offline", `Not saved: ${error.message}`); // the next word tries again
    }
  }

  #wake = null; // what to do as soon as there is a connection again

  get #kept() { return this.outbox.keeps ? ", kept on this device" : ""; }

  // The tab is hidden or closed: what is left goes out behind its back, if it is small enough. The outbox has it anyway.
  leave() {
    this.effort.keep();
    if (this.dirty && !this.saving && !this.sending && !this.reads) this.#saveOnce(true);
  }

  // Sends the review and returns the server's answer. Offline it waits, and goes as soon as there is a connection;
  // whoever writes on meanwhile takes it back (null).
  async send() {
    clearTimeout(this.timer);
    this.sending = true;
    try {
      await this.saving;
      const edits = this.edits;
      for (let delay = 2000; this.edits === edits && !this.reads && !this.signal.aborted; delay = Math.min(30_000, delay * 2)) {
        // What was typed is in the outbox already; that it is on its way is written there meanwhile.
        const kept = this.#keep(true);
        try {
          return await this.#post(kept);
        } catch (error) {
          if (!(error instanceof Unreachable)) throw error;
        }
        await kept;
        this.say("offline", `Not sent: offline${this.#kept}`);
        await new Promise((resolve) => { this.#wake = resolve; setTimeout(resolve, delay); });
      }
      return null;
    } catch (error) {
      await this.#keep(); // a draft again
      throw error;
    } finally {
      this.sending = false;
      if (this.dirty) this.#soon(PAUSE);
    }
  }

  async #post(kept) {
    this.form.inert = true; // nothing is typed into what is on its way
    try {
      const answer = await post(this.form.action, [...this.fields(), ...this.effort.fields()]);
      this.savedEdits = this.edits;
      this.effort.forget();
      this.forgotten = kept.then(() => this.outbox.acknowledged(this.assignment)); // nobody waits for it who stays on this page
      return answer;
    } finally {
      this.form.inert = false;
    }
  }

  // Not before what was kept here has been looked at: it must not be written over.
  async #keep(send = false) {
    if (!this.begun) await this.ready;
    return this.outbox.put({
      assignment: this.assignment, edits: this.edits, at: Date.now(), send,
      fields: this.fields(), asked: this.asked, based_on: this.revision, effort: this.effort.all(),
      draft_url: this.root.dataset.draftUrl, send_url: this.form.getAttribute("action"),
    });
  }

  say(state, words) {
    const place = this.root.querySelector("[data-saved]");
    place.dataset.state = state;
    place.removeAttribute("data-blank");
    if (place.lastElementChild.textContent !== words) place.lastElementChild.textContent = words;
    const use = place.querySelector("use");
    use.setAttribute("href", `${use.getAttribute("href").split("#")[0]}#${ICONS[state]}`);
  }

  // --- One tab writes ---

  async #begin() {
    this.channel = globalThis.BroadcastChannel && new BroadcastChannel(`desk-${this.assignment}`);
    this.signal.addEventListener("abort", () => { this.release?.(); this.channel?.close(); });
    this.channel?.addEventListener("message", async ({ data }) => {
      if (data !== "ask" || this.reads) return;
      await this.save();
      if (this.dirty) await this.save();
      this.only("");
      this.release?.();
      this.channel.postMessage("given");
    });
    if (await this.#own()) await this.#restore();
    else this.only("");
    this.begun = true;
  }

  #own(options = { ifAvailable: true }) {
    if (!navigator.locks) return true;
    return new Promise((resolve) => {
      navigator.locks.request(`desk-${this.assignment}`, options, (lock) => {
        resolve(Boolean(lock));
        return lock && new Promise((release) => { this.release = release; });
      }).catch(() => this.only("")); // another tab took it
    });
  }

  // From here on this tab reads: its fields are locked, its words stay where they are.
  only(why) {
    if (this.reads) return;
    this.reads = true;
    for (const field of this.form.elements) {
      if (field.matches("textarea, input:not([type=radio], [type=checkbox], [type=hidden])")) field.readOnly = true;
      else if (field.matches("input, select, [type=submit]") && field.form === this.form) field.disabled = true;
    }
    this.say("lost", "Open in another tab: this one only reads");
    this.tell.note("tab", {
      tone: "danger", icon: "alert", strong: "Open in another tab or on another device",
      text: `This one only reads, so that nothing is overwritten. ${why}`,
      buttons: [["Write here", () => this.#take()]],
    });
  }

  // The other tab saves and hands over; one that does not answer is frozen or gone.
  async #take() {
    const given = new Promise((resolve) => {
      this.channel?.addEventListener("message", ({ data }) => { if (data === "given") resolve(true); });
      setTimeout(resolve, 2000, false);
    });
    this.channel?.postMessage("ask");
    if (!(await given)) await this.#own({ steal: true });
    location.reload();
  }

  // --- What this device kept of the item ---

  async #restore() {
    const entry = await this.outbox.get(this.assignment);
    const here = JSON.stringify(this.fields());
    if (entry && JSON.stringify(entry.fields) === here) {
      if (entry.send) this.tell.send();
      else await this.outbox.acknowledged(this.assignment);
    } else if (entry && !this.edits && (entry.based_on === this.revision || JSON.stringify(entry.asked) === here)) {
      this.#fill(entry);
      if (entry.send) this.tell.send();
    } else if (entry) {
      await this.outbox.aside(entry);
    }
    for (const other of await this.outbox.all()) if (other.of === this.assignment) this.#offer(other);
  }

  #offer(entry) {
    const at = new Date(entry.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
    const done = () => { this.tell.note(entry.assignment); this.outbox.acknowledged(entry.assignment); };
    this.tell.note(entry.assignment, {
      tone: "warn", icon: "clock", strong: `This device kept other words, of ${at}`, text: "What you see was saved later, somewhere else.",
      buttons: [["Use the kept ones", () => { this.#fill(entry); done(); }], ["Throw them away", done]],
    });
  }

  #fill(entry) {
    for (const field of this.form.elements) {
      if (!field.name || field.name.startsWith("_") || (field.type === "hidden" && !field.hasAttribute("data-answer"))) continue;
      const kept = entry.fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (field.type === "radio" || field.type === "checkbox") field.checked = kept.includes(field.value);
      else field.value = kept.at(-1) ?? "";
    }
    this.effort.atLeast(entry.effort);
    this.form.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
