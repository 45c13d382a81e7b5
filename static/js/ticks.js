// Ticks in a list: how many there are, all of a page at once, and a row of them with Shift.

for (const form of document.querySelectorAll("[data-ticked]")) {
  const all = form.querySelector("[data-tick-all]");
  const said = form.querySelector("[data-ticks]");
  const ticks = [...form.querySelectorAll(".pick input[name]")];
  let last = null;

  const count = () => {
    const ticked = ticks.filter((tick) => tick.checked).length;
    said.textContent = ticked ? `(${ticked})` : "";
    all.checked = ticked === ticks.length;
    all.indeterminate = ticked > 0 && ticked < ticks.length;
  };

  all.hidden = false;
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    count();
  });
  form.addEventListener("click", (event) => {
    const at = ticks.indexOf(event.target);
    if (at < 0) return;
    if (event.shiftKey && last !== null) {
      for (const tick of ticks.slice(Math.min(at, last), Math.max(at, last) + 1)) tick.checked = event.target.checked;
    }
    last = at;
    count();
  });
  form.addEventListener("change", count);
  addEventListener("pageshow", count); // a browser that goes back keeps the ticks
  count();
}
