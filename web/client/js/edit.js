// Forms with words in them: Ctrl+Enter saves, leaving with unsaved words asks, a fault is where the reader lands.
for (const form of document.querySelectorAll("form[data-guard]")) {
  const words = () => JSON.stringify([...new FormData(form)].filter(([name]) => name !== "csrf"));
  const opened = words();
  const returned = form.hasAttribute("data-dirty"); // what the server gave back is not saved yet
  let saving = false;

  addEventListener("beforeunload", (event) => {
    if (!saving && (returned || words() !== opened)) event.preventDefault();
  });
  form.addEventListener("submit", () => (saving = true));
  // Who comes back to a page kept by the browser goes on writing.
  addEventListener("pageshow", () => (saving = false));
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    // Where two versions are shown the choice is made by a button, not by the key that led there.
    const save = form.querySelector("[data-save]");
    if (save) form.requestSubmit(save);
  });
  form.querySelector("[aria-invalid=true]")?.focus();
}
