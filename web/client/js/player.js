// Film and sound on a page of material: controls in the reader's language, and the playlist through hls.js.
import { addTranslation, setLanguage } from "media-chrome/dist/utils/i18n.js";
import { waveform } from "./waveform.js";

const PLAYLIST = "application/vnd.apple.mpegurl";
// Only Apple's browsers have played playlists for years, and only their own player can be sent to a television.
const playsLists = "webkitShowPlaybackTargetPicker" in HTMLMediaElement.prototype;
const INTENTS = ["pointerenter", "focusin", "touchstart", "play"];

/** Offer the languages of the sound, when there are several; `choose` is told the place of the one wanted. */
function offerVoices(player, names, chosen, choose) {
  const label = player.querySelector(".voices");
  if (!label || names.length < 2) return;
  const select = label.querySelector("select");
  select.replaceChildren(...names.map((name, place) => new Option(name, place, place === chosen, place === chosen)));
  select.onchange = () => choose(Number(select.value));
  label.hidden = false;
}

/** Change what a film is played from; it goes on from the same place, at the same speed. */
function change(film, source) {
  const { currentTime, playbackRate, paused } = film;
  source();
  if (currentTime) film.currentTime = currentTime;
  film.playbackRate = playbackRate;
  // A new source stops a film that was started already.
  if (!paused) film.play();
}

/** Play the playlist by hls.js; when that fails for good, the plain file plays on. */
function playList(Hls, film, playlist) {
  const hls = new Hls({ startPosition: film.currentTime || -1, capLevelToPlayerSize: true, backBufferLength: 30 });
  hls.on(Hls.Events.ERROR, (_event, { fatal, type, details }) => {
    if (!fatal) return;
    console.warn(`hls.js gave up (${type}, ${details}): the plain file plays on`);
    change(film, () => {
      hls.destroy();
      film.querySelector(`source[type="${PLAYLIST}"]`)?.remove();
      film.removeAttribute("src");
      film.load();
    });
  });
  const player = film.closest("media-controller");
  hls.on(Hls.Events.AUDIO_TRACKS_UPDATED, (_event, { audioTracks }) => {
    const names = audioTracks.map((track) => track.name);
    offerVoices(player, names, Math.max(0, hls.audioTrack), (place) => (hls.audioTrack = place));
  });
  change(film, () => {
    hls.loadSource(playlist);
    hls.attachMedia(film);
  });
  player.dataset.by = "hls.js";
}

/** Where the browser plays the playlist, it tells the languages itself. */
function nativeVoices(player, film) {
  film.addEventListener("loadedmetadata", () => {
    const tracks = [...(film.audioTracks ?? [])];
    const choose = (place) => tracks.forEach((track, other) => (track.enabled = other === place));
    offerVoices(player, tracks.map((track) => track.label || track.language), tracks.findIndex((track) => track.enabled), choose);
  });
}

function onFirstIntent(player, film) {
  const playlist = film.querySelector(`source[type="${PLAYLIST}"]`)?.src;
  if (!playlist) return;
  if (playsLists) return nativeVoices(player, film);
  const begin = async () => {
    for (const intent of INTENTS) player.removeEventListener(intent, begin, true);
    try {
      const { default: Hls } = await import(player.dataset.hls);
      if (Hls.isSupported()) playList(Hls, film, playlist);
    } catch (error) {
      console.warn(`hls.js did not load (${error}): the browser plays by itself`);
    }
  };
  for (const intent of INTENTS) player.addEventListener(intent, begin, true);
}

const players = document.querySelectorAll("media-controller");
if (players.length) {
  setLanguage(document.documentElement.lang);
  addTranslation(document.documentElement.lang, JSON.parse(players[0].dataset.words));
  // The elements read their words once, when they are defined: words first.
  await import("./player-parts.js");
  for (const player of players) {
    const film = player.querySelector("video, audio");
    film.removeAttribute("controls");
    onFirstIntent(player, film);
    waveform(player, film);
  }
}
