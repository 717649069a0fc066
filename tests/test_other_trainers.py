"""Exports for TRL, ms-swift and LLaMA-Factory: their rows, and what TRL's own loader and collator supervise of them."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from calling import call_here
from mini_bench import write_bench
from other_trainers import load_trl, split_learned
from PIL import Image
from tiny_families import write_family

from itb.export import export_bench
from tools.conversations import Turn
from tools.conversations.trainers import LAYOUTS, Sample, count_rows, read_export, write_sets
from tools.errors import UsageError
from tools.files import Claim, own_folder
from trainer.commands import preview
from trainer.commands.export_counts import count_export
from trainer.data.reading import Request, read_samples

CLAIM = Claim("export", "python -m agents export")
QUESTIONS = ("What is shown?", "Is the engine warm?\nAnswer in a line.", "user: how many cars?")
ANSWERS = ("2 vehicles near the wall.", "Yes, the engine is warm.\nThe wall is cold.", "12", "assistant: no, A.")
ROWS = 200
GOOD = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "images": [IMAGES]}'


def make_samples(root, count):
    """Dialogues of one to three turns, with line breaks, digits and words that templates write."""
    (root / "images").mkdir(parents=True, exist_ok=True)
    for number in range(count):
        name = f"images/{number % 5}.png"
        if not (root / name).exists():
            Image.new("L", (40 + 8 * number, 32), 20 * number).save(root / name)
        turns = []
        for turn in range(1 + number % 3):
            turns += [Turn("user", QUESTIONS[(number + turn) % 3]), Turn("assistant", ANSWERS[(number + turn) % 4])]
        yield Sample(f"row-{number}", name, root / name, tuple(turns))


def write_export(folder, layout, count):
    with own_folder(folder, CLAIM) as owned:
        return write_sets(owned, layout, {"instructions": make_samples(folder, count)}, "a test", ("A stand-in.",))


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    root = tmp_path_factory.mktemp("exports")
    for layout in LAYOUTS:
        write_export(root / layout, layout, 120)
    return root


@pytest.mark.parametrize("layout", ["trl", "trl-parquet"])
def test_an_export_for_trl_is_no_data_of_ours(exports, layout):
    with pytest.raises(UsageError, match=f"{layout}: is an export for TRL .*name the run that it was made of"):
        next(read_samples(Request(exports / layout, "sft")))


@pytest.fixture(scope="module")
def gemma(tmp_path_factory):
    return write_family("gemma3", tmp_path_factory.mktemp("families") / "gemma3")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return write_bench(tmp_path_factory.mktemp("benches") / "bench", images=3)


@pytest.mark.parametrize("family", ["gemma3", "idefics3"])
@pytest.mark.parametrize("layout", ["trl", "trl-parquet"])
def test_trl_learns_exactly_the_answers(exports, family, layout, tmp_path, monkeypatch):
    """Its own trainer, loader and collator, over 200 rows; what follows an end of turn in a template is blank."""
    rows = read_lines(exports / "trl/instructions.jsonl")
    assert len(rows) >= ROWS
    monkeypatch.chdir(exports / layout)
    trainer, processor = load_trl(write_family(family, tmp_path / family), Path.cwd(), "instructions", tmp_path)
    assert len(trainer.train_dataset) == len(rows)
    end = processor.tokenizer.eos_token
    for start in range(0, len(rows), 20):
        part = rows[start : start + 20]
        batch = trainer.data_collator([dict(trainer.train_dataset[start + place]) for place in range(len(part))])
        for row, ids, labels in zip(part, batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True):
            (learned,) = split_learned(processor.tokenizer, ids, labels)
            assert learned.strip() == row["completion"][0]["content"] + end, row["id"]


def test_both_other_trainers_are_given_the_same_rows(exports):
    swift, factory = (exports / layout / "instructions.jsonl" for layout in ("ms-swift", "llamafactory"))
    assert swift.read_bytes() == factory.read_bytes()
    samples = list(make_samples(exports / "trl", 120))
    for row, sample in zip(read_lines(swift), samples, strict=True):
        assert "".join(turn["content"] for turn in row["messages"]).count("<image>") == len(row["images"]) == 1
        assert row["messages"][0]["content"] == "<image>" + sample.turns[0].text
        assert [(turn["role"], turn["content"]) for turn in row["messages"][1:]] == list(sample.turns[1:])
        assert Image.open(swift.parent / row["images"][0]).height == 32


def test_llamafactory_is_told_of_its_files_and_settings(exports):
    told = json.loads((exports / "llamafactory/dataset_info.json").read_text())["instructions"]
    settings = yaml.safe_load((exports / "llamafactory/sft.yaml").read_text())
    assert settings["dataset"] == "instructions" and (exports / "llamafactory" / told["file_name"]).is_file()
    assert told["columns"] == {"messages": "messages", "images": "images"} and told["formatting"] == "sharegpt"


def test_every_readme_names_its_tools_command_and_what_made_the_rows(exports):
    for layout, command in (("trl", "trl sft"), ("ms-swift", "swift sft"), ("llamafactory", "llamafactory-cli train")):
        text = (exports / layout / "README.md").read_text()
        assert command in text and "| `instructions` | " in text and "- A stand-in." in text
        assert not set("{}") & set(text), "something was not filled in"
        assert "started in the toolkit's checkout" in text and "WARNING" not in text and "trains on" not in text


def test_the_readme_says_what_the_captions_are_for(tmp_path):
    samples = list(make_samples(tmp_path, 2))
    with own_folder(tmp_path / "out", CLAIM) as owned:
        write_sets(owned, "ms-swift", {"captions": samples, "instructions": samples}, "a test")
    text = (tmp_path / "out/README.md").read_text()
    assert "trains on `instructions` alone" in text and "- `captions`: one request and the caption" in text


@pytest.mark.parametrize("layout", [*LAYOUTS, "llava"])
@pytest.mark.parametrize("split", ["train", "test", "all"])
def test_an_export_of_test_questions_says_so_loudly(layout, split, bench, tmp_path):
    """In the README before all else, and on stderr; the train split is named without a warning."""
    done = call_here("itb", "export", bench, "--format", layout, "--split", split, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert ("must not be learned from" in done.stderr) == (split != "train")
    if layout == "llava":
        return
    text = (tmp_path / "out/README.md").read_text()
    source = "`train` and its `test` split" if split == "all" else f"`{split}` split"
    assert f"Made of a benchmark of the toolkit, its {source}" in text
    assert ("WARNING" in text) == (split != "train") and text.count("there to be trained on") == (split == "train")
    assert split == "train" or text.index("WARNING") < text.index("Made of")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_preview_counts_what_an_export_supervises(exports, layout, gemma, capsys):
    """All tokens of answers and their ends, no token of an image, of the rest at most TRL's line break after an end."""
    found = list(count_export(exports / layout, gemma, 8))
    assert len(found) == 8 and found[0].name == "instructions row-0"
    for each in found:
        assert each.learned_answers == each.answers > 0 and not each.note
        assert each.images == 4 and each.learned_images == 0
        assert each.learned_others == layout.startswith("trl") < each.others
    preview.show_export(exports / layout, gemma, 3)
    shown = capsys.readouterr().out
    assert f"3 of {count_rows(exports / layout, 'instructions')} rows" in " ".join(shown.split())
    assert ("TRL" in shown) == layout.startswith("trl")


