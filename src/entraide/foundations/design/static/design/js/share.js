// Copies the text of a field (data-entraide-copy="id of the field"), or hands the page to the
// telephone's own share sheet (data-entraide-share, shown only where there is one).
import { toast } from "entraide/toast";
import { word } from "entraide/words";

for (const button of document.querySelectorAll("[data-entraide-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.entraideCopy).value);
    toast(word("copied"), "done");
  });
}

for (const button of document.querySelectorAll("[data-entraide-share]")) {
  button.hidden = !navigator.share;
  button.addEventListener("click", () => {
    navigator.share({ title: document.title, url: button.dataset.entraideShare || location.href }).catch(() => {
      // closed without sharing: nothing to say
    });
  });
}
