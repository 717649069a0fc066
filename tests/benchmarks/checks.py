"""Precision and recall of the checks without a model, by kind of fault, on texts with planted faults.

    PYTHONPATH=.:tests .venv/bin/python tests/benchmarks/checks.py third --real ../shared/data/coco2017

`development` may be run and read at will (`--mistakes` prints every mistake). `scored` and `second` to `nineteenth`
were each for one figure, by sentences and words that no earlier half has, and are spent: they may be read now.
Several halves are scored as one set.
`--real` adds captions of COCO 2017 that were read by eye, each as it is and with one fault of each kind put in by rule:
by themselves, and once more together with all right texts of the half, those that look like faults among them.
`--captions` holds every caption of a folder of COCO 2017 against the boxes and the other captions of its image: people
wrote them of what they saw, so that nearly every finding of a number, a place or a thing there is false.
"""

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from claim_cases import HALVES, Case, load_half, make_cases
from claim_planting import plant, read_texts
from claim_scores import Scores, score_cases

from agents.checks.annotated import load_boxes
from agents.checks.verify import verify
from agents.english.categories import is_bunched, load_nouns, name_label
from tools.prompts import DEFAULT_PACK
from tools.prompts.lexicon import Lexicon, load_lexicon
from tools.records import Box, Message


def make_real_cases(half: str, folder: Path) -> Iterator[Case]:
    """Captions of the half as they are, and with faults."""
    data, rng = load_half(half), random.Random(f"{half} real")
    for text in read_texts(half, folder):
        number = text.name.split()[-1]
        for kind, caption, planted in _mutate(text.messages[-1].content.removesuffix("."), text.boxes, data, rng):
            messages = (text.messages[0], Message(role="assistant", content=caption))
            yield Case(f"{kind or 'real'} {number}", kind, text.kind, text.boxes, text.captions, messages, planted)


def _mutate(
    caption: str, boxes: tuple[Box, ...], data: dict[str, Any], rng: random.Random
) -> Iterator[tuple[str, str, str]]:
    """Kind of fault, text, planted words; the first is the caption as it is."""
    yield "", f"{caption}.", ""
    words = {kind: rng.choice(own) for kind, own in data["words"].items()}
    for mention in load_nouns().find(caption.lower().split())[:1]:
        split = caption.split()
        for kind in ("colour", "material"):
            changed = [*split[: mention.start], words[kind], *split[mention.start :]]
            yield kind, " ".join(changed) + ".", words[kind]
    yield "print", f"{caption}, beside a {words['brand']} bag.", words["brand"]
    yield "light", f"{caption}. The place {words['light']}.", words["light"]
    yield "absence", f"{caption}. The rest of the room is empty.", "empty"
    absent = rng.choice([noun for noun in data["nouns"] if noun not in {box.label for box in boxes}])
    yield "label", f"{caption}. Next to it there is a big {name_label(absent)[0]}.", name_label(absent)[0]
    yield from _mutate_boxes(caption, boxes)


def _mutate_boxes(caption: str, boxes: tuple[Box, ...]) -> Iterator[tuple[str, str, str]]:
    labels: dict[str, list[Box]] = defaultdict(list)
    for box in boxes:
        labels[box.label].append(box)
    for label, own in sorted(labels.items()):
        singular, plural = name_label(label)
        if any(box.is_crowd for box in own) or is_bunched(label):
            continue
        if len(own) in (2, 3, 4):
            planted = f"{len(own) + 1} {plural}"
            yield "count", f"{caption}. There are {planted} in the image.", planted
        left, _, right, _ = own[0].box_xyxy_norm
        if len(own) == 1 and (right < 0.45 or left > 0.55):
            planted = f"The {singular} is on the {'right' if right < 0.45 else 'left'} side of the image"
            yield "position", f"{caption}. {planted}.", planted


def check_captions(folder: Path, lexicon: Lexicon, *, are_shown: bool) -> None:
    """Hold the captions of every image against its boxes and its other captions, and print what is found."""
    found, captions, images = Counter[str](), 0, 0
    for part in ("val", "train"):
        boxes = load_boxes(folder / f"annotations/instances_{part}2017.json")
        texts: dict[str, list[str]] = defaultdict(list)
        for row in json.loads((folder / f"annotations/captions_{part}2017.json").read_text())["annotations"]:
            texts[str(row["image_id"])].append(row["caption"])
        for image, own in texts.items():
            images += 1
            for place, caption in enumerate(own):
                captions += 1
                messages = (Message(role="user", content="Describe it."), Message(role="assistant", content=caption))
                others = [*own[:place], *own[place + 1 :]]
                for objection in verify(messages, boxes.get(image, ()), others, lexicon, "description"):
                    if objection.check != "lexicon":
                        found[objection.category] += 1
                        print(*([f"{objection.category} {objection.quote!r} in {caption!r}"] if are_shown else []))
    print(f"{captions} captions of {images} images: {dict(found)}")


def show(title: str, scores: Scores) -> None:
    """Print the table."""
    print(f"{title}\n{'kind':10} {'texts':>6} {'recall':>7} {'findings':>9} {'precision':>10}")
    for kind, score in scores.kinds.items():
        print(f"{kind:10} {score.faulty:6} {score.recall:7.3f} {score.findings:9} {score.precision:10.3f}")
    print(f"right texts with a finding: {scores.alarms} of {scores.right_texts}\n")


def make_parts(half: str, real: Path | None, accepted: Path | None) -> dict[str, list[Case]]:
    """The cases of a half, by what they are made of."""
    made = make_cases(half)
    parts = {"made": made}
    if real is not None and "real" in load_half(half):
        right = [case for case in made if not case.kind]
        by_rule = list(make_real_cases(half, real))
        planted = list(plant(half, list(read_texts(half, real, accepted))))
        parts["captions of COCO"] = by_rule
        parts["captions of COCO with faults put in by rule, and right texts of all sorts"] = [*by_rule, *right]
        own = "its sentences in captions of COCO and accepted texts, and right texts of all sorts"
        parts[own] = [*planted, *right]
    return parts


def main() -> None:
    """Score one half, or several together."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("halves", nargs="+", choices=HALVES, metavar="half", help=f"one of {', '.join(HALVES)}")
    parser.add_argument("--real", type=Path, help="a folder of COCO 2017 with annotations/")
    parser.add_argument(
        "--accepted", type=Path, help="a run on that folder; what it accepted is planted with faults too"
    )
    parser.add_argument("--captions", type=Path, help="a folder of COCO 2017 of which every caption is checked")
    parser.add_argument("--mistakes", action="store_true", help="print every mistake")
    args = parser.parse_args()
    lexicon = load_lexicon(DEFAULT_PACK)
    if args.captions:
        check_captions(args.captions, lexicon, are_shown=args.mistakes)
    parts: dict[str, list[Case]] = defaultdict(list)
    for half in args.halves:
        for title, cases in make_parts(half, args.real, args.accepted).items():
            parts[title].extend(cases)
    for title, cases in parts.items():
        scores = score_cases(cases, lexicon)
        show(f"{' + '.join(args.halves)}, {title}", scores)
        if args.mistakes:
            print("\n".join(scores.mistakes))


if __name__ == "__main__":
    main()
