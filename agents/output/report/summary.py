"""What the top of the page says about the whole run: tiles and charts, read from the manifest."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.output.modality import read_modality
from agents.output.report.charts import BarChart, DotChart, Series, StepChart, Value, draw_bars, draw_dots, draw_steps


class Tile(NamedTuple):
    """A figure, its name, and a line of small print."""

    label: str
    value: str
    note: str


class Summary(NamedTuple):
    """Tiles and charts of a run."""

    tiles: tuple[Tile, ...]
    leaks: DotChart
    acceptance: BarChart
    kinds: BarChart
    objections: BarChart
    rules: StepChart
    facts: BarChart | None = None
    caption_objections: BarChart | None = None


def format_share(count: float, total: float) -> str:
    """A percentage with as many digits as it needs; a dash when there is nothing to take a share of."""
    if not total:
        return "–"
    share = 100 * count / total
    return f"{share:.0f} %" if share >= 10 or not share else f"{share:.1f} %" if share >= 0.1 else f"{share:.2g} %"


def count_instructions(manifest: Mapping[str, Any]) -> tuple[int, int]:
    """How many instructions were accepted, and how many failed."""
    rounds = dict(manifest.get("acceptance_by_round") or {})
    failed = int(rounds.pop("failed", 0))
    return sum(int(count) for count in rounds.values()), failed


def summarise(manifest: Mapping[str, Any], n_images: int, n_rules: tuple[int, int]) -> Summary:
    """Tiles and charts.

    Args:
        manifest: the run's manifest; keys it leaves out count as zero.
        n_images: images of the run.
        n_rules: seed rules and mined rules.
    """
    points = [(int(ordinal), int(count)) for ordinal, count in manifest.get("rules_over_time") or []]
    if points and points[-1][0] < n_images:
        points.append((n_images, points[-1][1]))
    return Summary(
        tiles=_make_tiles(manifest, n_images, n_rules),
        leaks=_draw_leaks(manifest),
        acceptance=_draw_acceptance(manifest),
        kinds=draw_bars("Kinds of instruction", "accepted", _count(_find_kinds(manifest), is_share=True)),
        objections=draw_bars("Objections by attribute", "of all rejected rounds", _count(manifest.get("objections"))),
        facts=_draw_facts(manifest),
        caption_objections=_draw_caption_objections(manifest),
        rules=draw_steps("Filtering rules over time", "rules in force, by place of the image in the run", points),
    )


def _make_tiles(manifest: Mapping[str, Any], n_images: int, n_rules: tuple[int, int]) -> tuple[Tile, ...]:
    counts, leaks = manifest.get("counts") or {}, manifest.get("leaks") or {}
    accepted, failed = count_instructions(manifest)
    seed, mined = n_rules
    attribute = read_modality(manifest).report.attribute
    before, after, total = (
        (leaks.get("captions_before") or {}).get(attribute, 0),
        (leaks.get("captions_after") or {}).get(attribute, 0),
        leaks.get("captions", 0),
    )
    return (
        Tile("images", f"{n_images:,}", f"{counts.get('rejected', 0):,} rejected"),
        Tile("image-caption pairs", f"{counts.get('pairs', 0):,}", "filtered captions"),
        Tile("instructions", f"{accepted:,}", f"{failed:,} generation failed"),
        Tile("accepted", format_share(accepted, accepted + failed), "of all debates"),
        Tile("filtering rules", f"{seed + mined:,}", f"{seed:,} seed, {mined:,} mined"),
        Tile(
            f"{attribute.replace('_', ' ')} in captions",
            format_share(after, total),
            f"{format_share(before, total)} before filtering",
        ),
        *_make_original_tile(manifest),
        *_make_debate_tile(manifest),
        *_make_measured_tiles(manifest),
        *_make_cost_tile(manifest),
    )


def _make_original_tile(manifest: Mapping[str, Any]) -> tuple[Tile, ...]:
    """Captions whose original was chosen although every edit differs from it; nothing in a manifest without them."""
    found = manifest.get("originals")
    if found is None:
        return ()
    share = format_share(found["won"], found["captions"])
    return (Tile("original won", share, f"of captions; {found['won_under_rules']:,} with rules in force"),)


def _make_debate_tile(manifest: Mapping[str, Any]) -> tuple[Tile, ...]:
    """What the debate agent objected to in captions; nothing where it judged instructions alone."""
    found, again = manifest.get("captions_debated"), manifest.get("refiltered")
    more: tuple[Tile, ...] = ()
    if again is not None:
        flagged = again["instructions_with_changed_captions"]
        more = (Tile("filtered again", f"{again['captions']:,}", f"captions; {flagged:,} instructions flagged"),)
    if found is None:
        return more
    share = format_share(found["edited"] + found["refused"], found["judged"])
    return (Tile("captions objected to", share, f"{found['edited']:,} edited, {found['refused']:,} refused"), *more)


def _draw_caption_objections(manifest: Mapping[str, Any]) -> BarChart | None:
    found = manifest.get("captions_debated")
    if found is None:
        return None
    return draw_bars("Objections to captions", "by attribute, both rounds", _count(found["objections"]))


def _make_measured_tiles(manifest: Mapping[str, Any]) -> tuple[Tile, ...]:
    """What was measured, and what descriptions say of it; nothing in a run that did not measure."""
    found = manifest.get("evidence")
    if found is None:
        return ()
    descriptions = _find_kinds(manifest).get("description", 0)
    opening, share = found["commonest_opening"], found["share_of_commonest_opening"]
    return (
        Tile(
            "images with a fact",
            format_share(found["images_with_fact"], found["images"]),
            f"brightness drawn by {found['drawn_by']}" if found["drawn_by"] else f"{found['images']:,} measured",
        ),
        Tile(
            "say something measured",
            format_share(found["descriptions_measured"], descriptions),
            f"of {descriptions:,} descriptions",
        ),
        *((Tile("commonest opening", format_share(share, 1), f"“{opening} …”"),) if opening else ()),
    )


def _draw_facts(manifest: Mapping[str, Any]) -> BarChart | None:
    found = manifest.get("evidence")
    if found is None:
        return None
    return draw_bars("Facts by kind", f"measured in {found['images']:,} images", _count(found["facts"]))


def _make_cost_tile(manifest: Mapping[str, Any]) -> tuple[Tile, ...]:
    """What an endpoint's replies cost; nothing where no model was asked."""
    if not manifest.get("usage"):
        return ()
    cost, each = manifest.get("cost_usd"), manifest.get("cost_usd_per_instruction")
    note = f"${each:.4f} an accepted instruction" if each is not None else "no accepted instruction, or no price"
    return (Tile("cost", "unknown" if cost is None else f"${cost:,.2f}", note),)


