// The editor of a form: the desk beside it follows what is typed, and every change is said to those who do not see it.

import { tell } from "./page.js";

const PAUSE = 700;
let waiting;

function show() {
  clearTimeout(waiting);
  const button = document.querySelector("[data-preview]");
  button.form.requestSubmit(button);
}

document.addEventListener("input", (event) => {
  if (!event.target.closest("#editor")) return;
  clearTimeout(waiting);
  waiting = setTimeout(show, PAUSE);
});

document.addEventListener("htmx:afterSettle", (event) => {
  const editor = document.getElementById("editor");
  if (!editor) return;
  const added = event.detail.requestConfig?.elt?.value?.startsWith("add:");
  if (added) editor.querySelector(".blocks > li:last-child [data-name='title'] input")?.focus();
  // A line that was moved keeps the focus where it went.
  const [, way, name, row] = /^(up|down):(q\..+):(\d+)$/.exec(event.detail.requestConfig?.elt?.value ?? "") ?? [];
  if (way) {
    const to = Number(row) + (way === "up" ? -1 : 1);
    (document.getElementById(`${way}-${name}-${to}`) ?? document.getElementById(`${way}-${name}-${row}`))?.focus();
  }
  if (editor.dataset.said) tell(editor.dataset.said);
  show();
});

// Enter in a field looks at the form again and does not move the first question.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("#editor input")) return;
  event.preventDefault();
  document.getElementById("look").click();
});
