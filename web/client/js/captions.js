// Captions in three languages as tabs; without script they stand one below the other.
for (const box of document.querySelectorAll("[data-captions]")) {
  const list = box.querySelector(".tabs");
  const tabs = [...list.querySelectorAll("[role=tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  const choose = (index, focus) => {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", String(i === index));
      tab.tabIndex = i === index ? 0 : -1;
      panels[i].removeAttribute("data-later");
      panels[i].hidden = i !== index;
    });
    if (focus) tabs[index].focus();
  };
  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => choose(index, false));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (step) choose((index + step + tabs.length) % tabs.length, true);
      if (event.key === "Home") choose(0, true);
      if (event.key === "End") choose(tabs.length - 1, true);
    });
  });
  for (const panel of panels) panel.setAttribute("role", "tabpanel");
  choose(Math.max(0, tabs.findIndex((tab) => tab.getAttribute("aria-selected") === "true")), false);
}
