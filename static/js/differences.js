// Two texts side by side: the first difference comes into view in both, and buttons or keys lead to the next and back.

const room = document.querySelector("[data-differences]");
const count = Number(room.dataset.differences);
const said = room.querySelector("[data-at]");
const panes = [...room.querySelectorAll(".reading")];
let at = 0;

function show(number) {
  at = number;
  for (const each of room.querySelectorAll("mark[data-now]")) delete each.dataset.now;
  for (const pane of panes) {
    const mark = pane.querySelector(`[data-stop="${number}"]`);
    mark.dataset.now = "";
    // Only the pane scrolls: what is said of the two texts stays where it is.
    pane.scrollTop += mark.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
  }
}

function go(by) {
  if (!count) return;
  show(((at - 1 + by + count) % count) + 1);
  said.textContent = `Place ${at} of ${count} where they differ`;
  room.scrollIntoView({ block: "nearest" });
}

const typing = (target) => target.closest("input, textarea, select, [contenteditable]") && target.type !== "checkbox";
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const by = { j: 1, k: -1 }[event.key];
  if (by) { event.preventDefault(); go(by); }
});
room.addEventListener("click", (event) => {
  const button = event.target.closest("[data-go]");
  if (button) go(Number(button.dataset.go));
});
if (count) show(1);
