"""Plurals, singulars and articles: COCO's eighty names and more than a hundred irregular nouns, written out by hand."""

import random
import subprocess
import sys

import pytest

from agents.english.categories import name_label
from tools.inflection import choose_article, is_plural, pluralise, singularise

# What a sentence calls COCO's classes, one and several; a class that is written by another name says so.
COCO = """
person: person, people | bicycle: bicycle, bicycles | car: car, cars | motorcycle: motorcycle, motorcycles
airplane: airplane, airplanes | bus: bus, buses | train: train, trains | truck: truck, trucks | boat: boat, boats
traffic light: traffic light, traffic lights | fire hydrant: fire hydrant, fire hydrants
stop sign: stop sign, stop signs | parking meter: parking meter, parking meters | bench: bench, benches
bird: bird, birds | cat: cat, cats | dog: dog, dogs | horse: horse, horses | sheep: sheep, sheep | cow: cow, cows
elephant: elephant, elephants | bear: bear, bears | zebra: zebra, zebras | giraffe: giraffe, giraffes
backpack: backpack, backpacks | umbrella: umbrella, umbrellas | handbag: handbag, handbags | tie: tie, ties
suitcase: suitcase, suitcases | frisbee: frisbee, frisbees | skis: pair of skis, pairs of skis
snowboard: snowboard, snowboards | sports ball: ball, balls | kite: kite, kites
baseball bat: baseball bat, baseball bats | baseball glove: baseball glove, baseball gloves
skateboard: skateboard, skateboards | surfboard: surfboard, surfboards
tennis racket: tennis racket, tennis rackets | bottle: bottle, bottles | wine glass: wine glass, wine glasses
cup: cup, cups | fork: fork, forks | knife: knife, knives | spoon: spoon, spoons | bowl: bowl, bowls
banana: banana, bananas | apple: apple, apples | sandwich: sandwich, sandwiches | orange: orange, oranges
broccoli: piece of broccoli, pieces of broccoli | carrot: carrot, carrots | hot dog: hot dog, hot dogs
pizza: pizza, pizzas | donut: donut, donuts | cake: cake, cakes | chair: chair, chairs | couch: couch, couches
potted plant: potted plant, potted plants | bed: bed, beds | dining table: table, tables | toilet: toilet, toilets
tv: screen, screens | laptop: laptop, laptops | mouse: computer mouse, computer mice
remote: remote control, remote controls | keyboard: keyboard, keyboards | cell phone: cell phone, cell phones
microwave: microwave, microwaves | oven: oven, ovens | toaster: toaster, toasters | sink: sink, sinks
refrigerator: refrigerator, refrigerators | book: book, books | clock: clock, clocks | vase: vase, vases
scissors: pair of scissors, pairs of scissors | teddy bear: teddy bear, teddy bears
hair drier: hair dryer, hair dryers | toothbrush: toothbrush, toothbrushes
"""
# The names of COCO as they stand, where the sentence above uses another.
AS_THEY_STAND = {
    "skis": "skis", "sports ball": "sports balls", "broccoli": "broccoli", "dining table": "dining tables", "tv": "tvs",
    "mouse": "mice", "remote": "remotes", "scissors": "scissors", "hair drier": "hair driers", "TV": "TVs",
}  # fmt: skip
IRREGULAR = """
man men, woman women, child children, gentleman gentlemen, fireman firemen, fisherman fishermen, policeman policemen
policewoman policewomen, snowman snowmen, cameraman cameramen, businessman businessmen, grandchild grandchildren
tooth teeth, foot feet, goose geese, mouse mice, louse lice, ox oxen, die dice, human humans, German Germans
ottoman ottomans, mongoose mongooses, knife knives, penknife penknives, wife wives, housewife housewives, life lives
leaf leaves, loaf loaves, thief thieves, shelf shelves, bookshelf bookshelves, half halves, wolf wolves
werewolf werewolves, calf calves, elf elves, hoof hooves, scarf scarves, roof roofs, chef chefs, cliff cliffs
giraffe giraffes, handkerchief handkerchiefs, reef reefs, cafe cafes, safe safes, staff staffs, potato potatoes
tomato tomatoes, mango mangoes, hero heroes, echo echoes, tornado tornadoes, volcano volcanoes, mosquito mosquitoes
domino dominoes, photo photos, piano pianos, radio radios, video videos, zoo zoos, kangaroo kangaroos, studio studios
burrito burritos, flamingo flamingos, avocado avocados, logo logos, rhino rhinos, hippo hippos, taco tacos, silo silos
tuxedo tuxedos, gazebo gazebos, tattoo tattoos, city cities, baby babies, puppy puppies, lady ladies, lorry lorries
ferry ferries, boy boys, monkey monkeys, donkey donkeys, trolley trolleys, buoy buoys, tray trays, church churches
bench benches, watch watches, stomach stomachs, monarch monarchs, brush brushes, dish dishes, fox foxes, box boxes
quiz quizzes, waltz waltzes, bus buses, minibus minibuses, gas gases, lens lenses, canvas canvases, atlas atlases
iris irises, walrus walruses, octopus octopuses, virus viruses, circus circuses, citrus citruses, cactus cacti
fungus fungi, radius radii, nucleus nuclei, platypus platypuses, hippopotamus hippopotamuses, oasis oases, crisis crises
analysis analyses, trellis trellises, thermos thermoses, glass glasses, wineglass wineglasses, dress dresses
mattress mattresses, waitress waitresses, compass compasses, index indices, vertex vertices, criterion criteria
phenomenon phenomena, bacterium bacteria, larva larvae, stadium stadiums, museum museums, plateau plateaus
chateau chateaux, menu menus, emu emus, ski skis, taxi taxis, bikini bikinis, kiwi kiwis, tie ties, bowtie bowties
cookie cookies, hoodie hoodies, smoothie smoothies, brownie brownies, movie movies, pie pies, magpie magpies
shoe shoes, canoe canoes, toe toes, horseshoe horseshoes, axe axes, stove stoves, olive olives, sleeve sleeves
wave waves, house houses, horse horses, vase vases, nose noses, purse purses, blouse blouses, base bases
moose moose, caboose cabooses, passerby passersby, mother-in-law mothers-in-law, runner-up runners-up, penny pennies
sheep sheep, deer deer, fish fish, salmon salmon, bison bison, squid squid, shrimp shrimp, aircraft aircraft
spacecraft spacecraft, series series, species species
"""
PHRASES = {
    "pair of scissors": "pairs of scissors", "pair of skis": "pairs of skis", "slice of pizza": "slices of pizza",
    "cup of coffee": "cups of coffee", "woman in a hat": "women in a hat", "wine glass": "wine glasses",
    "steak knife": "steak knives", "computer mouse": "computer mice", "baby elephant": "baby elephants",
    "double-decker bus": "double-decker buses", "Knife": "Knives", "MAN": "MEN", "SUV": "SUVs", "4x4": "4x4s",
}  # fmt: skip
ONLY_PLURAL = """
scissors pants jeans trousers shorts goggles binoculars tongs pliers tweezers shears
cattle sunglasses
"""
NO_NUMBER = """
luggage baggage furniture silverware cutlery broccoli equipment clothing wildlife traffic tennis
"""
AN = """
hour honest heir umbrella unimportant utter urn oven orange eight 8 11 18 apple SUV suv
x-ray LED ATM
"""
A = """
uniform unicorn unit university user utensil euro ewe one one-way ukulele urinal horse
yacht TV UFO 7 100
"""


