"""The ExifTool child: one fresh sandboxed process per file, which prints what it read as JSON."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archive.errors import UnreadableMedia
from archive.model.asset import Reason
from archive.sandbox.budgets import READING
from archive.sandbox.child import Sandbox
from archive.sandbox.rungs import Input, Program, installed

NO_USER_SETTINGS = ("-config", "")
CHARSETS = ("-charset", "filename=utf8", "-charset", "exif=utf8")
SHAPE = ("-j", "-n", "-G1", "-struct", "-b")
GROUPS = (
    *("-XMP:all", "-IPTC", "-IPTC:all", "-Photoshop:IPTCDigest", "-EXIF:all", "-QuickTime:all"),
    *("-Composite:GPS*", "-File:MIMEType", "-ExifTool:ExifToolVersion"),
)
PICTURES = ("--ThumbnailImage", "--PreviewImage", "--JpgFromRaw", "--CoverArt", "--OtherImage")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExifTool:
    """The installed program. Names in its answers carry their group: `XMP-dc:Title-ru`, `IPTC:Keywords`."""

    sandbox: Sandbox
    program: str

    @classmethod
    def find(cls, sandbox: Sandbox) -> "ExifTool":
        """The program on the path; NoSafeDecoder when it is not installed."""
        return cls(sandbox=sandbox, program=installed("exiftool"))

    def read(self, path: Path) -> dict[str, Any]:
        """Everything descriptive that a file says, numbers as they are spelled.

        Raises OverBudget when the file wants more than 10 s, 1 GiB or 16 MiB of output, UnreadableMedia when the
        program cannot make sense of the file.
        """
        program = Program(
            arguments=(
                *(self.program, *NO_USER_SETTINGS, *CHARSETS, *SHAPE),
                *(*GROUPS, *PICTURES, "--", Input("original")),
            ),
            reads=(Path(self.program).parent,),
            is_quick=Path(self.program).is_relative_to("/usr"),
        )
        completed = self.sandbox.run(program, inputs={"original": path}, budget=READING)
        try:
            answer = json.loads(
                completed.stdout, parse_int=str, parse_float=str, parse_constant=str
            )
            found: dict[str, Any] = dict(answer[0])
        except (ValueError, LookupError, TypeError) as error:
            raise UnreadableMedia(
                "ExifTool said nothing we understand",
                reason=Reason.DAMAGED,
                detail="metadata-unread",
                tail=completed.stderr,
            ) from error
        return {key: value for key, value in found.items() if key != "SourceFile"}
