"""The fields of a run's files: one description serves the card's table and the types that `datasets` loads them with.

Types are stated and not guessed: a column that is null in every row, or a list that is empty in every row, has no type
of its own and would not fit together with other runs.
"""

from typing import Any, NamedTuple

Kind = str | dict[str, Any]


class FieldSpec(NamedTuple):
    """One field.

    Attributes:
        type: a `datasets` value type such as `string`, or `{"list": ...}` / `{"struct": ...}` of further types.
        meaning: for the card's table; `{image}` stands for the modality's noun.
    """

    name: str
    type: Kind
    meaning: str


def _struct(**types: Kind) -> Kind:
    return {"struct": [_name_type(name, kind) for name, kind in types.items()]}


def _list(kind: Kind) -> Kind:
    if isinstance(kind, dict) and "struct" in kind:
        return {"list": kind["struct"]}
    return {"list": kind}


def _name_type(name: str, kind: Kind) -> dict[str, Any]:
    return {"name": name, "dtype": kind} if isinstance(kind, str) else {"name": name, **kind}


MESSAGES = _list(_struct(role="string", content="string"))
OBJECTIONS = _list(_struct(check="string", category="string", quote="string", reason="string"))
DEBATE = _list(
    _struct(
        round="int64",
        messages=MESSAGES,
        verdict=_struct(is_accepted="bool", objections=OBJECTIONS),
        mined=_list(_struct(text="string", category="string", objection="string")),
    )
)
IMAGE_ID = FieldSpec("image_id", "string", "id of the photograph in its dataset")
IMAGE = FieldSpec("image", "string", "{image}, relative to this folder; null without a translator")
PHOTO = FieldSpec("photo", "string", "photograph, relative to the folder of photographs")
RULES = FieldSpec("rules", _list("string"), "ids of the filtering rules in force")
ROUNDS = FieldSpec("debate", DEBATE, "every round: what was written, the verdict with its objections, the mined rules")

NUMBERS = _list(_struct(name="string", number="float64"))
EVIDENCE = "evidence"
"""Only of a run that measured."""
EVIDENCE_FIELDS = (
    IMAGE_ID,
    IMAGE,
    PHOTO,
    FieldSpec("polarity", "string", "`white-hot` where bright is known to mean warm, else `unknown`"),
    FieldSpec("unit", "string", "`celsius` where the file holds temperatures, else null"),
    FieldSpec("contrast", "float64", "99th less 1st percentile of the values: the camera's gain, nothing of the scene"),
    FieldSpec("shown", _list("float64"), "what black and white of the picture stand for, where these are temperatures"),
    FieldSpec("settings", NUMBERS, "what the file states about its temperatures (emissivity, distance, ...)"),
    FieldSpec(
        "objects",
        _list(
            _struct(name="string", label="string", box_xyxy_norm={"list": "float64"}, is_crowd="bool", source="string")
        ),
        "things, numbered by class, of the dataset or proposed by a model (`source`); facts name them by their place "
        "from 0",
    ),
    FieldSpec("measured", _list("int64"), "places of the things that were large enough to measure"),
    FieldSpec("ranked", _list("int64"), "places of the things that were compared with each other"),
    FieldSpec(
        "facts",
        _list(
            _struct(kind="string", relation="string", subject="int64", other="int64", recipe="string", values=NUMBERS)
        ),
        "what the pixels show, of which objects, with the numbers behind it: `auc`, how often a pixel of the thing is "
        "brighter than one it is compared with; `difference` and `lead`, shares of the span; or degrees Celsius",
    ),
    FieldSpec(
        "statements",
        _list(_struct(row="string", text="string", facts={"list": "int64"})),
        "every sentence of captions and instructions that states something measured, with the places of its facts",
    ),
)

