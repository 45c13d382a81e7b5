// Labels of steps by one key each, and on to the next; how far one has come, and where the first error is, in words.

const WRONG = '[value="-1"]:checked';
const all = (selector, root) => [...root.querySelectorAll(selector)];

document.addEventListener("desk:open", ({ detail: { form, signal } }) => {
  for (const list of all("[data-steps]", form)) {
    list.addEventListener("keydown", pressed, { signal });
    form.addEventListener("input", () => tell(list), { signal });
    tell(list);
  }
});

function pressed(event) {
  const step = event.target.closest("[data-step]");
  if (!step || !/^[123]$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const field = all("input", step)[event.key - 1];
  if (field.disabled) return;
  field.click();
  const next = step.nextElementSibling ?? step.closest("[data-steps]").nextElementSibling?.querySelector("[data-step]");
  (next?.querySelector(":checked") ?? next?.querySelector("input") ?? field).focus();
  next?.scrollIntoView({ block: "nearest" });
}

function tell(list) {
  const steps = all("[data-step]", list);
  const done = steps.filter((step) => step.querySelector(":checked")).length;
  const error = steps.find((step) => step.querySelector(WRONG));
  list.querySelector("[data-steps-said]").textContent = `${done} of ${steps.length} labelled${error ? `, first error in step ${error.dataset.step}` : ""}`;
}