def read_coco() -> dict[str, tuple[str, str]]:
    rows = (row.split(": ") for line in COCO.strip().splitlines() for row in line.split(" | "))
    return {label: tuple(forms.split(", ")) for label, forms in rows}


def read_irregular() -> list[tuple[str, str]]:
    return [tuple(pair.split()) for line in IRREGULAR.strip().splitlines() for pair in line.split(", ")]


def test_all_of_coco_is_named_in_the_right_number():
    assert len(read_coco()) == 80
    assert {label: name_label(label) for label in read_coco()} == read_coco()


@pytest.mark.parametrize("way", ["to the plural", "to the singular"])
def test_coco_both_ways(way):
    pairs = [*read_coco().values(), *AS_THEY_STAND.items()]
    pairs = [(one, many) for one, many in pairs if one != "skis"]  # which is the plural of "ski"
    if way == "to the plural":
        assert [pluralise(one) for one, _ in pairs] == [many for _, many in pairs]
    else:
        assert [singularise(many) for _, many in pairs] == [one for one, _ in pairs]


def test_more_than_a_hundred_irregular_nouns_both_ways():
    pairs = [*read_irregular(), *PHRASES.items()]
    assert len(pairs) >= 200
    wrong = [(one, pluralise(one), many) for one, many in pairs if pluralise(one) != many]
    wrong += [(many, singularise(many), one) for one, many in pairs if singularise(many) != one and many != "4x4s"]
    assert wrong == []


def test_what_is_in_its_number_already_stays():
    pairs = [pair for pair in read_irregular() if pair[0] != pair[1]]
    assert [pluralise(many) for _, many in pairs] == [many for _, many in pairs]
    assert [singularise(one) for one, _ in pairs] == [one for one, _ in pairs]
    assert [one for one, many in pairs if is_plural(one) or not is_plural(many)] == []


def test_plurals_without_a_singular_and_nouns_without_number():
    for word in ONLY_PLURAL.split():
        assert (pluralise(word), singularise(word), is_plural(word)) == (word, word, True)
    for word in NO_NUMBER.split():
        assert (pluralise(word), singularise(word), is_plural(word)) == (word, word, False)


def test_the_article_goes_by_the_sound():
    assert [word for word in AN.split() if choose_article(word) != "an"] == []
    assert [word for word in A.split() if choose_article(word) != "a"] == []
    assert choose_article("umbrella stand") == "an" and choose_article("") == "a"


def test_no_text_is_too_odd():
    generator = random.Random(0)
    for _ in range(500):
        text = "".join(generator.choices("abzs'-. 0_é中\U0001f600\ud800X,/\\(", k=generator.randint(0, 12)))
        assert isinstance(pluralise(text) + singularise(text), str) and choose_article(text) in ("a", "an")


def test_the_rules_are_loaded_when_needed_and_leave_the_type_checks_of_others_alone():
    code = (
        "import sys, agents, tools.inflection; assert 'inflect' not in sys.modules\n"
        "import typeguard; before = typeguard.typechecked\n"
        "from tools.inflection import pluralise; assert pluralise('wolf') == 'wolves'\n"
        "assert 'inflect' in sys.modules and typeguard.typechecked is before"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
