"""What the site shows besides `docs/`: the README, CONTRIBUTING and CHANGELOG, which stand beside that folder.

On a code host they are linked to as the files they are (`../README.md`); on the site they are pages of their own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

_ROOT = Path(__file__).parent
_OUTSIDE = {"README.md": "readme.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""The pages' names on the site. One that is called README would take the place of the index."""
_LINK = re.compile(r"\]\((?:\.\./)?([A-Z]+\.md)\)")


def on_files(files: Any, *, config: Any) -> Any:
    """The files beside `docs/` are pages too."""
    for name, page in _OUTSIDE.items():
        files.append(File.generated(config, page, content=_seen_from_docs((_ROOT / name).read_text(encoding="utf-8"))))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links to these files lead to their pages."""
    return _LINK.sub(lambda found: f"]({_OUTSIDE.get(found[1], found[1])})", markdown)


def _seen_from_docs(markdown: str) -> str:
    """What stands beside `docs/` links into it: on the site both are in one folder."""
    return markdown.replace("](docs/", "](")
