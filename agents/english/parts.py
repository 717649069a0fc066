"""Nouns that say something only through their modifier: "with green eyes" is worth saying, "with eyes" is not."""

from agents.english.words import word_set

BODY = word_set(
    """
    eye eyes nose noses hair fur coat skin face faces ear ears head heads tail tails leg legs foot feet paw paws mouth
    lips body bodies beak beaks bill feather feathers wing wings mane manes hoof hooves belly stomach neck necks snout
    muzzle complexion
    """
)
OF_THINGS = word_set(
    """
    handle handles petal petals stem stems leaf leaves wall walls floor floors flooring ceiling ceilings side sides
    front back top bottom surface exterior interior tire tires tyre tyres wheel wheels body trunk trunks seat seats
    sole soles sleeve sleeves background backdrop lining engine
    """
)
CARRIERS = word_set(
    """
    accent accents trim trimming trims tone tones hue hues tint tints highlight highlights coloring colouring marking
    markings pattern patterns design designs style scheme theme finish detail details
    """
)
CLOTHING = word_set("clothes clothing outfit outfits attire apparel garb")
TIMES = word_set("day days afternoon evening morning night")
SHARING = BODY | OF_THINGS | CARRIERS
GROUNDS = word_set("background foreground distance")
BEHIND = word_set("behind above around below beneath")
OBJECT_PRONOUNS = word_set("it them him her")
WITH_PART = word_set("with has have had having")
"""What may stand before a part: a preposition or a verb that only says the thing has it."""
EMPTIED = {
    **dict.fromkeys(WITH_PART, SHARING | CLOTHING | {"sky"}),
    "in": CARRIERS | CLOTHING,
    "on": TIMES,
    "under": frozenset({"sky"}),
    "against": frozenset({"sky"}),
}
"""For each word that opens a phrase, the nouns that leave it empty when they stand there alone."""
