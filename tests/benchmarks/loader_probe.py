"""What another trainer's own loader supervises of an export; run by `loaders.py` with that trainer's Python.

    cd EXPORT && SWIFT/bin/python loader_probe.py ms-swift MODEL SET,SET TYPE
    cd EXPORT && LF/bin/python loader_probe.py llamafactory MODEL SET,SET TEMPLATE

Prints one JSON object a row, in the order of the files: `tokens`, and `learned`, the text of each stretch of supervised
tokens. Needs nothing of this project, for it runs where that is not installed.
"""

import itertools
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

IGNORED = -100
Row = tuple[list[int], list[int]]
"""Tokens, and labels."""


def declare_operators() -> Any:
    """PyPI's torchvision names two operators that only its compiled part declares, which fits no CPU torch.

    What is returned has to be kept.
    """
    import torch

    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


def read_swift(model: str, sets: list[str], kind: str) -> tuple[Any, Iterator[Row]]:
    """ms-swift's loader and template; `kind` is MODEL_TYPE or MODEL_TYPE:TEMPLATE_TYPE."""
    from swift.dataset import load_dataset
    from swift.model import get_processor
    from swift.template import get_template

    model_type, _, template_type = kind.partition(":")
    processor = get_processor(model, model_type=model_type)
    template = get_template(processor, template_type=template_type or None)
    template.set_mode("train")
    files = [f"{name}.jsonl" for name in sets]
    rows = load_dataset(files, split_dataset_ratio=0.0, num_proc=1, load_from_cache_file=False)[0]

    def encode() -> Iterator[Row]:
        for row in rows:
            encoded = template.encode(row)
            ids, labels = encoded["input_ids"], encoded["labels"]
            ids, labels = (each.tolist() if hasattr(each, "tolist") else each for each in (ids, labels))
            yield (ids, labels) if not isinstance(ids[0], list) else (ids[0], labels[0])

    return processor.tokenizer, encode()


def read_llamafactory(model: str, sets: list[str], template: str) -> tuple[Any, Iterator[Row]]:
    """LLaMA-Factory's loader, with the settings of the export's `sft.yaml`."""
    import yaml
    from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
    from llamafactory.hparams import get_train_args
    from llamafactory.model import load_tokenizer

    with open("sft.yaml", encoding="utf-8") as file:  # noqa: PTH123
        settings = yaml.safe_load(file)
    settings |= {
        "model_name_or_path": model, "template": template, "dataset": ",".join(sets), "output_dir": "out-of-nothing",
        "overwrite_cache": True, "preprocessing_num_workers": 1, "bf16": False, "use_cpu": True,
    }  # fmt: skip
    model_part, data_part, train_part, _, _ = get_train_args(settings)
    loaded = load_tokenizer(model_part)
    made = get_template_and_fix_tokenizer(loaded["tokenizer"], data_part)
    rows = get_dataset(made, model_part, data_part, train_part, stage="sft", **loaded)["train_dataset"]
    return loaded["tokenizer"], ((row["input_ids"], row["labels"]) for row in rows)


def split_learned(tokenizer: Any, ids: list[int], labels: list[int]) -> list[str]:
    """The texts of stretches of supervised tokens."""
    groups = itertools.groupby(zip(ids, labels, strict=True), key=lambda pair: pair[1] != IGNORED)
    return [
        tokenizer.decode([token for token, _ in group], skip_special_tokens=False) for is_on, group in groups if is_on
    ]


def main() -> None:
    """Print what is asked for."""
    tool, model, sets, kind = sys.argv[1:5]
    os.environ.setdefault("DISABLE_VERSION_CHECK", "1")
    kept = declare_operators()
    read = {"ms-swift": read_swift, "llamafactory": read_llamafactory}[tool]
    tokenizer, rows = read(model, sets.split(","), kind)
    for ids, labels in rows:
        print("ROW " + json.dumps({"tokens": len(ids), "learned": split_learned(tokenizer, list(ids), list(labels))}))
    del kept


if __name__ == "__main__":
    main()
