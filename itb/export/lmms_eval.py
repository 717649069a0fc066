"""lmms-eval's layout: a folder for `--include_path`, one task for each of ITB's, a group, and the rows as JSON Lines.

The few lines of Python that lmms-eval wants are written beside the tasks (`lmms_utils.py.txt` here). They read replies
as `itb eval` does where this toolkit can be imported, else they compare plainly.

A task that names nothing to stop at is given an empty line by lmms-eval, at which some of its adapters cut a reply and
others do not; the models end their replies themselves, so `until` is empty.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from itb.export.rows import ExportRow
from tools.files import Owned, copy_file, write_lines, write_text

UTILS = Path(__file__).with_name("lmms_utils.py.txt")
GROUP = "itb"


def write(rows: Iterable[ExportRow], owned: Owned) -> list[Path]:
    """Write `itb_TASK.yaml`, `itb_TASK.jsonl`, `itb.yaml` and `itb_utils.py`."""
    by_task: dict[str, list[ExportRow]] = {}
    for row in rows:
        by_task.setdefault(row.item.task.replace("/", "_"), []).append(row)
    group, utils = owned.path / f"{GROUP}.yaml", owned.path / "itb_utils.py"
    owned.add(*(f"itb_{task}.{ending}" for task in by_task for ending in ("jsonl", "yaml")), group.name, utils.name)
    written = [_write_task(task, found, owned.path) for task, found in by_task.items()]
    write_text(group, f"group: {GROUP}\ntask:\n" + "".join(f"  - itb_{task}\n" for task in by_task))
    copy_file(UTILS, utils)
    return [*written, group, utils]


def _write_task(task: str, rows: list[ExportRow], out: Path) -> Path:
    data, path = out / f"itb_{task}.jsonl", out / f"itb_{task}.yaml"
    lines = [
        {
            "id": row.item.id,
            "image": row.image,
            **({"images": list(row.images)} if len(row.images) > 1 else {}),
            "request": row.request,
            "answer": row.item.answer,
            "form": row.item.form,
            "options": list(row.item.options),
            "tolerance": row.item.tolerance,
            "count_range": list(row.count_range or ()),
            "item": row.item.model_dump_json(),
        }
        for row in rows
    ]
    write_lines(data, (json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    write_text(
        path,
        f"""task: itb_{task}
dataset_path: json
dataset_kwargs:
  data_files:
    test: {data.name}
test_split: test
output_type: generate_until
doc_to_visual: !function itb_utils.show_image
doc_to_text: !function itb_utils.show_request
doc_to_target: answer
process_results: !function itb_utils.judge
generation_kwargs:
  max_new_tokens: 32
  temperature: 0
  do_sample: false
  until: []
metric_list:
  - metric: accuracy
    aggregation: mean
    higher_is_better: true
metadata:
  version: 1
""",
    )
    return path
