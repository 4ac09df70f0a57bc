// The deposit page: files are chosen or dropped, checked, sent four at a time, and followed until they are ready.
import { Row, number } from "./row.js";
import { Sender } from "./send.js";

const AT_ONCE = 4;
const desk = document.querySelector("[data-desk]");
if (desk) open(desk);

function open(desk) {
  const words = JSON.parse(desk.dataset.words);
  const sender = new Sender(desk);
  const rows = [];
  const list = desk.querySelector(".files");
  const input = desk.querySelector("[data-choose] input");
  let running = 0;

  const begun = desk.querySelector("[data-begun]");
  let unsent = [];

  // What was cut off by leaving the page, less what has been chosen again since.
  const remind = () => {
    const names = unsent.filter((name) => !rows.some((row) => row.file.name === name));
    begun.hidden = !names.length;
    begun.querySelector("[data-names]").textContent = names.join(", ");
  };
  sender.begun().then((names) => {
    unsent = names;
    remind();
  });

  const add = (files) => {
    for (const file of files) {
      const known = rows.find((row) => row.alive && same(row.file, file));
      if (known) {
        meet(known);
        continue;
      }
      const row = new Row(file, desk.querySelector("template"), words);
      row.onLeave = () => leave(row);
      row.onAgain = () => again(row);
      rows.push(row);
      list.append(row.element);
    }
    remind();
    next();
  };

  // Chosen once more: show where it is, and try again what had failed.
  const meet = (row) => {
    for (const one of rows) one.element.toggleAttribute("data-met", one === row);
    row.element.scrollIntoView({ block: "nearest" });
    if (row.state === "paused" || (row.state === "refused" && row.retry)) again(row);
  };

  const leave = (row) => {
    sender.stop(row);
    const at = rows.indexOf(row);
    if (at >= 0) rows.splice(at, 1);
    const beside = row.element.nextElementSibling ?? row.element.previousElementSibling;
    row.element.remove();
    (beside?.querySelector("button:not([hidden]), a:not([hidden])") ?? desk.querySelector("[data-choose] input")).focus();
    sum();
  };

  const again = (row) => {
    if (row.state === "paused") return sender.resume(row);
    row.show("waiting");
    next();
  };

  const next = () => {
    sum();
    while (running < AT_ONCE) {
      const row = rows.find((one) => one.state === "waiting" && !one.taken);
      if (!row) return;
      row.taken = true;
      running += 1;
      sender.send(row, sum).finally(() => {
        row.taken = false;
        running -= 1;
        next();
      });
    }
  };

  const sum = () => total(desk, rows, words);

  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  catchDrops(desk, add);
  addEventListener("beforeunload", (event) => {
    if (rows.some((row) => row.moving)) event.preventDefault();
  });
}

const same = (one, other) => one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;

function catchDrops(desk, add) {
  let depth = 0;
  const mark = (on) => desk.classList.toggle("dropping", on);
  addEventListener("dragenter", (event) => {
    if (event.dataTransfer?.types.includes("Files")) mark(++depth > 0);
  });
  addEventListener("dragleave", () => mark((depth = Math.max(0, depth - 1)) > 0));
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    event.preventDefault();
    mark((depth = 0) > 0);
    add(event.dataTransfer.files);
  });
}

let told = 0;

function total(desk, rows, words) {
  const plural = new Intl.PluralRules(document.documentElement.lang);
  const count = (forms, n) => (forms[plural.select(n)] ?? forms.other).replace("%(num)s", number(n, 0, words.marks));
  const of = (...states) => rows.filter((row) => states.includes(row.state)).length;
  const parts = [
    [words.sums.files, rows.length, true],
    [words.sums.here, of("stored", "examining", "ready"), false],
    [words.sums.known, of("known"), false],
    [words.sums.moving, rows.filter((row) => row.moving || row.state === "waiting").length, false],
    [words.sums.need, of("refused", "attention"), true],
  ].filter(([, n]) => n > 0);
  const sums = desk.querySelector(".sums");
  sums.replaceChildren(
    ...parts.map(([forms, n, strong]) => Object.assign(document.createElement(strong ? "b" : "span"), { textContent: count(forms, n) })),
  );
  const bar = desk.querySelector(".overall");
  const all = rows.reduce((size, row) => size + row.file.size, 0);
  const sent = rows.reduce((size, row) => size + (row.over ? row.file.size : row.sent), 0);
  bar.hidden = !rows.length;
  bar.value = all ? Math.round((sent / all) * 100) : 100;
  bar.toggleAttribute("data-done", rows.length > 0 && rows.every((row) => row.over));
  // Spoken at most once in five seconds, summed.
  const now = performance.now();
  if (now - told > 5000 || rows.every((row) => row.over)) {
    told = now;
    desk.querySelector("[data-live]").textContent = parts.map(([forms, n]) => count(forms, n)).join(", ");
  }
}
