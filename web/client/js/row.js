// One file on the deposit page: its name, what becomes of it in words, and what the person can do.
const MOVING = new Set(["reading", "sending", "checking", "paused"]);
const OVER = new Set(["stored", "examining", "ready", "attention", "known", "refused"]);
const SHOWN_LOCALLY = /^image\/(jpeg|png|webp|avif|gif)$/;

export const fill = (text, facts) => text.replace(/%\((\w+)\)s/g, (whole, name) => facts[name] ?? whole);

/** Numbers as the server writes them: browsers do not know how Azerbaijani does. */
export function number(value, digits, marks) {
  const [whole, part] = String(Number(value.toFixed(digits))).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, marks.group);
  return part ? grouped + marks.decimal + part : grouped;
}

/** Sizes as the server writes them: 2.1 MB, 2,1 MB, 2,1 МБ. */
export function size(bytes, words) {
  const step = bytes < 1e6 ? 1 : bytes < 1e9 ? 2 : 3;
  const value = bytes / 1000 ** step;
  const digits = step > 1 && value < 100 ? 1 : 0;
  const shown = number(bytes ? Math.max(value, 1) : 0, digits, words.marks);
  return fill(words.sizes[step - 1], { num: shown });
}

export class Row {
  constructor(file, template, words) {
    this.file = file;
    this.words = words;
    this.sent = 0;
    this.taken = false;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.find(".fname > span").textContent = file.name;
    this.find(".size").textContent = size(file.size, words);
    this.find("[data-leave]").addEventListener("click", () => this.onLeave());
    this.find("[data-again]").addEventListener("click", () => this.onAgain());
    for (const button of this.element.querySelectorAll("[data-leave], [data-again]")) {
      button.setAttribute("aria-label", `${button.textContent.trim()}: ${file.name}`);
    }
    this.find(".bar").setAttribute("aria-label", file.name);
    if (SHOWN_LOCALLY.test(file.type) && file.size < 40e6) this.picture(URL.createObjectURL(file), true);
    this.show("waiting");
  }

  find(selector) {
    return this.element.querySelector(selector);
  }

  get alive() {
    return this.element.isConnected;
  }

  get moving() {
    return MOVING.has(this.state);
  }

  get over() {
    return OVER.has(this.state);
  }

  picture(url, local) {
    const image = new Image(96, 68);
    image.alt = "";
    image.addEventListener("load", () => {
      this.find(".thumb").replaceChildren(image);
      if (local) URL.revokeObjectURL(url);
    });
    image.src = url;
  }

  /** Show a state with its reason in words; `facts` fill the words, `link` leads to the material. */
  show(state, { facts = {}, reason = "", link = "", retry = false } = {}) {
    this.state = state;
    this.retry = retry;
    this.element.dataset.state = state;
    const { icon, text, hint } = this.words.states[state];
    this.find(".status span").textContent = fill(text, facts);
    this.find(".status use").setAttribute("href", `#i-${icon}`);
    this.find(".status .icon").toggleAttribute("data-spin", icon === "loader");
    this.find(".reason").textContent = reason || fill(hint ?? "", facts);
    const bar = this.find(".bar");
    bar.hidden = state !== "sending" && state !== "paused";
    this.find("[data-leave]").hidden = !["waiting", "reading", "sending", "paused", "refused", "known"].includes(state);
    this.find("[data-again]").hidden = state !== "paused" && !retry;
    const open = this.find("[data-open]");
    open.hidden = !link;
    if (link) open.href = link;
  }

  progress(sent, speed) {
    this.sent = sent;
    const percent = this.file.size ? Math.floor((sent / this.file.size) * 100) : 100;
    this.find(".bar").value = percent;
    const rate = speed ? fill(this.words.rate, { size: size(speed, this.words) }) : "";
    this.show("sending", { facts: { percent }, reason: rate });
  }

  kept() {
    this.show("paused", {
      facts: { sent: size(this.sent, this.words), all: size(this.file.size, this.words) },
    });
  }
}
