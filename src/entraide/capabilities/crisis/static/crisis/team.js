// The team's pages: choose a whole page of reports, and follow a bulk change.
const all = document.querySelector("[data-entraide-choose-all]");
if (all) {
  all.hidden = false;
  all.addEventListener("click", () => {
    const boxes = [...document.querySelectorAll("input[name=ref]")];
    const to = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = to;
  });
}
