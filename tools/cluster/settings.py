"""What a command can be told about the cluster that it works on; nothing heavy is imported here."""

from pydantic import Field

from tools.records import Record
from tools.registry import NOT_FROZEN


class ClusterSettings(Record):
    """Which cluster, and what each actor on it takes."""

    address: str | None = Field(
        None,
        description="A Ray cluster that runs already, HOST:PORT, or `auto` for the one that this machine belongs to; "
        "without it RAY_ADDRESS of the environment, else a cluster of this machine alone.",
        json_schema_extra=NOT_FROZEN,
    )
    actors: int | None = Field(
        None,
        ge=1,
        description="Actors at once; without it as many as there is room for now.",
        json_schema_extra=NOT_FROZEN,
    )
    cpus: float = Field(1.0, gt=0, description="Processors that each actor takes.", json_schema_extra=NOT_FROZEN)
    gpus: float | None = Field(
        None,
        ge=0,
        description="GPUs that each actor takes, a part of one too (0.25: four actors share one); without it one where "
        "the cluster has GPUs and a model is to be loaded.",
        json_schema_extra=NOT_FROZEN,
    )
