"""The kinds of input: which of a seed's files are changed, and the commands that read them.

`{r}` stands for the folder of all seeds, which is only read; paths are those in the box, where the seed is `in`.
"""

from typing import NamedTuple

COCO = "--captions in/coco/captions.json --instances in/coco/instances.json --images in/coco/photos"
RUN = f"agents run {COCO} --workers 0 --yes --out out"
LLM = "--backend llm --model m --base-url {url} --attempts 1 --timeout 3 --key-variable FUZZ_KEY --content-attempts 1"
DATA = "--data in/rows.json --images in/photos"
STAND_INS = "--llm {r}/tiny/llm --tower {r}/tiny/tower"
SEEN = "--config {r}/rows/recipe.yaml --data {r}/rows/rows.json --images {r}/rows/photos"


class Kind(NamedTuple):
    """A kind of input.

    Attributes:
        seed: folder of the seed.
        files: patterns of the files that are changed, one of them an input.
        commands: in turn; without `python -m`.
        writable: what a command may write, in the box.
        is_served: commands talk to an endpoint whose replies are changed instead of files.
    """

    name: str
    seed: str
    files: tuple[str, ...]
    commands: tuple[str, ...]
    writable: tuple[str, ...] = ("out",)
    is_served: bool = False


KINDS = (
    Kind(
        "coco",
        "coco",
        ("coco/captions.json", "coco/instances.json"),
        (
            RUN,
            f"agents plan {COCO} --out out",
            f"agents preview {COCO} --workers 0 --out out",
            "agents audit in/rows.json --instances in/coco/instances.json",
            "tools calibrate --captions in/coco/captions.json --images in/coco/photos --candidates 2",
        ),
    ),
    Kind(
        "images",
        "coco",
        ("coco/photos/*.*", "pictures/*.*"),
        (
            RUN,
            "tools translate in/pictures --out out",
            "tools translate in/coco/photos --translator gray --out out",
            "tools score --image {file} --caption 'A person.'",
            "tools score --image {file} --caption 'A person.' --caption 'A dark car on a street.'",
        ),
    ),
    Kind(
        "configurations",
        "coco",
        ("run.yaml",),
        (
            "agents run --config in/run.yaml --workers 0 --yes --limit 2 --out out",
            "agents plan --config in/run.yaml --out out",
            "agents run --config in/run.yaml --print-config --out out",
            "agents preview --config in/run.yaml --workers 0 --out out",
        ),
    ),
    Kind(
        "prompts",
        "pack",
        ("pack/*.md", "pack/*.yaml", "pack/itb/*.*", "pack/template/*.*"),
        (
            "agents prompts check --pack in/pack",
            "agents prompts render debate --pack in/pack",
            "agents prompts list --pack in/pack",
            f"{RUN} --limit 2 --pack in/pack",
            "itb eval in/bench --model majority --pack in/pack --out out/p.jsonl",
            "itb build --source scenes=in/scenes --pack in/pack --out out",
        ),
    ),
    Kind(
        "lexicon",
        "pack",
        ("pack/lexicon.yaml",),
        (
            "agents prompts check --pack in/pack",
            "agents audit in/rows.json --pack in/pack",
            f"{RUN} --limit 2 --pack in/pack",
        ),
    ),
    Kind(
        "items",
        "bench",
        ("bench/items.jsonl", "bench/items.jsonl", "bench/splits.json", "bench/manifest.json", "bench/images/*.png"),
        (
            "itb eval in/bench --model chance --out out/p.jsonl",
            "itb eval in/bench --model majority --split all --perturb polarity --out out/p.jsonl",
            "itb report in/p.jsonl --bench in/bench --out out",
            "itb export in/bench --format lmms-eval --out out",
            "itb export in/bench --format vlmevalkit --out out",
            "itb export in/bench --format llava --out out",
            "itb export in/bench --format llamafactory --out out",
            "itb audit in/bench",
        ),
        ("out", "in/bench"),
    ),
    Kind(
        "predictions",
        "bench",
        ("p.jsonl", "p.jsonl", "p.*"),
        (
            "itb report in/p.jsonl --bench in/bench --out out",
            "itb report in/p.jsonl in/q.jsonl --partial --bench in/bench --out out",
            "itb eval in/bench --model chance --out in/p.jsonl",
            "itb eval in/bench --model in/p.jsonl --out out/p.jsonl",
        ),
        ("out", "in/p."),
    ),
    Kind(
        "recipes",
        "rows",
        ("recipe.yaml",),
        (
            f"trainer.align --config in/recipe.yaml {DATA} {STAND_INS} --out out --dry-run",
            f"trainer.align --config in/recipe.yaml {DATA} --out out --print-config",
            f"trainer.sft --config in/recipe.yaml {DATA} --align {{r}}/model/align/model --out out --dry-run",
            f"trainer.preview --config in/recipe.yaml {DATA} --model {{r}}/model/align/model",
        ),
    ),
    Kind(
        "stores",
        "run",
        ("run/run.sqlite", "run/replies.sqlite", "run/*.json", "run/*.jsonl", "run/.folder.json", "shard/*.*"),
        (
            "agents export in/run --format llava --out out",
            "agents export in/run --format parquet --out out",
            "agents report in/run",
            "agents show in/run 1",
            "agents why in/run 1-0",
            "agents picture in/run 1 --out out/x.png",
            f"agents run {COCO} --workers 0 --yes --instructions all --out in/run",
            "tools calibrate in/run --candidates 2",
            "agents merge in/shard --out out",
            "agents audit in/run/pairs.jsonl",
        ),
        ("out", "in/run", "in/shard"),
    ),
    Kind(
        "conversations",
        "rows",
        ("rows.json", "rows.jsonl"),
        (
            "agents audit in/rows.json",
            "agents audit in/rows.jsonl --json",
            f"trainer.align --config in/recipe.yaml {DATA} {STAND_INS} --out out --dry-run",
            "trainer.sft --config in/recipe.yaml --data in/rows.jsonl --images in/photos --align {r}/model/align/model"
            " --out out --dry-run",
            f"trainer.preview --config in/recipe.yaml {DATA} --model {{r}}/model/align/model",
        ),
    ),
    Kind(
        "checkpoints",
        "model",
        ("vlm/*.*", "vlm/config.json", "align/model/*.*", "align/model/*.json", "align/*.*", "sft/model/*.*"),
        (
            "trainer.export --model in/vlm --format vanilla --out out",
            "trainer.export --model in/align/model --format hf --out out",
            "trainer.export --model in/sft/model --format llava --out out",
            "trainer.chat --model in/align/model --image in/x.png --question hot --max-new-tokens 2",
            "itb eval {r}/bench/bench --model in/vlm --limit 1 --task locate --max-new-tokens 2 --out out/p.jsonl",
            f"trainer.sft {SEEN} --align in/align/model --out out --dry-run",
            f"trainer.preview {SEEN} --model in/align/model",
            f"trainer.align {SEEN} --set align.max_steps=1 {STAND_INS} --out in/align",
        ),
        ("out", "in/align"),
    ),
    Kind(
        "replies",
        "coco",
        (),
        (
            f"{RUN} --limit 1 {LLM}",
            "tools doctor --base-url {url} --model m --key-variable FUZZ_KEY",
            "itb eval {r}/bench/bench --model {url} --model-name m --limit 1 --key-variable FUZZ_KEY --out out/p.jsonl",
        ),
        is_served=True,
    ),
    Kind(
        "datasets",
        "datasets",
        ("*/**/*.*",),
        ("itb build --source {family}=in/{family} --out out", "itb sources --source {family}=in/{family}"),
    ),
)
"""Every kind that the commands read."""
