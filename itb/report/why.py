"""Where a question comes from: annotation, what was done to the image, wording, and the licence of its source."""

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

from itb.benchmark.bench import Bench
from itb.benchmark.bench_files import read_manifest
from itb.records import Foreign, Item, find_original
from itb.tasks import name_task
from tools.errors import UsageError

UNKNOWN: Mapping[str, Any] = {}


def find_item(bench: Bench, id: str) -> Item:
    """The question of an id.

    Raises:
        UsageError: there is none.
    """
    ids = {item.id: item for item in bench.items}
    if id not in ids:
        near = difflib.get_close_matches(id, ids, 3, 0.5)
        hint = f"; nearest: {', '.join(near)}" if near else ""
        raise UsageError(f"{bench.folder} has no question {id!r}{hint}; ids are in items.jsonl and in predictions")
    return ids[id]


def explain_item(bench: Bench, item: Item) -> Iterator[str]:
    """For people, line by line."""
    manifest = read_manifest(bench.folder)
    source = manifest.get("sources", UNKNOWN).get(item.source, UNKNOWN)
    yield f"{item.id}: {name_task(item.task)} ({item.task}), {item.split} split"
    yield f"question: {item.question}"
    if item.options:
        yield f"options: {', '.join(item.options)}"
    far = f", within {item.tolerance:g} {item.unit or ''}".rstrip() if item.tolerance is not None else ""
    yield f"answer: {item.answer}{far} (read as `{item.form}`)"
    if item.foreign:
        yield from _explain_foreign(item.foreign)
    else:
        yield f"wording: {item.wording} of the pack {bench.pack or 'that it was built with'}"
    yield from _explain_annotation(item, source)
    yield from _explain_transforms(item)
    if "block" in item.facts or not item.foreign:
        yield f"block: {item.facts['block']}" if "block" in item.facts else "block: none; it stands alone"
    yield f"licence: {source.get('licence') or 'the manifest states none'}"
    if source.get("origin"):
        yield f"from: {source['origin']}"
    if source.get("citation"):
        yield f"cite: {' '.join(str(source['citation']).split())}"


def _explain_foreign(foreign: Foreign) -> Iterator[str]:
    """What its makers ask, show and take for right, and what of it is not theirs."""
    yield f"its makers' kind: {foreign.kind}; their label: {foreign.label}"
    if foreign.references:
        yield f"also right: {'; '.join(foreign.references)}"
    yield f"request: {' '.join(foreign.prompt.split()) or 'as ITB puts its own questions'}"
    yield f"ours: {foreign.declared or 'nothing'}"
    for image in foreign.images:
        yield f"shown: {image.role}, {image.original}{f' (missing: {image.missing})' if image.missing else ''}"


def _explain_annotation(item: Item, source: Mapping[str, Any]) -> Iterator[str]:
    title = source.get("title") or item.source
    layout = f", read as {source['layout']}" if source.get("layout") else ""
    yield f"source: {title} (`{item.source}`){layout}; image {find_original(item)}, group {item.group}"
    for entry in item.evidence:
        left, top, right, bottom = entry.box_xyxy_norm
        corners = left * item.width, top * item.height, right * item.width, bottom * item.height
        yield f"annotation: {entry.name} at {', '.join(f'{value:.0f}' for value in corners)} (pixels, x1 y1 x2 y2)"
    if not item.evidence and not item.foreign:
        yield "annotation: of the image as a whole, or of what is not there"
    facts = {name: value for name, value in item.facts.items() if name != "block"}
    if facts:
        yield f"facts: {', '.join(f'{name} {value}' for name, value in facts.items())}"


def _explain_transforms(item: Item) -> Iterator[str]:
    parts = item.image.split("/")
    made = parts[1] if len(parts) > 2 and parts[1] != item.source else None
    steps = [f"drawn by the build as `{made}`"] * bool(made)
    if item.crop_xyxy:
        steps.append(f"cropped to {', '.join(map(str, item.crop_xyxy))}")
    yield f"image: {item.image}, {item.width} x {item.height}, {item.band}, {item.polarity}"
    yield f"transforms: {'; '.join(steps) or 'none, the bytes of the source'}"
    if item.evidence_pixels is not None:
        yield f"smallest evidence: {item.evidence_pixels:g} pixels at 336 x 336"
