// A menu (details with data-entraide-menu) closes with Escape, and when one clicks or tabs elsewhere.
const open = () => document.querySelectorAll("details[data-entraide-menu][open]");

function closeOthers(event) {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
}

document.addEventListener("click", closeOthers);
document.addEventListener("focusin", closeOthers);
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  }
});
