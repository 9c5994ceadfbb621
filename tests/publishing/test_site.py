"""The pages lead to each other, on a code host and on the site alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.cli.shell import ROOT

PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
"""Every page, those that stand beside `docs/` included."""
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def _links(page: Path) -> list[str]:
    found = LINK.findall(_without_code(page.read_text(encoding="utf-8")))
    return [one for one in found if not one.startswith(("http://", "https://"))]


def _anchors(page: Path) -> set[str]:
    headings = HEADING.findall(_without_code(page.read_text(encoding="utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_to_a_page_that_is_there(page: Path) -> None:
    """And, where it names a heading, the page has that heading. The site is built strictly from the same links."""
    for one in _links(page):
        path, _, anchor = one.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{one} leads nowhere"
        assert not anchor or anchor in _anchors(target), f"{one} names no heading"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_lists_within_lists_stand_apart_on_the_site_too(page: Path) -> None:
    """Its Markdown takes four spaces for a list within a list; a code host takes them as well."""
    lines = _without_code(page.read_text(encoding="utf-8")).splitlines()
    within = [line for line in lines if re.match(r" +(?:[-*]|\d+\.) ", line)]
    assert [line for line in within if (len(line) - len(line.lstrip())) % 4] == []
