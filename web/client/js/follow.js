// While material is being worked on, its page keeps up: states change in place, and what plays or shows next appears by itself.
const EVERY_MS = 3000;
const SLOWEST_MS = 30_000;

function isPlaying() {
  const film = document.querySelector("media-controller video, media-controller audio");
  return film !== null && film.currentTime > 0 && !film.ended;
}

async function follow(wait) {
  const here = document.querySelector("[data-follow]");
  if (!here) return;
  let next = EVERY_MS;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const sources = (document_) => [...document_.querySelectorAll(".stage source, .stage img")].map((node) => node.getAttribute("src")).join();
    const isNew = sources(page) !== sources(document);
    // Nobody's film is interrupted for a better copy of it.
    if (isNew && !isPlaying()) return location.reload();
    const there = page.querySelector(".states");
    if (there && !here.contains(document.activeElement)) here.replaceWith(document.importNode(there, true));
  } catch {
    next = Math.min(2 * wait, SLOWEST_MS);
  }
  setTimeout(() => follow(next), next);
}

if (document.querySelector("[data-follow]")) setTimeout(() => follow(EVERY_MS), EVERY_MS);
