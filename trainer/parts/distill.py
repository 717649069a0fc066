"""A tower of the modality from an image tower and registered pairs: `python -m trainer.distill`.

The student starts as a copy of the image tower and learns to give for an image of the modality the features that the
frozen teacher gives for the photograph of the same scene. It is what binding a modality to a shared space does, in
small: afterwards the student may take the teacher's place behind an align layer (indirect alignment).
"""

import copy
import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from tools.errors import MissingError, UsageError
from tools.files import check_folder, fill_folder, is_filled, write_text
from tools.terminal.bars import make_bar
from tools.terminal.cli import make_app, run_app, stderr, stdout
from trainer.folders import DISTILLED_TOWER

app = make_app("A tower of the modality by distilling an image tower on registered pairs.")
HELD_OUT = 32
"""Pairs that are not trained on; the student's error on them is printed and saved."""
REPORT = "distill.json"


def list_pairs(visible: Path, modality: Path) -> list[tuple[Path, Path]]:
    """Photograph and image of the modality of equal file stem, by name.

    Raises:
        MissingError: a folder is not there.
        UsageError: too few pairs.
    """
    found = []
    for folder in (visible, modality):
        if not folder.is_dir():
            raise MissingError(f"{folder}: no such folder")
        files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))
        found.append({path.stem: path for path in files})
    names = sorted(found[0].keys() & found[1].keys())
    if len(names) < 2 * HELD_OUT:
        raise UsageError(
            f"{visible} and {modality} share {len(names)} file stems; {2 * HELD_OUT} pairs are needed at least"
        )
    return [(found[0][name], found[1][name]) for name in names]


def distill(
    tower: Path, pairs: list[tuple[Path, Path]], out: Path, *, steps: int, batch: int, rate: float, seed: int
) -> dict[str, float]:
    """Train the student and save it; the error is the mean square over the variance of the teacher's features.

    Returns:
        error on held-out pairs of the untrained student (`before`) and of the trained one (`after`).
    """
    import torch

    from trainer.model.towers import load_tower

    torch.manual_seed(seed)
    loaded = load_tower(tower)
    teacher: Any = loaded.model
    student: Any = copy.deepcopy(teacher).requires_grad_(True).train()
    load = _make_loader(loaded)
    order = random.Random(seed).sample(pairs, len(pairs))
    held_out, train = order[:HELD_OUT], order[HELD_OUT:]
    scale = _measure_variance(teacher, load, held_out)
    before = _measure_error(teacher, teacher, load, held_out, scale)
    optimizer = torch.optim.AdamW(student.parameters(), lr=rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps, pct_start=0.1)
    batches = itertools.islice(_draw_batches(train, batch, seed), steps)
    with make_bar() as bar:
        task = bar.add_task("distilling", total=steps)
        for rows in batches:
            with torch.no_grad():
                wanted = teacher(load([photo for photo, _ in rows])).last_hidden_state
            found = student(load([other for _, other in rows])).last_hidden_state
            loss = torch.mean((found - wanted) ** 2) / scale
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            bar.update(task, advance=1)
    after = _measure_error(student.eval(), teacher, load, held_out, scale)
    student.save_pretrained(str(out))
    return {"before": before, "after": after}


def _make_loader(tower: Any) -> Any:
    """A function from files to a batch of pixels, framed as training frames them (letterbox)."""
    import torch

    from tools.images import load_rgb
    from trainer.model.processing import make_image_processor

    processor = make_image_processor("letterbox", tower)

    def load(paths: list[Path]) -> Any:
        return torch.cat([processor(load_rgb(path), return_tensors="pt")["pixel_values"] for path in paths])

    return load


def _draw_batches(pairs: list[Any], batch: int, seed: int) -> Iterator[list[Any]]:
    generator = random.Random(seed)
    while True:
        order = generator.sample(pairs, len(pairs))
        for start in range(0, len(order) - min(batch, len(order)) + 1, batch):
            yield order[start : start + batch]


def _measure_variance(teacher: Any, load: Any, pairs: list[tuple[Path, Path]]) -> float:
    import torch

    with torch.no_grad():
        features = teacher(load([photo for photo, _ in pairs])).last_hidden_state
    return float(features.var(dim=(0, 1)).mean())


def _measure_error(student: Any, teacher: Any, load: Any, pairs: list[tuple[Path, Path]], scale: float) -> float:
    import torch

    with torch.no_grad():
        wanted = teacher(load([photo for photo, _ in pairs])).last_hidden_state
        found = student(load([other for _, other in pairs])).last_hidden_state
    return float(torch.mean((found - wanted) ** 2)) / scale


@app.command()
def run(
    tower: Annotated[Path, typer.Option(help="Folder of the image tower: teacher, and start of the student.")],
    visible: Annotated[Path, typer.Option(help="Folder of photographs.")],
    modality: Annotated[
        Path,
        typer.Option("--modality", "--infrared", help="Folder of images of the modality with the same file stems."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the tower.")],
    steps: Annotated[int, typer.Option(min=1, help="Optimizer steps.")] = 300,
    batch: Annotated[int, typer.Option(min=1, help="Pairs a step.")] = 16,
    rate: Annotated[float, typer.Option(help="Peak learning rate.")] = 1e-4,
    seed: Annotated[int, typer.Option(help="Seed of the order and the held-out pairs.")] = 0,
) -> None:
    """Teach a tower of the modality what an image tower sees in registered photographs.

    Example: python -m trainer.distill --tower dinov2 --visible S/visible --modality S/images --out tower
    """
    import json

    from trainer.checkpoints import explain_disk

    check_folder(out, DISTILLED_TOWER)
    if is_filled(out, DISTILLED_TOWER, REPORT):
        stdout.print(f"finished before: {out}", soft_wrap=True)
        return
    pairs = list_pairs(visible, modality)
    with fill_folder(out, DISTILLED_TOWER, last=REPORT) as staged, explain_disk(out, "nothing was written"):
        errors = distill(tower, pairs, staged, steps=steps, batch=batch, rate=rate, seed=seed)
        report = {**errors, "pairs": len(pairs), "steps": steps, "batch": batch, "rate": rate, "seed": seed}
        write_text(staged / REPORT, json.dumps(report, indent=1) + "\n")
    stderr.print(f"error on {HELD_OUT} held-out pairs: {errors['before']:.3f} before, {errors['after']:.3f} after")
    stdout.print(f"tower in {out}", soft_wrap=True)


if __name__ == "__main__":
    run_app(app, "python -m trainer.distill")
