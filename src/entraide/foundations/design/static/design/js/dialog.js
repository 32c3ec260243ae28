// Opens and closes native dialogues: data-entraide-dialog="id" opens, data-entraide-dialog-close closes.
document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-entraide-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.entraideDialog);
    if (dialog?.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  if (event.target.closest?.("[data-entraide-dialog-close]")) {
    event.preventDefault();
    event.target.closest("dialog")?.close();
  }
});
