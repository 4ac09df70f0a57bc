"""The states of one material that must be known, each with its reason, and what a person can do about it."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import url_for

from archive.model.asset import Asset, AssetType, Reason, State, Visibility
from archive.model.job import RENDERS, Job, JobState
from archive.rights import Act
from archive.work import OPEN, STOPPED
from web.i18n import moment_text, number_text, reason_text, words
from web.i18n.catalogue import marked as _m
from web.pages.player import lines_of
from web.pages.tiles import Viewer
from web.parts import parts
from web.rules import may

ACTS = {"cancel": _m("Cancel"), "retry": _m("Try again")}
NAMED_ACTS = {"cancel": _m("Cancel: %(what)s"), "retry": _m("Try again: %(what)s")}
MADE = {
    "examine-asset": _m("reading the file"),
    "render-stills": _m("preview"),
    "render-first-playable": _m("first copy to play"),
    "render-ladder": _m("film in every quality"),
    "render-audio": _m("copy to listen to"),
    "check-original": _m("check of the original"),
}
"""What each kind of work on a material brings."""
MAKING = {
    AssetType.PHOTO: _m("The original is safe. Preview and captions appear in a moment."),
    AssetType.VIDEO: _m("The original is safe. It plays as soon as the first copy is made."),
    AssetType.AUDIO: _m("The original is safe. It plays in a moment."),
}
PLAYS = _m("It plays in %(lines)sp already; better quality follows.")
PLAYS_WHOLE = _m("It plays already; smaller copies for slow lines follow.")


@dataclass(frozen=True, slots=True)
class ActShown:
    """Something a person can have done, by one press."""

    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StateShown:
    """A state that must be known: its name, and why; how far it has come in percent, and what can be done."""

    kind: str
    icon: str
    title: str
    text: str
    percent: int | None = None
    acts: tuple[ActShown, ...] = ()


def states_of(asset: Asset, viewer: Viewer) -> Iterator[StateShown]:
    """What must be known first: embargo, withdrawal; then trouble, or how far the house has come."""
    said, language = words(viewer.language), viewer.language
    if asset.embargo_until and viewer.now < asset.embargo_until:
        until = moment_text(asset.embargo_until, language, viewer.zone)
        title = said.gettext(_m("Embargo until %(date)s")) % {"date": until}
        text = said.gettext(_m("Until then only its owner and the archive's staff see it."))
        yield StateShown(kind="warn", icon="clock", title=title, text=text)
    if asset.visibility is Visibility.WITHDRAWN:
        title = said.gettext(_m("This material is withdrawn"))
        yield StateShown(kind="bad", icon="eye-off", title=title, text=asset.withdrawn_reason or "")
    if asset.trouble or asset.state is State.PROCESSING:
        with parts().catalogue.reading() as tx:
            jobs = tx.jobs.of(asset.id)
        yield _trouble(asset, jobs, viewer) if asset.trouble else _making(asset, jobs, viewer)


def _trouble(asset: Asset, jobs: Sequence[Job], viewer: Viewer) -> StateShown:
    assert asset.trouble
    text = reason_text(asset.trouble.reason, viewer.language)
    is_stopped = asset.trouble.reason is Reason.CANCELLED
    detail = asset.trouble.detail if viewer.is_inside and not is_stopped else None
    title = _m("Work on it was stopped") if is_stopped else _m("This material needs attention")
    return StateShown(
        kind="quiet" if is_stopped else "warn",
        icon="circle-x" if is_stopped else "triangle-alert",
        title=words(viewer.language).gettext(title),
        text=f"{text} ({detail})" if detail else text,
        acts=_acts(asset, _stopped(jobs), viewer),
    )


def _making(asset: Asset, jobs: Sequence[Job], viewer: Viewer) -> StateShown:
    """How far the renditions are, with the time left where it is known."""
    say = words(viewer.language).gettext
    renders = [job for job in jobs if job.kind in RENDERS and job.state in OPEN]
    running = next((job for job in renders if job.state is JobState.RUNNING), None)
    told = [_now(asset, lines_of(asset), say)]
    if running and running.remaining_seconds is not None:
        told.append(_left(running.remaining_seconds, viewer.language))
    return StateShown(
        kind="quiet",
        icon="clock",
        title=say(_m("Still being worked on")),
        text=" ".join(told),
        percent=round(100 * running.progress) if running and running.progress else None,
        acts=_acts(asset, [*(("cancel", job) for job in renders), *_stopped(jobs)], viewer),
    )


def _now(asset: Asset, lines: int, say: Callable[[str], str]) -> str:
    if not lines:
        return say(MAKING[asset.type])
    if lines >= min(asset.width or 0, asset.height or 0):
        return say(PLAYS_WHOLE)
    return say(PLAYS) % {"lines": lines}


def _left(seconds: float, language: str) -> str:
    minutes = math.ceil(seconds / 60)
    if minutes <= 1:
        return words(language).gettext(_m("Less than a minute is left."))
    said = words(language).ngettext(
        "About %(num)s minute is left.", "About %(num)s minutes are left.", minutes
    )
    return said % {"num": number_text(minutes, language)}


def _stopped(jobs: Sequence[Job]) -> list[tuple[str, Job]]:
    return [("retry", job) for job in jobs if job.state in STOPPED]


def _acts(asset: Asset, wanted: Sequence[tuple[str, Job]], viewer: Viewer) -> tuple[ActShown, ...]:
    """One press for each job, saying what it makes where there are several; photos are made too quickly to be stopped."""
    if not may(Act.DESCRIBE, asset):
        return ()
    say = words(viewer.language).gettext
    possible = [
        (act, job) for act, job in wanted if act == "retry" or asset.type is not AssetType.PHOTO
    ]
    named = len(possible) > 1
    return tuple(
        ActShown(
            say(NAMED_ACTS[act]) % {"what": say(MADE[job.kind])} if named else say(ACTS[act]),
            url_for(f"pages.{act}_job", asset_id=asset.id, job_id=job.id),
        )
        for act, job in possible
    )
