"""Films: the first playable thing, then the ladder with poster and storyboard, made by one process and checked before it counts."""

import re
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive import faults
from archive.errors import RenderFailed, UnreadableMedia
from archive.model.asset import Asset, Reason, Trouble
from archive.model.rendition import Playable, Rendition
from archive.model.streams import Film, Streams
from archive.sandbox.child import Sandbox
from transcode import closer, ffmpeg, ladder, packaging, storyboard, voices
from transcode.check import (
    Checked,
    Still,
    check_decoding,
    check_rung,
    check_together,
    check_voice,
    slack,
)
from transcode.ffmpeg import Report
from transcode.ladder import Plan
from transcode.making import Made, MadeFile, promised, recipe_of, write
from transcode.plan import demuxer_of
from transcode.stills_of_film import PREFIX, paste

LADDER_FOLDER, FIRST_FOLDER = "ladder", "first"
RUNG = re.compile(r"/\d+\.mp4\Z")
LADDER_REPLACES = (f"{FIRST_FOLDER}/", f"{LADDER_FOLDER}/", PREFIX)
FIRST_REPLACES = (f"{FIRST_FOLDER}/",)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A rung that was made before, lent as a local file, with the recipe it was made by."""

    path: Path
    recipe: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shooting:
    """One render: the original as a local file, its asset and streams, an empty folder, and who is told how far it is.

    `earlier` is the lowest rung where the first playable brought one.
    """

    path: Path
    asset: Asset
    streams: Streams
    folder: Path
    sandbox: Sandbox
    report: Report
    earlier: Earlier | None = None

    @property
    def demuxer(self) -> str:
        """The one that may open the original."""
        return demuxer_of(self.asset.original.media_type)


def earlier_rung(asset: Asset) -> Rendition | None:
    """The rung of the first playable that was made for it, not copied."""
    found = (one for one in asset.renditions if one.profile.startswith(f"{FIRST_FOLDER}/"))
    return next((one for one in found if RUNG.search(one.profile)), None)


def render_ladder(shooting: Shooting) -> Made:
    """Make every rung, the playlists, poster and storyboard in the folder.

    What does not decode to its end is told as `trouble`. Raises UnreadableMedia when no frame decodes, OverBudget,
    RenderFailed when what was made is not what was asked for, NoRoom, and what `report` raises.
    """
    streams, flags = _looked_at(shooting)
    film = _film(streams)
    plan = ladder.plan_of(streams, film, shooting.demuxer)
    if shooting.earlier and shooting.earlier.recipe == _first_recipe(shooting, streams):
        plan = ladder.with_reused(plan)
    try:
        return _made(shooting, plan, LADDER_FOLDER, flags)
    except RenderFailed:
        if all(rung.is_encoded for rung in plan.rungs):
            raise
    # A stream that looked fit to be copied, or a rung to be taken over, is not: encode everything.
    _empty(shooting.folder)
    whole = replace(plan, rungs=ladder.rungs_of(film))
    return _made(shooting, whole, LADDER_FOLDER, flags)


def render_first(shooting: Shooting) -> Made:
    """Make the quickest thing that plays; errors as in `render_ladder`."""
    streams, flags = _looked_at(shooting)
    plan = ladder.first_plan(streams, _film(streams), shooting.demuxer)
    if plan.rungs[0].copied:
        try:
            return _made(shooting, plan, FIRST_FOLDER, flags)
        except (RenderFailed, UnreadableMedia):
            _empty(shooting.folder)
            plan = ladder.encoded_first(plan)
    return _made(shooting, plan, FIRST_FOLDER, flags)


def _looked_at(shooting: Shooting) -> tuple[Streams, tuple[str, ...]]:
    film = _film(shooting.streams)
    looked = closer.look(shooting.path, film, shooting.demuxer, shooting.sandbox)
    return replace(shooting.streams, film=looked.film), looked.flags


def _first_recipe(shooting: Shooting, streams: Streams) -> str:
    """By which the first playable would be encoded today."""
    plan = ladder.first_plan(streams, _film(streams), shooting.demuxer)
    arguments = ladder.arguments(ladder.encoded_first(plan))
    tools = (ffmpeg.version(shooting.sandbox),)
    return recipe_of(shooting.asset.original.sha256, arguments, tools)


def _film(streams: Streams) -> Film:
    film = streams.film
    if film is None:
        raise UnreadableMedia(
            "there is no picture", reason=Reason.UNSUPPORTED_CODEC, detail="no-decoder"
        )
    return film


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _made(shooting: Shooting, plan: Plan, place: str, flags: tuple[str, ...]) -> Made:
    arguments = ladder.arguments(plan)
    tools = (ffmpeg.version(shooting.sandbox),)
    film = plan.film
    seconds = shooting.streams.seconds
    rate = max(film.rate, film.timeline.rate)
    budget = ffmpeg.budget_of(
        plan.seconds_there, film.width * film.height * rate, heavy=film.is_hdr
    )
    work = ffmpeg.Work(arguments=arguments, seconds=seconds, frames=plan.frames, budget=budget)
    ffmpeg.run(
        work, shooting.path, shooting.folder, sandbox=shooting.sandbox, report=shooting.report
    )
    if shooting.earlier and plan.rungs[-1].reused:
        _take_over(shooting.earlier, shooting.folder / f"{plan.rungs[-1].name}.mp4")
    faults.point("film.before_probe")
    files, checked = _rungs(shooting, plan, place)
    stills, pasted = _stills(shooting, plan)
    return Made(
        recipe=recipe_of(shooting.asset.original.sha256, arguments, tools),
        files=(*stills, *files),
        tools=tools,
        placeholder=pasted.get("placeholder"),
        colour=pasted.get("colour"),
        flags=flags,
        trouble=_short(plan, checked),
    )


def _take_over(earlier: Earlier, path: Path) -> None:
    """Copy the earlier rung; RenderFailed when it was replaced since it was lent, or its place is taken."""
    try:
        with earlier.path.open("rb") as source, path.open("xb") as target:
            shutil.copyfileobj(source, target)
    except (FileNotFoundError, FileExistsError) as error:
        raise RenderFailed("the earlier rung cannot be taken over", detail="probe") from error


def _rungs(shooting: Shooting, plan: Plan, place: str) -> tuple[list[MadeFile], dict[str, Checked]]:
    """Check every rung and write the playlists beside them; the master comes last."""
    files, variants, checked = [], [], {}
    paths = {rung.name: shooting.folder / f"{rung.name}.mp4" for rung in plan.rungs}
    for rung in plan.rungs:
        path = promised(paths[rung.name])
        package = packaging.package_of(path)
        checked[rung.name] = seen = check_rung(path, rung, package, plan, shooting.sandbox)
        size = {"width": rung.width, "height": rung.height}
        files += _with_playlist(path, package, place, **size)
        variants.append(
            packaging.Variant(uri=f"{rung.name}.m3u8", package=package, rate=seen.line.rate, **size)
        )
    check_together(
        {rung.name: checked[rung.name] for rung in plan.rungs if not rung.copied} or checked
    )
    check_decoding(paths, _still(shooting, plan), shooting.sandbox)
    group = _voices(shooting, plan, checked[plan.rungs[0].name].line.first)
    for voice in group:
        if voice.package:
            path = shooting.folder / f"{voice.uri.removesuffix('.m3u8')}.mp4"
            files += _with_playlist(path, voice.package, place)
    beside = max((voice.package.peak for voice in group if voice.package), default=0)
    master = shooting.folder / "master.m3u8"
    write(master, packaging.master_playlist(variants, voices.lines(group), beside))
    top = plan.rungs[0]
    files.append(
        MadeFile(profile=f"{place}/{master.name}", path=master, width=top.width, height=top.height)
    )
    return files, checked


def _voices(shooting: Shooting, plan: Plan, first: float) -> list[voices.Voice]:
    """The checked voices, the main sound in front; `first` is the instant of the first picture made."""
    if not plan.voices or plan.streams.sound is None:
        return []
    made = []
    for sound in plan.voices:
        path = promised(shooting.folder / f"{voices.name_of(sound)}.mp4")
        made.append((sound, check_voice(path, sound, first, plan.streams, shooting.sandbox)))
    return voices.group(plan.streams.sound, made)


def _with_playlist(
    path: Path, package: packaging.Package, place: str, width: int = 0, height: int = 0
) -> list[MadeFile]:
    listed = path.with_suffix(".m3u8")
    write(listed, packaging.media_playlist(package, path.name))
    return [
        MadeFile(profile=f"{place}/{one.name}", path=one, width=width, height=height)
        for one in (path, listed)
    ]


def _still(shooting: Shooting, plan: Plan) -> Still | None:
    """Where no poster is made, what the check decodes anyhow gives one: a tile has a picture early."""
    if plan.with_poster:
        return None
    scale = min(1.0, ladder.CANDIDATE_EDGE / plan.film.edge)
    width, height = (
        max(2, 2 * round(side * scale / 2)) for side in (plan.film.width, plan.film.height)
    )
    return Still(folder=shooting.folder, width=width, height=height)


def _short(plan: Plan, checked: dict[str, Checked]) -> Trouble | None:
    """A source whose packets do not decode to the end of what they promise."""
    promised = plan.seconds
    there = max(seen.line.seconds for seen in checked.values())
    if promised - there <= slack(promised):
        return None
    return Trouble(reason=Reason.TRUNCATED, detail=f"{there:.1f} of {promised:.1f} s")


def _stills(shooting: Shooting, plan: Plan) -> tuple[list[MadeFile], dict[str, Any]]:
    pasted = paste(shooting.folder, shooting.sandbox)
    files = pasted.files(shooting.folder)
    if plan.story is not None and pasted.frames:
        path = shooting.folder / "storyboard.vtt"
        text = storyboard.vtt(pasted.frames, pasted.tile, plan.story, shooting.streams.seconds)
        write(path, text)
        files.append(MadeFile(profile=str(Playable.STORYBOARD), path=path))
    return files, pasted.report
