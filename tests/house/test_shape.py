"""The shape of the code: walls on files and functions, where everything may be caught, figures printed for the record."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from statistics import quantiles

from web.api.uploads import EXTENSIONS

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("archive", "ingest", "transcode", "search", "web", "workers", "mediateka")
LONGEST_FILE = 400
LONGEST_FUNCTION = 60
P90_FUNCTION = 25
CATCH_ALL = {
    "workers/dispatch.py",
    "mediateka/cli.py",
}  # the web's one is an error handler, no except


def sources() -> dict[str, str]:
    found = {}
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            if "migrations" not in path.parts:
                found[str(path.relative_to(ROOT))] = path.read_text()
    return found


def functions(tree: ast.AST) -> list[tuple[str, int]]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    ]


def test_no_file_is_longer_than_the_wall() -> None:
    lengths = {name: text.count("\n") for name, text in sources().items()}
    name = max(lengths, key=lengths.__getitem__)
    print(f"\nlargest file: {name}, {lengths[name]} lines of {len(lengths)} files")
    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_the_wall_and_most_are_short() -> None:
    lengths = {
        f"{name}:{function}": length
        for name, text in sources().items()
        for function, length in functions(ast.parse(text))
    }
    p90 = quantiles(lengths.values(), n=10)[8]
    print(f"\n{len(lengths)} functions, 90th percentile {p90:.0f} lines")
    assert {name: length for name, length in lengths.items() if length > LONGEST_FUNCTION} == {}
    assert p90 <= P90_FUNCTION


def test_everything_is_caught_in_three_places_only() -> None:
    blanket = [
        name
        for name, text in sources().items()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ExceptHandler)
        and (
            node.type is None
            or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"})
        )
    ]
    assert set(blanket) <= CATCH_ALL
    assert len(blanket) <= len(CATCH_ALL)


def test_importing_a_room_opens_nothing(tmp_path: Path) -> None:
    """Every module but the entries may be imported without a house around it."""
    entries = {"mediateka/wsgi.py", "mediateka/worker.py", "mediateka/__main__.py"}
    modules = [
        name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for name in sources()
        if name not in entries
    ]
    program = f"import importlib\nfor name in {modules!r}: importlib.import_module(name)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_readme_names_every_extension_of_uploads_and_every_make_target() -> None:
    readme = " ".join((ROOT / "README.md").read_text().split())
    assert f"({EXTENSIONS.replace(',', ', ')})" in readme
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    missing = {name for name in targets if f"make {name}" not in readme}
    assert missing <= {"setup-test", "fmt", "lock"}  # for those who change things
