// The waveform of a recording: what was played in full colour, the rest fainter; a press goes there.
const FAINT = 0.45;

/** Draw lowest and highest samples by turns, -128 to 127, over the whole canvas. */
function draw(canvas, pairs, share) {
  const scale = devicePixelRatio || 1;
  const { clientWidth: width, clientHeight: height } = canvas;
  canvas.width = width * scale;
  canvas.height = height * scale;
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.fillStyle = getComputedStyle(canvas).color;
  const columns = Math.floor(width / 3);
  for (let column = 0; column < columns; column += 1) {
    const from = 2 * Math.floor((column * pairs.length) / 2 / columns);
    const part = pairs.slice(from, Math.max(from + 2, 2 * Math.floor(((column + 1) * pairs.length) / 2 / columns)));
    const low = Math.min(...part);
    const high = Math.max(...part);
    const tall = Math.max(2, ((high - low) / 256) * height);
    context.globalAlpha = column / columns < share ? 1 : FAINT;
    context.fillRect(column * 3, height / 2 - (high / 256) * height - 1, 2, tall);
  }
}

/** Show the waveform beside its player; without one the player stands alone. */
export async function waveform(player, sound) {
  const canvas = player.querySelector("[data-waveform]");
  if (!canvas) return;
  const answer = await fetch(canvas.dataset.waveform);
  if (!answer.ok) return void canvas.remove();
  const { pairs, seconds } = await answer.json();
  const length = () => sound.duration || seconds;
  const show = () => draw(canvas, pairs, length() ? sound.currentTime / length() : 0);
  for (const moment of ["timeupdate", "seeking", "durationchange"]) sound.addEventListener(moment, show);
  new ResizeObserver(show).observe(canvas);
  canvas.addEventListener("click", (event) => {
    sound.currentTime = (event.offsetX / canvas.clientWidth) * length();
    sound.play();
  });
}
