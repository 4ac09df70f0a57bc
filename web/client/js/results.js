// Filters and order change the results in place: same address, same page, focus stays.
let asked = null;

function addressOf(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") query.append(name, value);
  return `${form.action}?${query}`;
}

function mark(node) {
  if (!node?.name && !node?.id) return null;
  return node.id ? `[id="${CSS.escape(node.id)}"]` : `[name="${CSS.escape(node.name)}"][value="${CSS.escape(node.value)}"]`;
}

function replace(page, url) {
  const focus = mark(document.activeElement);
  const open = [...document.querySelectorAll(".filters details[open]")].map((details) => details.dataset.group);
  const sheet = document.querySelector(".filters:is(:target, [data-open])") !== null;
  const scroll = document.querySelector(".filters")?.scrollTop ?? 0;
  for (const selector of [".results", ".top .search", ".langs", ".menu[data-langs]"]) {
    const here = document.querySelector(selector);
    const there = page.querySelector(selector);
    if (here && there) here.replaceWith(document.importNode(there, true));
  }
  document.title = page.title;
  for (const group of open) document.querySelector(`.filters details[data-group="${group}"]`)?.setAttribute("open", "");
  const filters = document.querySelector(".filters");
  if (filters) {
    // A replaced element is no longer the address's target: the sheet stays open by its own sign.
    filters.toggleAttribute("data-open", sheet);
    filters.scrollTop = scroll;
  }
  if (focus) document.querySelector(focus)?.focus({ preventScroll: true });
  const live = document.querySelector("[data-live=results]");
  if (live) live.textContent = document.querySelector(".head h1")?.textContent ?? "";
}

async function show(url, push) {
  asked?.abort();
  asked = new AbortController();
  try {
    const answer = await fetch(url, { signal: asked.signal, headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (push) history.pushState({ results: true }, "", url);
    shown = 0;
    replace(page, url);
  } catch (error) {
    // The page itself says what is wrong, in words: go there.
    if (error.name !== "AbortError") location.assign(url);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.form;
  if (!form?.matches("[data-results]") || event.target.type === "search") return;
  show(addressOf(form), true);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-results]")) return;
  event.preventDefault();
  show(addressOf(event.target), true);
});

let shown = 0;

/** The next page of results below those shown, or null when the browser goes there itself. */
async function extend(link) {
  link.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const grid = page.querySelector(".found justified-grid");
    const next = page.querySelector(".more");
    const here = link.closest(".more");
    const added = grid ? document.importNode(grid, true) : null;
    if (added) here.before(added);
    if (next) here.replaceWith(document.importNode(next, true));
    else here.remove();
    shown += 1;
    return added;
  } catch {
    location.assign(link.href);
    return null;
  }
}

document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-more]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const added = await extend(link);
  added?.querySelector(".tile a")?.focus({ preventScroll: true });
});

// Who comes back from a photo finds as much of the list as was shown, at the place where it was left.
addEventListener("pagehide", () => {
  if (shown) history.replaceState({ ...history.state, shown, top: scrollY }, "");
});

async function bringBack({ shown: pages = 0, top = 0 }) {
  for (let link; shown < pages && (link = document.querySelector("a[data-more]")); ) if (!(await extend(link))) return;
  if (pages) scrollTo(0, top);
}

bringBack(history.state ?? {});

document.addEventListener("click", (event) => {
  if (event.target.closest(".sheethead a")) document.querySelector(".filters")?.removeAttribute("data-open");
});

addEventListener("popstate", () => {
  if (document.querySelector("form[data-results]")) show(location.href, false);
});
