// While material is being worked on, its page keeps up: states change in place, and what plays or shows next appears by itself.
const EVERY_MS = 3000;
const SLOWEST_MS = 30_000;
const FIELDS = "main :is(input:not([type=hidden]), textarea, select)";

const sources = (page) => [...page.querySelectorAll(".stage source, .stage img")].map((node) => node.getAttribute("src")).join();
// As it was sent: the player takes sources away that it cannot use.
const opened = sources(document);

/** Somebody is in the middle of a film; at its beginning or its end nothing is interrupted. */
function isWatching() {
  const film = document.querySelector("media-controller video, media-controller audio");
  return film !== null && !film.ended && (!film.paused || film.currentTime > 0);
}

/** Somebody has begun to fill something in. */
function isWriting() {
  const chosen = (field) => Math.max(0, [...field.options].findIndex((option) => option.defaultSelected));
  const isChanged = (field) => (field.options ? field.selectedIndex !== chosen(field) : field.value !== field.defaultValue);
  return Boolean(document.activeElement?.matches(FIELDS)) || [...document.querySelectorAll(FIELDS)].some(isChanged);
}

/** Load the page anew as soon as that takes nothing from anybody. */
function reloadInQuiet() {
  if (isWatching() || isWriting()) setTimeout(reloadInQuiet, EVERY_MS);
  else location.reload();
}

/** Put the new states in; false while somebody is at a button in the old ones. */
function change(here, there) {
  if (here.contains(document.activeElement)) return false;
  here.replaceWith(document.importNode(there, true));
  return true;
}

async function follow(wait) {
  const here = document.querySelector("[data-follow]");
  if (!here) return;
  // Nobody looks: it goes on when somebody does.
  if (document.hidden) return document.addEventListener("visibilitychange", () => follow(EVERY_MS), { once: true });
  let next = EVERY_MS;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const isNew = sources(page) !== opened;
    if (isNew && !isWatching() && !isWriting()) return location.reload();
    const there = page.querySelector(".states");
    const isChanged = there !== null && change(here, there);
    if (isNew && isChanged && !there.hasAttribute("data-follow")) return reloadInQuiet();
  } catch {
    next = Math.min(2 * wait, SLOWEST_MS);
  }
  setTimeout(() => follow(next), next);
}

if (document.querySelector("[data-follow]")) setTimeout(() => follow(EVERY_MS), EVERY_MS);
