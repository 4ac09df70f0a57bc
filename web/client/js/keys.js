// Single keys that work when no field has focus.
const typing = (node) => node.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  // By the character or by the key's place, so that it works with every layout.
  if (event.key === "/" || (event.code === "Slash" && !event.shiftKey)) {
    const field = document.querySelector(".search input[type=search]");
    if (!field) return;
    event.preventDefault();
    field.focus();
    field.select();
  }
  const tab = { Digit1: 0, Digit2: 1, Digit3: 2 }[event.code];
  if (tab !== undefined) document.querySelectorAll("[role=tab]")[tab]?.click();
});
