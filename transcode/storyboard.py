"""The storyboard: sheets of small pictures and the WebVTT that says which part of which sheet belongs to which seconds."""

SHEET = 100
COLUMNS = 10


def vtt(frames: int, tile: tuple[int, int], interval: float, seconds: float) -> str:
    """One cue a picture (WebVTT with media fragments `xywh`); sheets lie in `storyboard/` beside it."""
    width, height = tile
    lines = ["WEBVTT", ""]
    for at in range(frames):
        begin, place = at * interval, at % SHEET
        end = max(begin + 0.001, seconds if at == frames - 1 else begin + interval)
        x, y = place % COLUMNS * width, place // COLUMNS * height
        sheet = f"storyboard/{at // SHEET + 1:04}.jpg"
        lines += [
            f"{stamp(begin)} --> {stamp(end)}",
            f"{sheet}#xywh={x},{y},{width},{height}",
            "",
        ]
    return "\n".join(lines)


def stamp(seconds: float) -> str:
    """An instant as WebVTT writes it."""
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{thousandths:03}"
