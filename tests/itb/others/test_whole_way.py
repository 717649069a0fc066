"""Every benchmark of others goes the whole way: imported, answered by three, reported, exported."""

import json
from collections.abc import Callable
from pathlib import Path

import foreign
import pytest
from vlmevalkit_way import read_table

pytest.importorskip("trl", reason="trl (extra `vlm`) is not installed")
pytest.importorskip("pyarrow", reason="pyarrow (extra `data`) is not installed")

from lmms_way import write_checkpoint

from itb.benchmark.bench import load_bench
from itb.evaluate.evaluate import run_eval
from itb.evaluate.predictions import read_predictions
from itb.export import export_bench
from itb.models.settings import EvalSettings
from itb.others.importing import ImportSettings, import_benchmarks
from itb.report import make_report, write_report
from tools.registry import FOREIGN_BENCHMARKS

KINDS: dict[str, Callable[[Path], Path]] = {
    "custom": foreign.write_custom,
    "hit-uav-vqa": foreign.write_hit_uav,
    "if-bench": foreign.write_if_bench,
    "infrared-llava": foreign.write_two_fields,
    "ir-td": foreign.write_ir_td,
    "review": lambda root: foreign.write_run(root, reviews=True),
    "rgb-th-bench": foreign.write_rgb_th,
    "thermeval": foreign.write_thermeval,
    "vs-tdx": foreign.write_vs_tdx,
    "wildfire-vqa": foreign.write_wildfire,
}


PREFIXES = {"ir-td": ("63-FLIR_ADAS/training/PreviewData",)}
"""Of image paths that are found below another folder."""


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_checkpoint("qwen2_vl", tmp_path_factory.mktemp("whole") / "qwen"))


def test_none_is_left_out() -> None:
    assert {name for name in FOREIGN_BENCHMARKS.names() if FOREIGN_BENCHMARKS.is_built_in(name)} == set(KINDS)


@pytest.mark.parametrize("name", KINDS)
def test_the_whole_way(name: str, checkpoint: str, tmp_path: Path) -> None:
    bench = tmp_path / "bench"
    folder = foreign.save_image(tmp_path / "there/a.jpeg").parent
    images = tuple(f"{prefix}={folder}" for prefix in PREFIXES.get(name, ()))
    import_benchmarks(ImportSettings({name: KINDS[name](tmp_path / "in")}, bench, images))
    read = load_bench(bench)
    asked = read.choose("test")
    files = [tmp_path / f"{model}.jsonl" for model in ("chance", "blind", "checkpoint")]
    for file in files:
        model = checkpoint if file.stem == "checkpoint" else file.stem
        run_eval(bench, EvalSettings(model=model, out=file, max_new_tokens=4))
        assert sorted(row.item for row in read_predictions(file)) == sorted(item.id for item in asked)
    write_report(make_report(files, bench), tmp_path / "report")
    told = json.loads((tmp_path / "report/report.json").read_text(encoding="utf-8"))
    assert len(told["foreign"][name]) == len(files)
    for figures in told["foreign"][name].values():
        assert any(each["ours"] for each in figures.values())
    lacking = {item.id for item in asked if item.foreign and item.foreign.missing}
    shown = {item.id for item in asked} - lacking
    for form in ("lmms-eval", "vlmevalkit"):
        export_bench(bench, form, tmp_path / form, "test")
    tables = (tmp_path / "vlmevalkit").glob("*.tsv")
    assert {row.row["itb_id"] for path in tables for row in read_table(path)} == shown
    lines = [line for path in (tmp_path / "lmms-eval").glob("itb_*.jsonl") for line in path.open(encoding="utf-8")]
    assert {json.loads(line)["id"] for line in lines} == shown
