"""Films: the first playable thing, then the ladder with poster and storyboard, made by one process and checked before it counts."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive import faults
from archive.errors import RenderFailed, UnreadableMedia
from archive.model.asset import Asset, Reason, Trouble
from archive.model.rendition import Playable
from archive.model.streams import Film, Streams
from archive.sandbox.child import Sandbox
from transcode import ffmpeg, ladder, packaging, storyboard
from transcode.check import Checked, check_rung, check_together, slack
from transcode.ffmpeg import Report
from transcode.ladder import Plan
from transcode.making import Made, MadeFile, recipe_of
from transcode.plan import demuxer_of
from transcode.stills_of_film import PREFIX, paste

LADDER_FOLDER, FIRST_FOLDER = "ladder", "first"
LADDER_REPLACES = (f"{FIRST_FOLDER}/", f"{LADDER_FOLDER}/", PREFIX)
FIRST_REPLACES = (f"{FIRST_FOLDER}/",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shooting:
    """One render: the original as a local file, its asset and streams, an empty folder, and who is told how far it is."""

    path: Path
    asset: Asset
    streams: Streams
    folder: Path
    sandbox: Sandbox
    report: Report


def render_ladder(shooting: Shooting) -> Made:
    """Make every rung, the playlists, poster and storyboard in the folder.

    What does not decode to its end is told as `trouble`. Raises UnreadableMedia when no frame decodes, OverBudget,
    RenderFailed when what was made is not what was asked for, NoRoom, and what `report` raises.
    """
    film = _film(shooting)
    plan = ladder.plan_of(shooting.streams, film, demuxer_of(shooting.asset.original.media_type))
    try:
        return _made(shooting, plan, LADDER_FOLDER)
    except RenderFailed:
        if not plan.rungs[0].copied:
            raise
    _empty(
        shooting.folder
    )  # a stream that looked fit to be copied is not: encode it like any other
    return _made(shooting, replace(plan, rungs=ladder.rungs_of(film)), LADDER_FOLDER)


def render_first(shooting: Shooting) -> Made:
    """Make the quickest thing that plays; errors as in `render_ladder`."""
    film = _film(shooting)
    plan = ladder.first_plan(shooting.streams, film, demuxer_of(shooting.asset.original.media_type))
    if plan.rungs[0].copied:
        try:
            return _made(shooting, plan, FIRST_FOLDER)
        except (RenderFailed, UnreadableMedia):
            _empty(shooting.folder)
            plan = ladder.encoded_first(plan)
    return _made(shooting, plan, FIRST_FOLDER)


def _film(shooting: Shooting) -> Film:
    film = shooting.streams.film
    if film is None:
        raise UnreadableMedia(
            "there is no picture", reason=Reason.UNSUPPORTED_CODEC, detail="no-decoder"
        )
    return film


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def _made(shooting: Shooting, plan: Plan, place: str) -> Made:
    arguments = ladder.arguments(plan)
    tools = (ffmpeg.version(shooting.sandbox),)
    film = plan.film
    seconds = shooting.streams.seconds
    work = ffmpeg.Work(
        arguments=arguments,
        seconds=seconds,
        frames=film.timeline.count,
        budget=ffmpeg.budget_of(seconds, film.width * film.height * film.rate, heavy=film.is_hdr),
    )
    ffmpeg.run(
        work,
        shooting.path,
        shooting.folder,
        sandbox=shooting.sandbox,
        report=shooting.report,
    )
    faults.point("film.before_probe")
    files, checked = _rungs(shooting, plan, place)
    stills, pasted = _stills(shooting, plan)
    return Made(
        recipe=recipe_of(shooting.asset.original.sha256, arguments, tools),
        files=(*stills, *files),
        tools=tools,
        placeholder=pasted.get("placeholder"),
        colour=pasted.get("colour"),
        trouble=_short(plan, checked),
    )


def _rungs(shooting: Shooting, plan: Plan, place: str) -> tuple[list[MadeFile], dict[str, Checked]]:
    """Check every rung and write the playlists beside them; the master comes last."""
    files, variants, checked = [], [], {}
    for rung in plan.rungs:
        path = shooting.folder / f"{rung.name}.mp4"
        if not path.is_file() or path.is_symlink():
            raise RenderFailed(f"{rung.name} was promised and not made", detail="probe")
        package = packaging.package_of(path)
        checked[rung.name] = seen = check_rung(path, rung, package, plan, shooting.sandbox)
        size = {"width": rung.width, "height": rung.height}
        listed = shooting.folder / f"{rung.name}.m3u8"
        listed.write_text(packaging.media_playlist(package, path.name), encoding="ascii")
        files.append(MadeFile(profile=f"{place}/{path.name}", path=path, **size))
        files.append(MadeFile(profile=f"{place}/{listed.name}", path=listed, **size))
        variants.append(
            packaging.Variant(uri=listed.name, package=package, rate=seen.line.rate, **size)
        )
    check_together(
        {rung.name: checked[rung.name] for rung in plan.rungs if not rung.copied} or checked
    )
    master = shooting.folder / "master.m3u8"
    master.write_text(packaging.master_playlist(variants), encoding="ascii")
    top = plan.rungs[0]
    files.append(
        MadeFile(profile=f"{place}/{master.name}", path=master, width=top.width, height=top.height)
    )
    return files, checked


def _short(plan: Plan, checked: dict[str, Checked]) -> Trouble | None:
    """A source whose packets do not decode to the end of what they promise."""
    promised = plan.film.timeline.seconds
    there = max(seen.line.seconds for seen in checked.values())
    if promised - there <= slack(promised):
        return None
    return Trouble(reason=Reason.TRUNCATED, detail=f"{there:.1f} of {promised:.1f} s")


def _stills(shooting: Shooting, plan: Plan) -> tuple[list[MadeFile], dict[str, Any]]:
    if not plan.with_poster:
        return [], {}
    pasted = paste(shooting.folder, shooting.sandbox)
    files = pasted.files(shooting.folder)
    if plan.story is not None and pasted.frames:
        path = shooting.folder / "storyboard.vtt"
        text = storyboard.vtt(pasted.frames, pasted.tile, plan.story, shooting.streams.seconds)
        path.write_text(text, encoding="ascii")
        files.append(MadeFile(profile=str(Playable.STORYBOARD), path=path))
    return files, pasted.report
