// What is typed into a form with data-entraide-draft="name" is kept in this browser until it is sent.
// Never passwords, never files, never hidden fields; a day at most, for telephones are shared.
// Without a connection the form waits, says so, and is sent when the connection is back.
// A page that shows an element with data-entraide-draft-done="name" says: it arrived, forget it.
import { word } from "entraide/words";

const PREFIX = "entraide-draft:";
const KEEP_MS = 24 * 60 * 60 * 1000;
const PAUSE_MS = 400;

for (const done of document.querySelectorAll("[data-entraide-draft-done]")) forget(done.dataset.entraideDraftDone);
for (const form of document.querySelectorAll("form[data-entraide-draft]")) keep(form, form.dataset.entraideDraft);

function keep(form, name) {
  const draft = load(name);
  if (draft && mayReturn(draft, form)) restore(form, name, draft.values);
  else if (draft) forget(name);

  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => store(name, { values: values(form), at: Date.now() }), PAUSE_MS);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    store(name, { values: values(form), at: Date.now(), sent: true });
    if (navigator.onLine) return;
    event.preventDefault();
    notice(form, word("waiting"));
    addEventListener("online", () => form.requestSubmit(event.submitter), { once: true });
  });
}

// A draft that was sent comes back only where sending failed: on the way back, or with errors shown.
function mayReturn(draft, form) {
  if (Date.now() - draft.at > KEEP_MS) return false;
  if (!draft.sent) return true;
  const way = performance.getEntriesByType("navigation")[0]?.type;
  return way === "back_forward" || form.querySelector("[aria-invalid=true]") !== null;
}

function controls(form) {
  return [...form.elements].filter((control) => control.name && !["password", "hidden", "file", "submit", "button"].includes(control.type));
}

function values(form) {
  const kept = [];
  for (const control of controls(form)) {
    const ticks = control.type === "checkbox" || control.type === "radio";
    if (ticks ? control.checked !== control.defaultChecked : control.value !== (control.defaultValue ?? "")) {
      kept.push(ticks ? [control.name, control.value, control.checked] : [control.name, control.value]);
    }
  }
  return kept;
}

function restore(form, name, kept) {
  let changed = false;
  for (const [field, value, checked] of kept) {
    for (const control of controls(form)) {
      if (control.name !== field) continue;
      if (control.type === "checkbox" || control.type === "radio") {
        if (control.value === value && control.checked !== checked) {
          control.checked = checked;
          changed = true;
        }
      } else if (control.value === (control.defaultValue ?? "") && control.value !== value) {
        control.value = value;
        changed = true;
      }
    }
  }
  if (!changed) return;
  notice(form, word("restored"), () => {
    forget(name);
    form.reset();
  });
}

function notice(form, sentence, discard) {
  form.querySelector("[data-entraide-draft-notice]")?.remove();
  const box = document.createElement("div");
  box.className = "notice";
  box.dataset.tone = "info";
  box.setAttribute("data-entraide-draft-notice", "");
  box.setAttribute("role", "status");
  const text = document.createElement("p");
  text.textContent = sentence;
  box.append(text);
  if (discard) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet";
    button.textContent = word("discard");
    button.addEventListener("click", () => {
      discard();
      box.remove();
    });
    box.append(button);
  }
  form.prepend(box);
}

function load(name) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + name));
  } catch {
    return null;
  }
}

function store(name, draft) {
  try {
    if (draft.values.length) localStorage.setItem(PREFIX + name, JSON.stringify(draft));
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // no storage, no draft; the form works as it did
  }
}

function forget(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // nothing was kept
  }
}
