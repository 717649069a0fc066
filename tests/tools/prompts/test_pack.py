"""A pack's `modality.yaml`: what it gives, and what it says when something in it is wrong."""

from pathlib import Path

import pytest
import yaml

from tools.errors import MissingError, UsageError
from tools.prompts import DEFAULT_PACK
from tools.prompts.frozen import freeze_pack, read_frozen
from tools.prompts.pack import load_pack
from tools.prompts.requests import load_requests

SHIPPED = Path(__file__).resolve().parents[3] / DEFAULT_PACK


def write(folder: Path, **changes: object) -> Path:
    """A copy of the shipped pack's `modality.yaml`; `nouns__imge="x"` puts a key in below `nouns`."""
    data = yaml.safe_load((SHIPPED / "modality.yaml").read_text())
    for place, value in changes.items():
        *parents, key = place.split("__")
        inner = data
        for parent in parents:
            inner = inner[parent]
        if value is None:
            del inner[key]
        else:
            inner[key] = value
    (folder / "modality.yaml").write_text(yaml.safe_dump(data))
    return folder


def test_the_shipped_pack() -> None:
    pack = load_pack(SHIPPED)
    assert pack.nouns.an_image == "an infrared image"
    assert list(pack.bands) == ["lwir", "nir"]
    assert pack.objections.lexicon.format(hit="red", category="colour").startswith(
        'An infrared image cannot show "red"'
    )


def test_a_missing_folder_and_a_missing_file_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"no such modality pack; .* copy prompts/infrared and name the copy with"):
        load_pack(tmp_path / "nowhere")
    with pytest.raises(MissingError, match=r"modality\.yaml is missing: .* copy it from prompts/infrared and edit it"):
        load_pack(tmp_path)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"nouns__imge": "x"}, "unknown key `nouns.imge`; did you mean `image`"),
        ({"tittle": "x"}, "unknown key `tittle`; "),
        ({"bands__lwir__fysics": "x"}, "unknown key `bands.lwir.fysics`; did you mean `physics`"),
        ({"nouns__image": None}, "`nouns.image` is missing; prompts/infrared/README.md says what it means"),
        ({"name": "In Frared"}, "`name`: string should match"),
        ({"bands": {}}, "`bands`: "),
        (
            {"polarity__default": "warm"},
            r"`polarity.default` is `warm`, which polarity.names does not have \(black-hot",
        ),
        ({"polarity__opposite": {"white-hot": "cold"}}, "`polarity.opposite.white-hot` is `cold`"),
        ({"report__lead": "{pictures} pictures"}, "`report.lead` is .*; it may use {photographs}, {instructions} and"),
        (
            {"objections__lexicon": "no {"},
            "`objections.lexicon` is .*; it may use {hit}, {category} and no other braces",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, changes: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        load_pack(write(tmp_path, **changes))


@pytest.mark.parametrize(("text", "says"), [("- a", "expected keys and values"), ("a: [", "is not valid YAML")])
def test_no_mapping_and_no_yaml(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "modality.yaml").write_text(text)
    with pytest.raises(UsageError, match=says):
        load_pack(tmp_path)


def test_a_run_keeps_the_text_of_its_pack() -> None:
    kept = freeze_pack(SHIPPED)
    assert kept.cards == load_pack(SHIPPED).cards and len(kept.caption_requests) == 8
    assert read_frozen(kept.model_dump(mode="json")) == kept


def test_a_run_that_kept_nothing_speaks_as_the_default_pack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_frozen(None).name == "infrared"
    with pytest.raises(UsageError, match="the run's record of its modality: `nouns` is missing"):
        read_frozen({"name": "infrared"})


def test_questions_are_a_list_of_texts(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"caption_requests\.yaml is missing; copy it from prompts/infrared"):
        load_requests(tmp_path, "caption_requests.yaml")
    (tmp_path / "caption_requests.yaml").write_text("a: 1")
    with pytest.raises(UsageError, match="expected a list of questions"):
        load_requests(tmp_path, "caption_requests.yaml")
