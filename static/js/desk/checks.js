// After the answer: what automatic checks found in it stands above the next item until its writer keeps or opens it.

import { Unreachable, post } from "./keeping.js";
import { note, toast } from "./screen.js";

export async function ask(root, url) {
  const answer = await post(url, []);
  if (!answer) return;
  const name = `checks-${url}`;
  const parsed = new DOMParser();
  const found = answer.found.map((each) => parsed.parseFromString(each, "text/html").body.textContent);
  note(root, name, {
    tone: "warn", icon: "alert", strong: "An automatic check sees your last answer otherwise", text: found.join(" "),
    buttons: [["Keep it", () => keep(root, url, name)], ["Look again", () => { location.assign(url); }]],
  });
}

async function keep(root, url, name) {
  try {
    toast((await post(url, [["choice", "keep"]])).said);
    document.querySelector(`[data-note="${CSS.escape(name)}"]`)?.remove();
  } catch (error) {
    toast(error instanceof Unreachable ? "Not noted: offline. Try again in a minute." : error.message);
  }
}
