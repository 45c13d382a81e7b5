// What every page does with a script and can do without one: day or night, copying, dialogs, buttons that are busy.

const root = document.documentElement;
const KEPT = "touchstone-theme";

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

// Nobody is signed in on some pages; there the choice stays in the browser.
const theme = document.querySelector("[data-theme-toggle]");
if (theme && !theme.form) {
  theme.hidden = false;
  const kept = localStorage.getItem(KEPT);
  if (kept && !root.dataset.theme) root.dataset.theme = kept;
}

// On a narrow screen the room one is in may lie outside of what is seen of the navigation.
document.querySelector(".room-nav [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

async function turn(button) {
  const wanted = isDark() ? "light" : "dark";
  root.dataset.theme = wanted;
  if (!button.form) {
    localStorage.setItem(KEPT, wanted);
    return;
  }
  const fields = new FormData(button.form);
  fields.set("theme", wanted);
  await fetch(button.form.action, { method: "POST", body: fields, headers: { Accept: "application/json" } });
}

async function copy(button) {
  const words = button.querySelector("span") ?? button;
  const before = words.textContent;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  words.textContent = "Copied";
  tell("Copied");
  setTimeout(() => { words.textContent = before; }, 2000);
}

// Says something to those who do not see it happen.
export function tell(text) {
  let region = document.getElementById("told");
  if (!region) {
    region = Object.assign(document.createElement("p"), { id: "told", className: "hush" });
    region.setAttribute("role", "status");
    document.body.append(region);
  }
  region.textContent = text;
}

// What htmx brings in later has such buttons too.
function offerCopying() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}
offerCopying();
document.addEventListener("htmx:afterSettle", offerCopying);

document.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  const toggle = on("[data-theme-toggle]");
  if (toggle) { event.preventDefault(); turn(toggle); }
  const copying = on("[data-copy]");
  if (copying) copy(copying);
  const opens = on("[data-opens]");
  if (opens) { event.preventDefault(); document.getElementById(opens.dataset.opens).showModal(); }
  const closes = on("[data-closes]");
  if (closes?.closest("dialog[open]")) { event.preventDefault(); closes.closest("dialog").close(); }
});

// A button that sends something is busy until the answer is there; coming back by the back button it rests again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || event.submitter?.formTarget) return;
  event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  for (const busy of document.querySelectorAll('form [aria-busy="true"]')) busy.removeAttribute("aria-busy");
});
