"""What a run will send in waves, before it does: how many at most, and how large."""

from typing import NamedTuple

from agents.backends.arms import UNMINED, UNREAD
from agents.config import RunConfig
from agents.conversation.protocol import Job
from agents.running.cost.spending import Bill
from agents.running.schedule import BlockSchedule
from tools.endpoint.batch.lines import say_size
from tools.endpoint.tokens import BYTES_PER_TOKEN

CAPTION_WAVES = 4
"""Captions edited, judged, those objected to edited once more, and judged once more; mining travels with the next."""
LINE_BYTES = 300
"""Of a line besides the texts of its messages."""
BASE64 = 4 / 3


class WavePlan(NamedTuple):
    """Waves of a run.

    Attributes:
        an_image: waves that one image takes at the most, when every reply can be used.
        total: so many over all blocks.
        requests: likely ones in a wave, None where they are not known.
        text_bytes: of all requests' texts, likely; None where they are not known.
        image_bytes: of the images in requests at the most, 0 where no model is shown any.
    """

    an_image: int
    total: int
    requests: int | None
    text_bytes: int | None
    image_bytes: int


def count_waves(config: RunConfig, kinds: int) -> int:
    """Waves of an image with so many instructions, at the most: what is mined last has a wave of its own."""
    captions = CAPTION_WAVES if config.debates_captions and config.arm not in UNREAD else 1
    each = {"no-debate": 1, "best-of-n": config.best_of}.get(config.arm, 2 * config.max_rounds)
    is_mined = config.arm not in UNMINED and (kinds > 0 or captions > 1)
    return captions + kinds * each + is_mined


def count_all_waves(schedule: BlockSchedule, images: int, an_image: int) -> int:
    """Waves of a run at the most: blocks that may run at once share theirs, and so does a window of a frozen book."""
    together = schedule.window if schedule.is_frozen else schedule.size * schedule.lag
    return -(-images // together) * an_image


class WaveCounter:
    """Adds up what the waves of a run's images will hold."""

    def __init__(self, config: RunConfig, schedule: BlockSchedule) -> None:
        self._config = config
        self._schedule = schedule
        self._settings = config.choose("backend").read()
        self._kinds = 0
        self._image_bytes = 0.0

    def add(self, job: Job) -> None:
        """Add one image. Its picture counts as one byte a pixel, as if it did not shrink."""
        self._kinds = max(self._kinds, len(job.kinds))
        seen = int(getattr(self._settings, "vision", False) and not job.photo.captions)
        if getattr(self._settings, "judge", "") == "vision":
            seen += (2 if self._config.debates_captions else 0) + self._config.max_rounds * len(job.kinds)
        self._image_bytes += seen * job.photo.width * job.photo.height * BASE64

    def close(self, images: int, bill: Bill | None) -> WavePlan:
        """The waves of so many images.

        Args:
            bill: what the models will be asked, None where that is not known.
        """
        an_image = count_waves(self._config, self._kinds)
        total = count_all_waves(self._schedule, images, an_image)
        likely = bill.columns[-1].likely if bill else None
        text = int(likely.prompt_tokens * BYTES_PER_TOKEN + likely.requests * LINE_BYTES) if likely else None
        requests = -(-likely.requests // max(1, total)) if likely else None
        return WavePlan(an_image, total, requests, text, int(self._image_bytes))


def say_waves(plan: WavePlan) -> dict[str, str]:
    """The plan's rows."""
    requests = "" if plan.requests is None else f", likely about {plan.requests:,} requests each"
    rows = {
        "waves": f"at most {plan.an_image:,} an image and {plan.total:,} in all{requests}; more where a reply is asked "
        "for again"
    }
    if plan.text_bytes is not None:
        images = f", and at most {say_size(plan.image_bytes)} of images" if plan.image_bytes else ""
        rows["batch files"] = f"likely about {say_size(plan.text_bytes)} of text in all{images}"
    return rows
