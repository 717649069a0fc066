"""What the paper does and what this project does, setting by setting: the one table behind `--paper`.

Every setting of a run stands here: with the paper's value and ours, or among those that are no part of the method.
Where the paper says nothing, `--paper` changes nothing.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

SILENT: Final = "not stated"
"""The paper does not say."""


class PaperSetting(NamedTuple):
    """One setting of a run.

    Attributes:
        name: as the run's configuration has it.
        paper: the paper's value, `SILENT` where it gives none.
        ours: the default.
        about: what hangs on it, in a few words.
        is_taken: `--paper` sets it; False for what needs weights or data that a user may not have.
    """

    name: str
    paper: Any
    ours: Any
    about: str
    is_taken: bool = True


PAPER_SETTINGS: Final = (
    PaperSetting("block", 1, 512, "an image reads the rules mined in all images before it, or in whole blocks"),
    PaperSetting("lag", 1, 2, "how many blocks later mined rules are read"),
    PaperSetting("rule_cap", SILENT, 32, "mined rules in force at most"),
    PaperSetting("freeze", False, False, "mined rules change the book"),
    PaperSetting("candidates", 5, 5, "filtered captions a caption; the prompt samples at the paper's 0.8"),
    PaperSetting("breaches_may_win", True, False, "a caption that breaks a rule in force may be chosen"),
    PaperSetting("debate", "instructions", "captions,instructions", "what the debate agent judges"),
    PaperSetting("max_rounds", SILENT, 3, "attempts before generation failed"),
    PaperSetting("instructions", "10%", "10%", "images that get instructions; 12k of 118k"),
    PaperSetting("mix", SILENT, "58:23:77", "weights of the kinds of instructions"),
    PaperSetting("evidence", "off", "auto", "what is measured in the pixels of sensor images"),
    PaperSetting("judge", "text-only", "findings", "what the judge is given besides the text"),
    PaperSetting("notes", "raw", "grouped", "boxes one by one, or grouped, counted and compared with captions"),
    PaperSetting("writer_list", "off", "off", "writers are given what the modality cannot show"),
    PaperSetting("recall", "off", "on", "requests know what was objected to earlier in the image"),
    PaperSetting("directives", "off", "on", "writers are asked for something of their own"),
    PaperSetting("examples", "fixed", "rotating", "worked examples of the writers"),
    PaperSetting("vision", False, False, "a model sees images that came without a caption"),
    PaperSetting("skip_clean_captions", False, False, "captions in which the lexicon finds nothing are not sent"),
    PaperSetting("content_attempts", SILENT, 2, "times a question is asked until its reply can be read"),
    PaperSetting("arm", "full", "full", "a part of the system is left out"),
    PaperSetting(
        "translator", "srgb-tir", None, "photograph to the modality; the default is the pack's", is_taken=False
    ),
    PaperSetting("scorer", "languagebind", None, "caption against image; the default is the pack's", is_taken=False),
    PaperSetting("model", "GPT-3.5", None, "who writes and judges", is_taken=False),
)
OUTSIDE: Final = frozenset({
    "paper", "captions", "instances", "images", "sensor_images", "dataset", "out", "limit", "shard", "hold_out",
    "group_by", "backend", "pack", "best_of", "seed", "base_url", "key_variable", "api_key", "roles",
    "requests_per_minute", "tokens_per_minute", "timeout", "attempts", "budget", "prices", "skip_failed",
    "rules", "translator_weights", "translator_folder", "scorer_weights", "scorer_antialias", "polarity",
    "unit", "span", "style_codes", "style_policy", "style_index", "device", "precision", "set", "executor",
    "concurrency", "workers", "deadline", "replies", "record", "recording", "split", "accept_colours", "transport",
    "carrier", "address", "actors",
})  # fmt: skip
"""Settings that are no part of the method: data, places, machines, and how the paper's own tools are loaded."""


def list_paper_values() -> dict[str, Any]:
    """What `--paper` sets."""
    return {row.name: row.paper for row in PAPER_SETTINGS if row.is_taken and row.paper != SILENT}


def describe_paper(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The manifest's part `paper`: each setting, the paper's value, ours, and that of this run.

    Args:
        settings: of the run; what is missing is no setting of what was chosen and gives null.
    """
    return [
        {"setting": row.name, "paper": row.paper, "ours": row.ours, "run": settings.get(row.name), "about": row.about}
        for row in PAPER_SETTINGS
    ]