CANDIDATES = "filtered captions, then the original; after an objection to what was chosen the new edits alone"
FIELDS: dict[str, tuple[FieldSpec, ...]] = {
    "pairs": (
        FieldSpec("id", "string", "`<image_id>-<index of the caption>`"),
        IMAGE_ID,
        IMAGE,
        PHOTO,
        FieldSpec("caption", "string", "the candidate with the highest score"),
        FieldSpec("original", "string", "the caption as the dataset has it"),
        FieldSpec("candidates", _list(_struct(text="string", score="float64")), CANDIDATES),
        RULES,
        FieldSpec(
            "applied",
            _list("string"),
            "ids of those whose words stood in `original` and are gone; none of the debate",
        ),
        FieldSpec("debated", "bool", "whether an instruction was written for this image"),
    ),
    "instructions": (
        FieldSpec("id", "string", "`<image_id>-<kind>`"),
        IMAGE_ID,
        IMAGE,
        PHOTO,
        FieldSpec(
            "kind", "string", "`conversation`, `description`, `reasoning`, or `sensor`: what only the sensor shows"
        ),
        FieldSpec("messages", MESSAGES, "the accepted instruction"),
        FieldSpec("rounds", "int64", "rounds until it was accepted"),
        RULES,
        ROUNDS,
    ),
    "rejected": (
        FieldSpec("id", "string", "the id the row would have had"),
        IMAGE_ID,
        PHOTO,
        FieldSpec(
            "stage",
            "string",
            "`image`, `caption`, `task`, `debate`; `instruction`: not accepted",
        ),
        FieldSpec("code", "string", "reason in one word, e.g. `generation_failed`"),
        FieldSpec("reason", "string", "reason in a sentence"),
        FieldSpec("kind", "string", "kind of the instruction; null when the whole image was rejected"),
        ROUNDS,
    ),
    "rules": (
        FieldSpec("id", "string", "`seed-<n>` or `mined-<image>-<round>-<k>`"),
        FieldSpec("text", "string", "the rule as an LLM reads it"),
        FieldSpec("category", "string", "the attribute it is about"),
        FieldSpec("origin", "string", "`seed` (written by hand) or `mined`"),
        FieldSpec("image", "string", "image it was mined from first; null for seed rules"),
        FieldSpec("round", "int64", "debate round it was mined in first; null for seed rules"),
        FieldSpec("objection", "string", "the words that gave rise to it; null for seed rules"),
        FieldSpec("support", "int64", "how often it was found"),
        FieldSpec("used", "int64", "captions that it changed"),
        FieldSpec("reverted", "string", "why the pack takes it back, so that it was never in force; else null"),
    ),
}


def list_fields(*, is_sensor: bool, has_photographs: bool, has_evidence: bool) -> dict[str, tuple[FieldSpec, ...]]:
    """The fields of a run's files; what they mean differs where a sensor took the images.

    Args:
        has_photographs: whether `--images` named photographs that are registered to them.
    """
    found = FIELDS | ({EVIDENCE: EVIDENCE_FIELDS} if has_evidence else {})
    if not is_sensor:
        return found
    photo = "registered photograph, relative to `--images`; empty where there is none" if has_photographs else OWN_PHOTO
    meanings = OF_SENSOR | {"photo": photo}
    return {
        name: fields
        if name == "rules"
        else tuple(field._replace(meaning=meanings.get(field.name, field.meaning)) for field in fields)
        for name, fields in found.items()
    }


OWN_PHOTO = "the dataset's registered photograph, else the file that the sensor wrote, relative to the folder of images"
OF_SENSOR = {
    "image_id": "id of the image in its dataset: its path without ending",
    "image": "{image} as a picture, relative to this folder",
    "original": "the caption as the dataset has it; empty where the caption was written from the image",
    "candidates": f"{CANDIDATES}; all of them written here where `original` is empty",
}
"""What fields mean in a run on images that a sensor took."""


def describe_features(config: str) -> list[dict[str, Any]]:
    """The features of one file as a dataset card's YAML states them."""
    fields = EVIDENCE_FIELDS if config == EVIDENCE else FIELDS[config]
    return [_name_type(field.name, field.type) for field in fields]


def describe_type(kind: Kind) -> str:
    """A type for people: `string`, `list of string`, `list of {role, content}`."""
    if isinstance(kind, str):
        return kind
    inner = kind["list"] if "list" in kind else kind["struct"]
    names = inner if isinstance(inner, str) else "{" + ", ".join(item["name"] for item in inner) + "}"
    return f"list of {names}" if "list" in kind else names
