// Before an item is disclosed: one key says that there is a conflict, or that it is not one's field. Enter goes on.

const place = document.querySelector("[data-concerns]");
const own = JSON.parse(place.dataset.keys); // a person's own keys: as delivered → as they chose

for (const button of place.querySelectorAll("[data-key]")) {
  const key = own[button.dataset.key] ?? button.dataset.key;
  button.querySelector("kbd").textContent = key;
  document.addEventListener("keydown", (event) => {
    if (event.key === key && !event.ctrlKey && !event.metaKey && !event.altKey && !event.repeat) button.click();
  });
}
