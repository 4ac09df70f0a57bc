// Bundle the client into web/static/ under names that carry their content's hash, and write manifest.json.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..");
const out = join(root, "web", "static");
const target = ["chrome120", "edge120", "firefox121", "safari17"];

const common = { absWorkingDir: root, bundle: true, minify: true, metafile: true, target, outdir: out, legalComments: "none", logLevel: "warning" };

function names(result) {
  const manifest = {};
  for (const [path, made] of Object.entries(result.metafile.outputs)) {
    if (made.entryPoint) manifest[basename(made.entryPoint).replace(/^index\.css$/, "app.css")] = relative(out, join(root, path));
    for (const input of Object.keys(made.inputs)) {
      if (input.endsWith(".woff2")) manifest[basename(input)] = relative(out, join(root, path));
    }
  }
  return manifest;
}

function sprite() {
  const icons = readFileSync(join(here, "icons.txt"), "utf8").trim().split("\n");
  const symbols = icons.map((name) => {
    const svg = readFileSync(join(root, "node_modules", "lucide-static", "icons", `${name}.svg`), "utf8");
    const inside = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="i-${name}" viewBox="0 0 24 24">${inside.replace(/\s+/g, " ").replace(/ ?\/> ?/g, "/>").trim()}</symbol>`;
  });
  return `<svg class="sprite" aria-hidden="true">${symbols.join("")}</svg>`;
}

// The player's elements carry their style sheets in themselves: the page's policy admits exactly those, by hash.
async function styleHashes() {
  const { globalThis: shim } = await import("media-chrome/dist/utils/server-safe-globals.js");
  const elements = [];
  shim.customElements.define = (_name, element) => elements.push(element);
  await import("./js/player-parts.js");
  const sheets = elements.flatMap((element) => [...element.getTemplateHTML({}, {}).matchAll(/<style>([^]*?)<\/style>/g)].map((found) => found[1]));
  return [...new Set(sheets)].map((sheet) => `sha256-${createHash("sha256").update(sheet).digest("base64")}`).sort();
}

// Files of the last build go only after the new ones are there: a page served meanwhile still finds its own.
// The fonts first: the style sheet names them.
const python = join(root, ".venv", "bin", "python");
execFileSync(existsSync(python) ? python : "python3", [join(here, "fonts.py")], { stdio: "inherit" });
mkdirSync(out, { recursive: true });
const before = readdirSync(out);
const modules = await build({ ...common, entryPoints: { app: "web/client/js/app.js", upload: "web/client/js/upload.js", edit: "web/client/js/edit.js", player: "web/client/js/player.js", hls: "hls.js/light", "hls-full": "hls.js" }, format: "esm", entryNames: "[name]-[hash]" });
const classic = await build({ ...common, entryPoints: ["web/client/js/grid.js"], format: "iife", entryNames: "[name]-[hash]" });
const styles = await build({ ...common, entryPoints: ["web/client/css/index.css"], entryNames: "app-[hash]", assetNames: "[name]-[hash]", loader: { ".woff2": "file" } });
const manifest = { ...names(modules), ...names(classic), ...names(styles) };
writeFileSync(join(out, "player-styles.json"), JSON.stringify(await styleHashes(), null, 1));
const symbols = sprite();
manifest["sprite.svg"] = `sprite-${createHash("sha256").update(symbols).digest("hex").slice(0, 8)}.svg`;
writeFileSync(join(out, manifest["sprite.svg"]), symbols);
writeFileSync(join(out, "manifest.json"), JSON.stringify(manifest, null, 1));
const kept = new Set([...Object.values(manifest), "manifest.json", "player-styles.json", "stamp"]);
for (const name of before) if (!kept.has(name)) rmSync(join(out, name), { recursive: true });
