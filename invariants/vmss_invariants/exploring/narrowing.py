"""What one edition lets the platform choose and another does not, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator

from vmss_invariants.describing import described
from vmss_model.choices import Cell, Placements
from vmss_model.copying import evolve
from vmss_model.decisions import Grant, Picks
from vmss_model.editions import KindRules
from vmss_model.values import GroupKind
from vmss_model.world import World


def narrower(world: World, kind: GroupKind, grant: Grant, picks: Picks) -> tuple[tuple[str, ...], str] | None:
    """The rules of a choice that rules out what was picked, and what it allows; None if all is allowed."""
    for choice in grant.choices:
        value = picks.get(choice.name)
        if not choice.allows(value):
            rules = choice.rules
            if isinstance(choice, Placements):
                rules = tuple(_narrowing(world.edition.kinds[kind], choice, value))
            return rules, f"{described(value)} is not allowed: {choice.describe()}"
    return None


def with_update_domains(grant: Grant, picks: Picks) -> Picks:
    """The same picks but for update domains, which editions count differently."""
    adapted = dict(picks)
    for choice in grant.choices:
        value = adapted.get(choice.name)
        if isinstance(choice, Placements) and isinstance(value, tuple):
            adapted[choice.name] = tuple(_with_update_domain(choice, cell) for cell in value)
    return adapted


def _with_update_domain(choice: Placements, cell: Cell) -> Cell:
    if choice.maps_update_domains:
        return evolve(cell, update_domain=cell.fault_domain)
    return cell if cell.update_domain in choice.update_domains else evolve(cell, update_domain=choice.update_domains[0])


def _narrowing(rules: KindRules, choice: Placements, value: object) -> Iterator[str]:
    """The rules without which the placement would be allowed."""
    if evolve(choice, spreads_domains=False).allows(value) and rules.spreads_domains is not None:
        yield rules.spreads_domains.rule
    elif evolve(choice, balances_zones=False).allows(value) and rules.zone_balance is not None:
        yield rules.zone_balance.rule
    elif rules.update_domains_mapped is not None:
        yield rules.update_domains_mapped.rule
    elif rules.update_domains is not None:
        yield rules.update_domains.rule
