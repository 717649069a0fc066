"""Which parameters of a peer its authors trained, by name."""

from typing import Any

from tools.errors import UsageError
from trainer.model.baselines.imagebind_llm import ImageBindLlmConfig
from trainer.model.baselines.pandagpt import PandaGptConfig

BRIDGE = "multi_modal_projector."


def list_upstream(model: Any) -> frozenset[str]:
    """The parameters that upstream tuned.

    PandaGPT: projection and LoRA. ImageBind-LLM: norms, biases and LoRA of the language model. (In its alignment, which
    came before, it was the bind network with its vectors and gates: what `trainer.align --model` trains.)

    Args:
        model: a peer.

    Raises:
        UsageError: it is none, or what they trained is folded into its weights.
    """
    kind = model.config.model_type
    if not is_peer(kind):
        raise UsageError(
            f"train: upstream, as in this recipe, is for the paper's peers (PandaGPT, ImageBind-LLM), and this is a "
            f"{kind}; take a recipe for any model, e.g. any-model.yaml, or say which parts: --set sft.train=both"
        )
    names = [name for name, _ in model.named_parameters()]
    if not any("lora_" in name for name in names):
        raise UsageError(
            "train: upstream trains the LoRA of the peer, which is folded into its weights here or was never there; "
            "convert it with --lora separate, or say other parts, e.g. train: align_layer"
        )
    if model.config.model_type == PandaGptConfig.model_type:
        return frozenset(name for name in names if BRIDGE in name or "lora_" in name)
    return frozenset(name for name in names if "language_model." in name and _is_tuned(name))


def _is_tuned(name: str) -> bool:
    return "lora_" in name or name.endswith(".bias") or "norm.weight" in name


def refuse_adapters(model: Any, method: str) -> None:
    """Refuse a second set of adapters on a peer: what stands in their place would not hear of the image.

    Raises:
        UsageError: it is a peer.
    """
    kind = model.config.model_type
    if is_peer(kind):
        text = f"method: {method} puts adapters where a {kind} has its own"
        raise UsageError(f"{text}; use method: full with train: upstream, which trains those")


def is_peer(model_type: str) -> bool:
    """Whether a model type is one of the paper's peers."""
    return model_type in {PandaGptConfig.model_type, ImageBindLlmConfig.model_type}
