"""`decide(world, request)`: everything the documents allow in answer to a request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vmss_model import requests as rq
from vmss_model.decide import (
    capabilities,
    clock,
    groups,
    images,
    marketplace,
    members,
    models,
    reading,
    registration,
    rollouts,
    scaling,
)
from vmss_model.decisions import Decision
from vmss_model.world import World


def decide(world: World, request: rq.Request) -> Decision:
    """What the documents allow: refusals, or the events that may follow with their open choices.

    Pure: the world stays as it is. No request raises, however bad.
    """
    return _DECISIONS[type(request)](world, request)


_DECISIONS: dict[type, Callable[[World, Any], Decision]] = {
    rq.AdvanceClock: clock.advance_clock,
    rq.RegisterFeature: registration.register_feature,
    rq.ShowFeature: registration.show_feature,
    rq.RegisterProvider: registration.register_provider,
    rq.CreateGroup: groups.create_group,
    rq.UpdateGroup: groups.update_group,
    rq.SetCapacity: scaling.set_capacity,
    rq.Autoscale: scaling.autoscale,
    rq.MoveGroup: groups.move_group,
    rq.DeleteGroup: groups.delete_group,
    rq.UseCapability: capabilities.use_capability,
    rq.AskFaultDomainGuarantee: capabilities.ask_fault_domain_guarantee,
    rq.CreateVm: members.create_vm,
    rq.AttachVm: members.attach_vm,
    rq.DetachVm: members.detach_vm,
    rq.DeleteVm: members.delete_vm,
    rq.ActOnInstance: members.act_on_instance,
    rq.ActOnGroup: members.act_on_group,
    rq.InstallExtension: members.install_extension,
    rq.ReportHealth: members.report_health,
    rq.ChangePower: members.change_power,
    rq.RepairInstance: members.repair_instance,
    rq.GetGroup: reading.get_group,
    rq.ListGroups: reading.list_groups,
    rq.ListInstances: reading.list_instances,
    rq.GetInstance: reading.get_instance,
    rq.QueryResourceGraph: reading.query_resource_graph,
    rq.GetBootDiagnostics: reading.get_boot_diagnostics,
    rq.RegisterStack: marketplace.register_stack,
    rq.AddOsImage: images.add_os_image,
    rq.AddMarketplaceItem: marketplace.add_marketplace_item,
    rq.RemoveMarketplaceItem: marketplace.remove_marketplace_item,
    rq.ShowMarketplace: marketplace.show_marketplace,
    rq.DeleteOsImage: images.delete_os_image,
    rq.UpgradeInstances: models.upgrade_instances,
    rq.PatchInGuest: models.patch_in_guest,
    rq.ProvisionInstance: models.provision_instance,
    rq.PlanRollout: models.plan_rollout,
    rq.ShowHeatMap: models.show_heat_map,
    rq.StartRollout: rollouts.start_rollout,
    rq.CancelRollout: rollouts.cancel_rollout,
    rq.BeginRollout: rollouts.begin_rollout,
    rq.StartBatch: rollouts.start_batch,
    rq.RestoreInstance: rollouts.restore_instance,
    rq.FailInstance: rollouts.fail_instance,
    rq.EndRollout: rollouts.end_rollout,
    rq.GetProgress: rollouts.get_progress,
    rq.GetHistory: rollouts.get_history,
    rq.PublishImage: images.publish_image,
    rq.ReplicateImage: images.replicate_image,
    rq.ExcludeImage: images.exclude_image,
    rq.ReleaseImage: images.release_image,
    rq.ChangeExternalResource: images.change_external_resource,
}