def test_a_folder_that_is_no_export_is_named(exports, tmp_path):
    with pytest.raises(UsageError, match="holds no rows for another trainer"):
        read_export(tmp_path)
    for text in ("{", '{"prompt": 1, "completion": []}', '{"messages": []}', GOOD.replace("IMAGES", '"../x.png"'),
                 GOOD.replace("IMAGES", '"a.png", "b.png"'), GOOD.replace("IMAGES", "7")):  # fmt: skip
        (tmp_path / "rows.jsonl").write_text(text)
        with pytest.raises(UsageError, match=r"rows\.jsonl, row 1: "):
            list(read_export(tmp_path))


@pytest.mark.parametrize(
    ("file", "what"),
    [
        ("run.sqlite", "a run"),
        ("pairs-00000.parquet", "an export for `datasets`"),
        ("itb_utils.py", "an export for lmms-eval"),
        ("ITB_OpenEnded.tsv", "an export for VLMEvalKit"),
        ("splits.json", "a benchmark"),
    ],
)
def test_a_folder_of_another_kind_is_named(tmp_path, file, what):
    (tmp_path / file).write_text("")
    (tmp_path / "instructions.jsonl").write_text(GOOD.replace("IMAGES", ""))
    with pytest.raises(UsageError, match=f": is {what}.*, and no export for another trainer; name a folder"):
        read_export(tmp_path)


