// The editor of a recipe: stages are dragged to another place, and every change is said to those who do not see it.

import { tell } from "./page.js";

document.addEventListener("htmx:afterSettle", (event) => {
  const editor = document.getElementById("editor");
  if (!editor || event.target.id === "trial") return;
  if (editor.dataset.said) tell(editor.dataset.said);
  offerDragging();
});

// Enter in a field looks at the recipe again and does not move the first stage.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("#editor input:not([type=checkbox])")) return;
  event.preventDefault();
  document.getElementById("look").click();
});

// A stage can be dragged by its grip alone, so that texts and fields can still be selected.
let dragged = null;

function offerDragging() {
  for (const grip of document.querySelectorAll("[data-grip]")) {
    grip.closest("li").draggable = false;
    grip.onpointerdown = () => { grip.closest("li").draggable = true; };
    grip.onpointerup = () => { grip.closest("li").draggable = false; };
  }
}
offerDragging();

const over = (event) => event.target.closest?.("[data-draggable] > li");

function mark(stage) {
  for (const each of document.querySelectorAll("[data-draggable] > li")) each.toggleAttribute("data-over", each === stage);
}

document.addEventListener("dragstart", (event) => {
  dragged = over(event);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const stage = over(event);
  if (!dragged || !stage) return;
  event.preventDefault();
  mark(stage);
});
document.addEventListener("dragend", () => { mark(null); dragged = null; });
document.addEventListener("drop", (event) => {
  const stage = over(event);
  if (!dragged || !stage) return;
  event.preventDefault();
  const move = document.getElementById("move");
  move.value = `move:${dragged.dataset.stage}:${stage.dataset.stage}`;
  if (dragged !== stage) move.click();
});
