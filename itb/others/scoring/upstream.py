"""Whose rules go with which benchmark."""

from itb.others.scoring.fusionrs import FusionRs, HitUavVqa
from itb.others.scoring.if_bench import IfBench
from itb.others.scoring.ir_td import IrTd
from itb.others.scoring.rgb_th_bench import RgbThBench
from itb.others.scoring.rows import Rules
from itb.others.scoring.thermeval import ThermEval
from itb.others.scoring.vs_tdx import VsTdx
from itb.others.scoring.wildfire_vqa import WildFireVqa
from tools.errors import UsageError

UPSTREAM: dict[str, Rules] = {
    "if-bench": IfBench(),
    "hit-uav-vqa": HitUavVqa(),
    "fusionrs": FusionRs(),
    "ir-td": IrTd(),
    "rgb-th-bench": RgbThBench(),
    "vs-tdx": VsTdx(),
    "wildfire-vqa": WildFireVqa(),
    "thermeval": ThermEval(),
}
"""By the benchmark's name; what is not here has our rules alone."""


def find_rules(name: str) -> Rules:
    """The rules of a benchmark of others.

    Raises:
        UsageError: it has none.
    """
    if name not in UPSTREAM:
        raise UsageError(f"{name} has no rules of its own; those are known of {', '.join(UPSTREAM)}")
    return UPSTREAM[name]