def test_the_preview_counts_the_set_that_is_trained_on(tmp_path, gemma):
    samples = list(make_samples(tmp_path, 4))
    with own_folder(tmp_path / "out", CLAIM) as owned:
        write_sets(owned, "ms-swift", {"captions": samples[:3], "instructions": samples}, "a test")
    shutil.copytree(tmp_path / "images", tmp_path / "out/images")
    words = ("--export", tmp_path / "out", "--model", gemma)
    shown = call_here("trainer.preview", *words).stdout
    assert "out/instructions, for ms-swift" in shown and "2 of 4 rows" in shown and "captions" not in shown
    shown = call_here("trainer.preview", *words, "--stage", "align").stdout
    assert "out/captions, for ms-swift" in shown and "2 of 3 rows" in shown
    done = call_here("trainer.preview", *words, "--set", "sft.epochs=2")
    assert done.returncode == 2 and "with --export only model.template=NAME is read" in done.stderr
    done = call_here("trainer.preview", *words, "--data", tmp_path)
    assert done.returncode == 2 and "leave those out" in done.stderr


def test_a_chosen_template_is_counted_where_the_models_own_ends_no_turn(exports, tmp_path):
    """The advice that the refusal of LLaVA-1.5's template gives can be followed."""
    words = ("--export", exports / "ms-swift", "--model", write_family("llava", tmp_path / "llava"))
    refused = call_here("trainer.preview", *words)
    assert refused.returncode == 2 and "--set model.template=NAME" in refused.stderr
    done = call_here("trainer.preview", *words, "--set", "model.template=vicuna")
    assert done.returncode == 0, done.stderr
    assert "2 of 120 rows" in done.stdout and "with the chat template vicuna" in " ".join(done.stdout.split())
    unknown = call_here("trainer.preview", *words, "--set", "model.template=foo")
    assert unknown.returncode == 2 and "`foo` is not known" in unknown.stderr


def test_trl_cannot_write_rows_for_a_family_without_a_chat_template(exports, tmp_path):
    model = write_family("paligemma", tmp_path / "paligemma")
    done = call_here("trainer.preview", "--export", exports / "trl", "--model", model)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
    assert "no chat template, without which TRL cannot write a row" in done.stderr


def test_what_rows_cannot_say_is_left_out_with_a_reason(tmp_path):
    good = (Turn("user", " Is it warm? \r\n"), Turn("assistant", "Yes.\n"))
    samples = [
        Sample("good", None, None, good),
        Sample("mark", None, None, (Turn("user", "What is <image>?"), Turn("assistant", "A mark."))),
        Sample("empty", None, None, (Turn("user", "What?"), Turn("assistant", " \n"))),
        Sample("odd", None, None, (Turn("user", "What?"),)),
    ]
    with own_folder(tmp_path / "out", CLAIM) as owned:
        write_sets(owned, "ms-swift", {"captions": [], "instructions": samples}, "a test")
    (row,) = read_lines(tmp_path / "out/instructions.jsonl")
    assert [turn["content"] for turn in row["messages"]] == ["Is it warm?", "Yes."] and "images" not in row
    left = {item["id"]: item["code"] for item in read_lines(tmp_path / "out/left_out.jsonl")}
    assert left == {"mark": "image_mark", "empty": "empty_turn", "odd": "broken_conversation"}
    assert not (tmp_path / "out/captions.jsonl").exists(), "`datasets` refuses an empty file"
    with own_folder(tmp_path / "none", CLAIM) as owned, pytest.raises(UsageError, match="holds no dialogue"):
        write_sets(owned, "trl", {"instructions": samples[1:]}, "a test")


def test_a_benchmarks_train_split_is_exported_with_its_answers(tmp_path):
    bench = write_bench(tmp_path / "bench", images=3)
    export_bench(bench, "ms-swift", tmp_path / "swift")
    export_bench(bench, "llava", tmp_path / "llava")
    expected = json.loads((tmp_path / "llava/itb.json").read_text())
    for row, old in zip(read_lines(tmp_path / "swift/itb.jsonl"), expected, strict=True):
        assert (
            row["messages"][0]["content"].removeprefix("<image>") == old["conversations"][0]["value"].partition("\n")[2]
        )
        assert row["messages"][1]["content"] == old["conversations"][1]["value"] and row["images"] == [old["image"]]
        assert (tmp_path / "swift" / row["images"][0]).is_file()
