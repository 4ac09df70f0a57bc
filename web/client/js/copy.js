// Copy the caption shown and the credit line as plain text; a toast says so.
let timer = 0;

function say(text) {
  const toast = document.querySelector(".toast");
  if (!toast) return;
  toast.textContent = text;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.textContent = ""), 6000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  // The clipboard is closed to pages on plain http from another machine: no button rather than one that fails.
  if (!navigator.clipboard) {
    button.hidden = true;
    continue;
  }
  button.addEventListener("click", async () => {
    const caption = document.querySelector(".caption:not([hidden]) [data-text]")?.textContent.trim();
    const credit = document.querySelector(".creditline .parts")?.textContent.trim();
    try {
      await navigator.clipboard.writeText([caption, credit].filter(Boolean).join("\n\n"));
      say(button.dataset.done);
    } catch {
      say(button.dataset.failed);
    }
  });
}
