"""One verification of everything, shared by the tests that look at it; and its rule coverage, on request.

`pytest tests/invariants --hypothesis-show-statistics` prints the table of rules at the end.
"""

from __future__ import annotations

from types import MappingProxyType

import pytest
from tests.support import REFINEMENT

from vmss_invariants.catalogue import INVARIANTS
from vmss_invariants.verify import Report, verify

_REPORT = pytest.StashKey[Report]()


@pytest.fixture(scope="session")
def report(pytestconfig: pytest.Config) -> Report:
    """Every invariant, and that every step is refined, verified on every kind of group of every edition.

    With as many examples as reach all of them.
    """
    examined = MappingProxyType({**INVARIANTS, REFINEMENT.id: REFINEMENT})
    with pytest.MonkeyPatch.context() as patch:
        for module in ("walker", "verify"):
            patch.setattr(f"vmss_invariants.{module}.INVARIANTS", examined)
        found = verify(examples=10)
    pytestconfig.stash[_REPORT] = found
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have those that look at it stand together: then one of the processes makes it, and no other again."""
    items.sort(key=lambda item: "report" not in getattr(item, "fixturenames", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how often each rule granted and refused."""
    found = config.stash.get(_REPORT, None)
    if found is not None and config.getoption("hypothesis_show_statistics", default=False):
        terminalreporter.section("rule coverage")
        terminalreporter.write_line(found.coverage.table())
