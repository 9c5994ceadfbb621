"""The plain group of each kind, from which others differ in what a family of requests is about."""

from __future__ import annotations

from vmss_invariants.exploring.bounds import REGION
from vmss_invariants.exploring.scene import Scene
from vmss_model import requests as rq
from vmss_model.copying import evolve
from vmss_model.editions import Presence
from vmss_model.images import GalleryImage, ImageReference
from vmss_model.rollout import RollingPolicy
from vmss_model.values import HealthSource, UpgradeMode
from vmss_model.world import AutoscaleBounds, GroupKey, Profile

IMAGE = GalleryImage("gallery", "web")
"""The image of the explored groups: a gallery's, of which a version is available as soon as it is published."""
_UPGRADING = frozenset({"rolling", "carrying_out", "attempting", "opting", "qualifying"})
"""The families that upgrade members, or let them be upgraded."""


def plain_group(scene: Scene, key: GroupKey) -> rq.CreateGroup:
    """An empty group as its kind takes it, regional and without a number of fault domains."""
    rules = scene.rules
    watched = "watching" in scene.bounds.families
    sources = tuple(one for one in HealthSource if rules.health_sources is None or one in rules.health_sources)
    scales = rules.autoscale is not None and rules.autoscale.value
    limit = rules.update_domains
    plain = rq.CreateGroup(
        key=key,
        kind=scene.kind,
        region=REGION,
        update_domain_count=limit.lowest if limit is not None and limit.lowest <= scene.bounds.update_domains else None,
        single_placement_group=min(rules.single_placement_group) if rules.single_placement_group else None,
        profile=None if rules.explicit or rules.profile is Presence.FORBIDDEN else Profile(),
        health_source=sources[0] if watched and sources else None,
        autoscale=AutoscaleBounds(min(1, scene.bounds.instances), scene.bounds.instances) if scales else None,
        repairs=watched and not rules.explicit and rules.health_sources is not None,
    )
    if not _UPGRADING.isdisjoint(scene.bounds.families) and not rules.explicit:
        return upgradable(plain, speaks=scene.world.edition.automatic_upgrades(scene.kind) is not None)
    return plain


def upgradable(plain: rq.CreateGroup, *, speaks: bool) -> rq.CreateGroup:
    """The group with all that rollouts ask for, as far as the edition speaks of them; they are switched on."""
    return evolve(
        plain,
        profile=Profile(image=ImageReference(IMAGE)),
        health_source=HealthSource.EXTENSION,
        upgrade_mode=UpgradeMode.MANUAL if speaks else UpgradeMode.ROLLING,
        rolling=None if speaks else RollingPolicy(max_batch_percent=50, pause_seconds=60),
        os_upgrade=speaks,
        single_placement_group=True,
    )
