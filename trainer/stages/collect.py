"""The trained model in one piece, whatever it was spread over."""

from collections.abc import Callable
from typing import Any


def collect_model(model: Any, is_writer: bool, rebuild: Callable[[], Any]) -> Any:
    """The model itself, or (sharded by FSDP) a new one with the gathered weights, on the writing process only.

    Every process has to call this: gathering is done by all of them together.

    Args:
        rebuild: makes the model as it was before training, adapters included; called by the writer alone.
    """
    from torch.distributed.tensor import DTensor

    if not any(isinstance(parameter, DTensor) for parameter in model.parameters()):
        return model
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict

    state: dict[str, Any] = get_model_state_dict(
        model, options=StateDictOptions(full_state_dict=True, cpu_offload=True)
    )
    if not is_writer:
        return model
    whole = rebuild()
    whole.load_state_dict(state, strict=True)
    return whole
