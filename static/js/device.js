// What this device keeps of the desk's words: counted for its owner on the first page, told before signing out, erased by it.

const place = document.querySelector("[data-device]");
const name = place.dataset.device;

// The entries of the desk's outbox; none where there is no outbox. Looking must not make one.
function entries() {
  return new Promise((resolve) => {
    const asked = indexedDB.open(name);
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = (event) => { event.preventDefault(); resolve([]); };
    asked.onsuccess = () => {
      const all = asked.result.transaction("kept").objectStore("kept").getAll();
      all.onsuccess = () => { asked.result.close(); resolve(all.result.sort((a, b) => a.at - b.at)); };
    };
  });
}

function line(entry) {
  const row = document.createElement("li");
  const link = document.createElement("a");
  link.href = new URL("..", new URL(entry.draft_url, location.href)).pathname;
  link.textContent = "Open the item";
  const when = new Date(entry.at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  const words = document.createElement("p");
  words.textContent = `${entry.send ? "A review" : "Words"} of ${when}. `;
  words.append(link);
  row.append(words);
  return row;
}

const waiting = name ? await entries() : [];
const counted = waiting.length === 1 ? "1 item" : `${waiting.length} items`;
for (const said of document.querySelectorAll("[data-device-count]")) said.textContent = counted;
for (const shown of document.querySelectorAll("[data-device-when]")) {
  shown.hidden = (shown.dataset.deviceWhen === "waiting") !== waiting.length > 0;
}
place.querySelector("ul")?.append(...waiting.map(line));

document.addEventListener("submit", (event) => {
  if (name && new URL(event.target.action).pathname.endsWith("/logout/")) indexedDB.deleteDatabase(name);
});
