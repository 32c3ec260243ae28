// Short messages at the edge of the page. Good news leaves by itself, bad news waits to be closed.
import { word } from "entraide/words";

const STAY_MS = 8000;
const place = document.getElementById("toasts");

// tone: info, done, urgent or error.
export function toast(sentence, tone = "info") {
  if (!place) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.dataset.tone = tone;
  const text = document.createElement("p");
  text.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", word("close"));
  close.setAttribute("data-entraide-toast-close", "");
  box.append(text, close);
  place.append(box);
  arm(box);
}

function arm(box) {
  const close = box.querySelector("[data-entraide-toast-close]");
  if (close) {
    close.hidden = false;
    close.addEventListener("click", () => box.remove());
  }
  if (box.dataset.tone === "error" || box.dataset.tone === "urgent") return;
  let timer = setTimeout(() => box.remove(), STAY_MS);
  for (const event of ["pointerenter", "focusin"]) box.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) {
    box.addEventListener(event, () => {
      clearTimeout(timer);
      timer = setTimeout(() => box.remove(), STAY_MS);
    });
  }
}

for (const box of document.querySelectorAll("[data-entraide-toast]")) arm(box);
