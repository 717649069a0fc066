"""A manifest of predictions whose parts are of another kind is one sentence."""

import json

import pytest

from itb.evaluate.predictions import manifest_path, read_manifest
from tools.errors import UsageError


@pytest.mark.parametrize(
    "damaged",
    [{"frozen": "x"}, {"frozen": {"model": []}}, {"asked": 7}, {"results": []}, {"results": {"errors": None}}],
)
def test_a_part_of_another_kind_is_named(tmp_path, damaged):
    path = tmp_path / "p.jsonl"
    manifest_path(path).write_text(json.dumps(damaged))
    with pytest.raises(UsageError, match="is no JSON object; start again with --fresh"):
        read_manifest(path)


def test_parts_may_be_absent(tmp_path):
    path = tmp_path / "p.jsonl"
    manifest_path(path).write_text("{}")
    assert read_manifest(path) == {}
