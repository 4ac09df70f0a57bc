// Justified rows, planned before the first tile is parsed, so that nothing moves after it has been painted.
const MOST = 14;
const LOWEST = 0.62;
const HIGHEST = 1.25;
const UNIT = 64; // browsers lay out in parts of a pixel of this size
let serial = 0;

/** Rows of least cost by dynamic programme: `[{from, to, height, end}]`, `to` exclusive. All lengths in CSS pixels. */
export function plan(ratios, width, gap, target) {
  const count = ratios.length;
  const cost = new Float64Array(count + 1).fill(Infinity);
  const start = new Int32Array(count + 1);
  cost[0] = 0;
  for (let to = 1; to <= count; to++) {
    let sum = 0;
    for (let from = to - 1; from >= 0 && to - from <= MOST; from--) {
      sum += ratios[from];
      const height = (width - gap * (to - from - 1)) / sum;
      if (height < LOWEST * target && to - from > 1) break;
      let price = ((height - target) / target) ** 2;
      if (height < target) price *= 1.6;
      if (to === count) price = Math.min(price, 0.05);
      if (cost[from] + price < cost[to]) {
        cost[to] = cost[from] + price;
        start[to] = from;
      }
    }
  }
  const rows = [];
  for (let to = count; to > 0; to = start[to]) {
    const from = start[to];
    const sum = ratios.slice(from, to).reduce((a, b) => a + b, 0);
    const height = (width - gap * (to - from - 1)) / sum;
    const end = to === count && height > HIGHEST * target;
    rows.unshift({ from, to, height: end ? target : height, end });
  }
  return rows;
}

class JustifiedGrid extends HTMLElement {
  connectedCallback() {
    if (this.sheet) return;
    this.dataset.grid = ++serial;
    this.ratios = (this.getAttribute("r") || "").split(" ").map(Number).filter(Boolean);
    this.colours = (this.getAttribute("c") || "").split(" ");
    this.sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.sheet];
    this.draw(this.clientWidth);
    this.watch = new ResizeObserver(([entry]) => this.draw(Math.floor(entry.contentRect.width)));
    this.watch.observe(this);
  }

  disconnectedCallback() {
    this.watch?.disconnect();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== this.sheet);
    this.sheet = null;
  }

  draw(width) {
    if (!width || width === this.drawn) return;
    this.drawn = width;
    const phone = matchMedia("(max-width: 720px)").matches;
    const wide = matchMedia("(min-width: 1800px)").matches;
    const gap = phone ? 3 : 8;
    const target = Number(this.getAttribute("h")) || (phone ? 118 : wide ? 212 : 172);
    const rules = [];
    for (const row of plan(this.ratios, width, gap, target)) {
      // Whole widths, not growth: a row that is not parsed to its end yet stands as it will.
      const room = width - gap * (row.to - row.from - 1);
      let left = room;
      for (let i = row.from; i < row.to; i++) {
        const wanted = i === row.to - 1 && !row.end ? left : this.ratios[i] * row.height;
        const wide = Math.floor(Math.min(wanted, left) * UNIT) / UNIT;
        left -= wide;
        const colour = /^[0-9a-f]{6}$/i.test(this.colours[i] || "") ? `--c:#${this.colours[i]};` : "";
        rules.push(
          `justified-grid[data-grid="${this.dataset.grid}"] .tile:nth-child(${i + 1}){--r:${this.ratios[i]};flex:0 0 ${wide}px;${colour}}`,
        );
      }
    }
    this.sheet.replaceSync(rules.join(""));
  }
}

if (!customElements.get("justified-grid")) customElements.define("justified-grid", JustifiedGrid);
