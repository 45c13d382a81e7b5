// Questions with a condition come and go with the answers before them. What was written in one that goes stays in its fields,
// and in the draft; the server leaves it out of what is sent.

import { answered, say } from "./screen.js";

const all = (selector, root) => [...root.querySelectorAll(selector)];

document.addEventListener("desk:open", ({ detail: { form, signal } }) => {
  form.addEventListener("input", () => settle(form, true), { signal });
  settle(form, false);
});

// In the order of the form, since a condition may hang on a question that has one itself.
function settle(form, aloud) {
  const come = new Set();
  let changed = false;
  for (const question of all("[data-when]", form).sort((a, b) => a.dataset.number - b.dataset.number)) {
    const held = outcomes(form, question.dataset.when);
    const open = JSON.parse(question.dataset.is).some((value) => held.has(value));
    if (open !== question.hasAttribute("data-unasked")) continue;
    question.toggleAttribute("data-unasked", !open);
    changed = true;
    if (open) come.add(question.querySelector("legend > span:nth-child(2)").textContent.trim());
  }
  if (!changed) return;
  answered(form);
  if (aloud && come.size) say(`Now asked as well: ${[...come].join(", ")}`);
}

// The values that the answer to a question holds, of whichever response; a preference counts by its strength.
function outcomes(form, id) {
  const name = CSS.escape(id);
  const sources = all(`[data-question="${name}"]:not([data-unasked])`, form);
  if (!sources.length) return new Set();
  const fields = all(`[name="${name}"]:checked, [name^="${name}."]:checked`, form).map(({ value }) => value);
  if (sources[0].dataset.kind !== "preference") return new Set(fields);
  const steps = all(`.scale [name="${name}"]`, form).map(({ value }) => Number(value));
  const middle = (Math.min(...steps) + Math.max(...steps)) / 2;
  return new Set(fields.map((value) => (/^\d$/.test(value) ? String(Math.abs(middle - value)) : value)));
}
