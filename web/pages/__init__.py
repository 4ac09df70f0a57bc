"""The pages people see: server-made HTML, whole at the first byte and without script."""

from web.pages import asset, home, search, shell, static, theme, upload
from web.pages.blueprint import pages

__all__ = ["asset", "home", "pages", "search", "shell", "static", "theme", "upload"]