def _draw_acceptance(manifest: Mapping[str, Any]) -> BarChart:
    rounds = dict(manifest.get("acceptance_by_round") or {})
    total = sum(rounds.values())
    failed = rounds.pop("failed", 0)
    order = sorted(rounds, key=lambda key: (len(key), key))
    named = [(f"round {key}", rounds[key]) for key in order] + [("generation failed", failed)]
    return draw_bars(
        "Acceptance by round",
        f"of {total:,} debated instructions",
        [(label, Value(count, f"{count:,} ({format_share(count, total)})")) for label, count in named],
    )


def _draw_leaks(manifest: Mapping[str, Any]) -> DotChart:
    """Leak rates; where the manifest tells them apart, captions that a rule about the attribute was in force for."""
    leaks, subject = manifest.get("leaks") or {}, read_modality(manifest).nouns.subject
    captions, turns = leaks.get("captions", 0), leaks.get("assistant_turns_total", 0)
    with_rule = leaks.get("captions_with_rule") or {}
    before = leaks.get("captions_before") or {}
    parts = [
        (Series("before", "before"), before, captions),
        (Series("after", "after"), leaks.get("captions_after") or {}, captions),
        (Series("under a rule", "ruled"), leaks.get("captions_after_with_rule") or {}, with_rule),
        (Series("answers", "turns"), leaks.get("assistant_turns") or {}, turns),
    ]
    if not with_rule:
        del parts[2]
    categories = {category for _, counts, _ in parts for category in counts}
    rows = [
        (category.replace("_", " "), [_share(counts, total, category) for _, counts, total in parts])
        for category in sorted(categories, key=lambda category: (-before.get(category, 0), category))
    ]
    return draw_dots(
        "Leak rate by attribute",
        f"Texts that name what {subject} cannot show: {captions:,} captions before and after filtering"
        f"{', those under a rule about the attribute' if with_rule else ''}, and {turns:,} assistant turns (answers).",
        rows,
        [series for series, _, _ in parts],
    )


def _share(counts: Mapping[str, int], total: int | Mapping[str, int], category: str) -> Value:
    count = counts.get(category, 0)
    of = total if isinstance(total, int) else total.get(category, 0)
    return Value(100 * count / (of or 1), format_share(count, of))


def _find_kinds(manifest: Mapping[str, Any]) -> Mapping[str, int]:
    return (manifest.get("counts") or {}).get("instructions_by_kind") or {}


def _count(counts: Mapping[str, int] | None, is_share: bool = False) -> list[tuple[str, Value]]:
    counts = counts or {}
    total = sum(counts.values())
    return [
        (
            name.replace("_", " "),
            Value(counts[name], f"{counts[name]:,}{f' ({format_share(counts[name], total)})' if is_share else ''}"),
        )
        for name in sorted(counts, key=lambda name: (-counts[name], name))
    ]
