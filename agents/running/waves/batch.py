"""The transport `batch`: waves through an endpoint's Batch API, or through files and any engine."""

from agents.running.waves.api import ApiCarrier
from agents.running.waves.carrier import Carrier, CarrierParts
from agents.running.waves.files import FilesCarrier
from agents.running.waves.settings import BatchSettings


def make_batch(settings: BatchSettings, parts: CarrierParts) -> Carrier:
    """The carrier that the settings name."""
    return FilesCarrier(settings, parts) if settings.carrier == "files" else ApiCarrier(settings, parts)
