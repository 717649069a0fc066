"""How much memory a step needs: formulas over the sizes of a model, proved against what training measures.

Bytes, with h the width, f the inner width, q and k those of queries and keys, and c the bytes of a computed number
(2 in bf16, 4 in fp32):

    weights      frozen ones in their number format, trained ones in fp32; 4 bits: 0.516 a weight, its scales included
    gradients    4 a trained weight; optimizer: 8 (AdamW's two moments)
    activations  a token and a block keep 2 h in fp32 (the norms' inputs) and c (2 q + 2 k + 3 f); blocks that are
                 trained also 2 h in fp32 (normed) and the inputs of their linear layers; adapters keep the inputs of
                 all of them in fp32, and their dropout masks
    with gradient checkpointing   h a token and a block, and one block in full
    head         12 a supervised token and word of the vocabulary (logits, their log-softmax, its gradient), 14 in bf16
    copies       2 a weight that is kept in fp32 and computed with in bf16 (autocast keeps what it cast)
    update       4 a trained weight while AdamW divides by the root of its second moment (on GPUs)

The peak is the largest of two moments: the end of the forward pass (gradients only where batches are accumulated),
and the update (gradients, no activations). On a CPU it is the resident set of the process: what was freed stays with
the C library, so the copy of the weights from loading counts, and gradients always come on top.
"""

from dataclasses import dataclass

from trainer.model.sizes import Language, Sizes
from trainer.recipe import SftPart, StagePart

GB = 2**30
BYTES = {"fp32": 4, "bf16": 2}
QUANTISED_BYTES = 0.516  # NF4: 4 bits a weight, and scales of 64 weights each, quantised once more


@dataclass(frozen=True)
class Batch:
    """What a device holds of a batch at once.

    Attributes:
        samples: as many images.
        positions: tokens, images widened, padding included.
        supervised: tokens to learn from.
        is_accumulated: further batches of the same step follow, so that gradients are there already.
    """

    samples: int
    positions: float
    supervised: float
    is_accumulated: bool


@dataclass(frozen=True)
class Memory:
    """GB of one device.

    Attributes:
        base_gb: of the process before there is a model; on a GPU, of its driver.
        loading_gb: what stays of putting the model together; 0 on a GPU, whose host does that.
    """

    weights_gb: float
    gradients_gb: float
    optimizer_gb: float
    activations_gb: float
    update_gb: float = 0.0
    base_gb: float = 0.0
    loading_gb: float = 0.0
    is_accumulated: bool = True

    @property
    def total_gb(self) -> float:
        """The peak."""
        forward = self.activations_gb + (self.gradients_gb if self.is_accumulated else 0)
        step = max(forward, self.gradients_gb + self.update_gb)
        return self.base_gb + self.loading_gb + self.weights_gb + self.optimizer_gb + step

    def list_parts(self) -> list[tuple[str, float]]:
        """Names and sizes, those left out that are nothing."""
        parts = [
            ("weights", self.weights_gb),
            ("gradients", self.gradients_gb),
            ("optimizer", self.optimizer_gb),
            ("activations", self.activations_gb),
        ]
        more = [("update", self.update_gb), ("loading", self.loading_gb), ("process", self.base_gb)]
        return parts + [(name, size) for name, size in more if size]


def estimate_memory(
    sizes: Sizes, part: StagePart, batch: Batch, *, is_gpu: bool = True, base_gb: float = 0.0, shards: int = 1
) -> Memory:
    """Memory of one step on one device.

    Args:
        shards: devices that share weights, gradients and optimizer (FSDP).
    """
    trained, adapters = count_trained(sizes, part)
    learning = trained + adapters
    gradients = learning * 4 / GB / shards
    return Memory(
        _count_weight_bytes(sizes, part, trained, adapters) / GB / shards,
        gradients,
        2 * gradients,
        count_activation_bytes(sizes, part, batch, is_gpu) / GB,
        gradients if is_gpu else 0.0,
        base_gb,
        0.0 if is_gpu else (sizes.language.parameters + sizes.tower) * BYTES[part.frozen_precision] / GB,
        batch.is_accumulated or not is_gpu,
    )


