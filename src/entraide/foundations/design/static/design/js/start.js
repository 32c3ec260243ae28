// What a full page starts with. A module is fetched when the page (or a fragment put into it) has an
// element that needs it. A room adds its own modules in the block "scripts".
import "entraide/toast";
import "entraide/htmx-handlers";

const WANTED = {
  "[data-entraide-dialog]": () => import("entraide/dialog"),
  "[data-entraide-menu]": () => import("entraide/menu"),
  "[data-entraide-key]": () => import("entraide/keys"),
  "form[data-entraide-draft], [data-entraide-draft-done]": () => import("entraide/drafts"),
  "[data-entraide-copy], [data-entraide-share]": () => import("entraide/share"),
};

function look(root) {
  for (const [selector, fetchModule] of Object.entries(WANTED)) {
    if (!root.matches?.(selector) && !root.querySelector(selector)) continue;
    delete WANTED[selector];
    fetchModule();
  }
}

look(document);
// A form came back: what is wrong with it is read first. A specimen in the gallery is no form.
document.querySelector(".error-summary:not(.gallery-pane *)")?.focus();
document.addEventListener("htmx:load", (event) => look(event.detail.elt));
