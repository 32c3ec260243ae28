// Keys of the keyboard: an element with data-entraide-key="n" is pressed by N, and shows it.
// Never while somebody types, never with Ctrl, Alt or Meta, never behind an open dialogue.
// A button with data-entraide-keys-toggle switches all of them off and on (WCAG 2.1.4).
const STORED = "entraide-keys";
const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]";

let on = read() !== "off";

export function keysAreOn() {
  return on;
}

function read() {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // storage may be forbidden; keys then stay on
  }
}

function show(root) {
  for (const element of root.querySelectorAll("[data-entraide-key]")) {
    const key = element.dataset.entraideKey;
    element.setAttribute("aria-keyshortcuts", key);
    const holder = element.matches("input") ? element.closest("label") : element;
    if (!holder || holder.querySelector("kbd")) continue;
    const shown = document.createElement("kbd");
    shown.textContent = key.length === 1 ? key.toUpperCase() : key;
    shown.setAttribute("aria-hidden", "true");
    holder.append(shown);
  }
}

function showState() {
  document.documentElement.toggleAttribute("data-entraide-keys-off", !on);
  for (const button of document.querySelectorAll("[data-entraide-keys-toggle]")) button.setAttribute("aria-pressed", String(on));
}

function pressed(event) {
  if (!on || event.defaultPrevented || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(TYPING)) return;
  // Enter and space belong to the control that has the focus.
  if ((event.key === "Enter" || event.key === " ") && event.target.closest?.("a, button, input, summary, label")) return;
  const scope = document.querySelector("dialog[open]") ?? document;
  const wanted = event.key.toLowerCase();
  for (const element of scope.querySelectorAll("[data-entraide-key]")) {
    if (element.dataset.entraideKey.toLowerCase() !== wanted) continue;
    if (element.disabled || element.getClientRects().length === 0) continue;
    event.preventDefault();
    element.focus({ preventScroll: true });
    element.click();
    return;
  }
}

document.addEventListener("keydown", pressed);
document.addEventListener("htmx:load", (event) => show(event.detail.elt.parentElement ?? event.detail.elt));
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("[data-entraide-keys-toggle]")) return;
  on = !on;
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch {
    // the choice then lasts as long as the page
  }
  showState();
});
show(document);
showState();