def count_trained(sizes: Sizes, part: StagePart) -> tuple[int, int]:
    """Parameters that are trained in full, and those of adapters on every linear layer of the blocks."""
    if not isinstance(part, SftPart):
        return sizes.align_layer, 0
    language = sizes.language
    layer = sizes.align_layer if part.train in {"align_layer", "both"} else 0
    if part.method != "full":
        return layer, count_adapters(language, part)
    return layer + (language.parameters if part.train in {"llm", "both"} else 0), 0


def is_forecast(part: StagePart) -> bool:
    """Whether these formulas hold for what learns: a tower that does keeps activations that they leave out."""
    return not isinstance(part, SftPart) or part.train in {"align_layer", "llm", "both"}


def _count_weight_bytes(sizes: Sizes, part: StagePart, trained: int, adapters: int) -> float:
    frozen = sizes.tower * (part.feature_cache is None) + sizes.align_layer + sizes.language.parameters - trained
    held: float = frozen * BYTES[part.frozen_precision] + (trained + adapters) * 4
    if isinstance(part, SftPart) and part.method != "full" and part.train == "both":
        held += sizes.align_layer * BYTES[part.frozen_precision]  # PEFT keeps the untrained copy
    if isinstance(part, SftPart) and part.method == "qlora":
        blocks = sizes.language.parameters - sizes.language.ends
        held += blocks * (QUANTISED_BYTES - BYTES[part.frozen_precision])
    return held


def count_activation_bytes(sizes: Sizes, part: StagePart, batch: Batch, is_gpu: bool) -> float:
    """What is kept for the gradients at the end of the forward pass, the head's own work on top."""
    language = sizes.language
    computed = 2 if part.precision == "bf16" or (part.frozen_precision == "bf16" and not _trains_blocks(part)) else 4
    block = batch.positions * _count_block_bytes(language, part, computed, is_gpu)
    head = batch.supervised * language.vocabulary * (12 if computed == 4 else 14)
    copies = _count_copied(language, part) * 2
    image = batch.samples * sizes.image_bytes
    if not part.gradient_checkpointing:
        return language.layers * block + copies + image + max(head, batch.positions * 3 * language.inner * computed)
    stream = 2 if part.frozen_precision == "bf16" and not _trains_blocks(part) else 4
    kept = batch.positions * language.width * stream * language.layers
    return kept + image + max(head, block + copies / language.layers, copies)


def _trains_blocks(part: StagePart) -> bool:
    return isinstance(part, SftPart) and part.method == "full" and part.train != "align_layer"


def _count_block_bytes(language: Language, part: StagePart, computed: int, is_gpu: bool) -> float:
    """What a block keeps of a token."""
    width = language.width
    held = 2 * width * 4 + computed * (2 * language.queries + 2 * language.keys + 3 * language.inner)
    if _trains_blocks(part):
        inputs = 2 * width if computed == 4 else language.linear_in - language.queries - language.inner
        return held + 2 * width * 4 + computed * (inputs + language.inner)
    if isinstance(part, SftPart) and part.method != "full":
        mask = (1 if is_gpu else 4) if part.lora.dropout else 0
        held += language.linear_in * (computed + mask) + language.linears * part.lora.rank * computed
    return held


def _count_copied(language: Language, part: StagePart) -> int:
    """Weights of linear layers that are kept in fp32 and computed with in bf16."""
    if part.precision != "bf16":
        return 0
    if part.frozen_precision == "fp32" or _trains_blocks(part):
        return language.parameters - language.ends // 2
    return count_adapters(language, part)


def count_adapters(language: Language, part: StagePart) -> int:
    """Parameters of adapters; none where weights are trained in full."""
    if not isinstance(part, SftPart) or part.method == "full":
        return 0
    return part.lora.rank * (language.linear_in + language.linear_out) * language.layers
