// Around every fragment htmx fetches: the token against forgery, what is heard, where the focus goes.
import { toast } from "entraide/toast";
import { say, word } from "entraide/words";

const SLOW_MS = 700;
let slow = 0;
let focused = "";

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = document.body.dataset.entraideCsrf ?? "";
});

document.addEventListener("htmx:beforeRequest", () => {
  clearTimeout(slow);
  slow = setTimeout(() => say(word("loading")), SLOW_MS);
});
document.addEventListener("htmx:afterRequest", () => {
  clearTimeout(slow);
  say("");
});

document.addEventListener("htmx:beforeSwap", () => {
  focused = document.activeElement?.id ?? "";
});
document.addEventListener("htmx:afterSettle", (event) => {
  const fresh = event.detail.elt;
  const title = fresh.querySelector?.("[data-entraide-title]");
  if (title) document.title = title.dataset.entraideTitle;
  const called = fresh.querySelector?.("[data-entraide-focus], [autofocus]");
  if (called) return focus(called);
  // The element that had the focus may have been replaced: give it to the one of the same name,
  // otherwise to what is new, so that nobody is thrown back to the top of the page.
  if (document.activeElement && document.activeElement !== document.body) return;
  const same = focused && document.getElementById(focused);
  if (same) focus(same);
  else if (focused !== "" || event.detail.requestConfig?.triggeringEvent?.type === "click") focus(fresh);
});

document.addEventListener("htmx:responseError", (event) => toast(reason(event.detail.xhr), "error"));
document.addEventListener("htmx:sendError", () => toast(word("offline"), "error"));
document.addEventListener("htmx:timeout", () => toast(word("offline"), "error"));

// A refusal comes as a fragment that explains itself; anything else is our fault.
function reason(xhr) {
  if (xhr.status < 500 && (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html")) {
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    const said = page.querySelector("[data-entraide-refusal], .notice p, main p")?.textContent.trim();
    if (said) return said;
  }
  return word("fault");
}

function focus(element) {
  if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
  element.focus();
}
