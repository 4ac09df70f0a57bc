"""The pages people see: server-made HTML, whole at the first byte and without script."""

from web.pages import asset, collection, curate, edit, home, search, shell, static, theme, upload
from web.pages.blueprint import pages

__all__ = [
    "asset",
    "collection",
    "curate",
    "edit",
    "home",
    "pages",
    "search",
    "shell",
    "static",
    "theme",
    "upload",
]
