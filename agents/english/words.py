"""The closed classes of English that the caption filter goes by; attribute words stand in the lexicon, not here."""


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text, separated by whitespace."""
    return frozenset(text.split())


ARTICLES = word_set("a an the")
POSSESSIVES = word_set("his her its their my our your whose")
NUMBERS = word_set(
    """
    one two three four five six seven eight nine ten eleven twelve several many few both some any each every
    another no multiple dozens numerous
    """
)
COUNTS = word_set("two three four five six seven eight")
DETERMINERS = ARTICLES | POSSESSIVES | NUMBERS | word_set("this these those")
PRONOUNS = word_set(
    """
    it they he she i we you him them me us there something someone everything everyone nothing others other itself
    himself herself themselves this that these those
    """
)
CONJUNCTIONS = word_set("and or & / but nor")
CLAUSE_OPENERS = word_set("while as but because where when whose if until although though so since")
RELATIVES = word_set("that which who")
FORMS_OF_BE = word_set("is are was were be been being 's ’s isn't aren't")
SHORTENING_BE = word_set("that it there who he she")
LINKING_VERBS = word_set(
    """
    look looks looked appear appears appeared seem seems seemed turn turns turned become becomes stay stays
    remains get gets looking turning
    """
)
PREPOSITIONS = word_set(
    """
    in on of with by from at to into onto under over near behind beside between among against through for around
    across above below inside outside along underneath beneath atop towards toward about off within without during
    past upon like up down out after before beyond amongst amid via alongside throughout aboard opposite per
    except unlike wit surrounding featuring including
    """
)
COMPLEX_PREPOSITIONS = (
    ("in", "front", "of"),
    ("on", "top", "of"),
    ("in", "back", "of"),
    ("on", "the", "side", "of"),
    ("at", "the", "side", "of"),
    ("next", "to"),
    ("close", "to"),
    ("out", "of"),
    ("outside", "of"),
    ("inside", "of"),
    ("off", "of"),
    ("instead", "of"),
    ("because", "of"),
    ("as", "well", "as"),
    ("along", "with"),
    ("all", "over"),
    ("up", "against"),
    ("in", "between"),
    ("such", "as"),
)
DEGREES = word_set(
    """
    very all mostly so really quite too mainly primarily completely partially partly almost entirely extremely
    slightly somewhat rather pretty predominantly totally fully both nearly solid pure
    """
)
ADVERBS = word_set(
    """
    also still currently just now then together nearby alone here there outdoors indoors outside inside away
    upside down up back only even again not ready behind overhead ahead everywhere
    """
)
ADJECTIVES = word_set(
    """
    leafy steamed chopped lit mixed diced shredded ugly sad scenic silly spacious comfortable
    big large small little tiny huge tall short long old young new modern clean dirty empty full open closed wide
    narrow thick thin round square beautiful pretty nice cute lovely fancy ornate plain simple soft hard flat high
    low hot cold warm cool wet dry fresh ripe different various assorted many several other same single double
    older elderly adult baby male female lone giant giant-sized busy crowded quiet cluttered messy neat tidy
    healthy delicious fluffy furry hairy fuzzy grassy snowy rocky sandy dusty muddy smooth rough sharp heavy light
    broken stuffed decorative antique vintage classic historic rustic wild domestic domesticated sliced cooked
    fried baked grilled lush bushy curly tangled cloudy overcast rainy foggy stormy dark blurry funny strange odd
    weird unusual happy sleepy tired lazy hungry adorable interesting gorgeous matching oversized medium
    miniature mini bare real fake foreign local public private unique extra main first second last next left right
    front rear upper lower top bottom certain artistic elegant formal casual professional electric electronic
    digital rectangular circular triangular oval parked standing neutral patriotic total primary natural muted
    earthy complementary contrasting identical whole entire complete mid-air late early
    """
)
ADJECTIVE_ENDINGS = ("ful", "ous", "less", "ish", "ive", "-sized", "-shaped")
COLOUR_NOUNS = word_set(
    """
    color colors colour colours shade shades hue hues tone tones pattern patterns stripes light lighting
    """
)
ATTRIBUTE_NOUNS = COLOUR_NOUNS | word_set(
    """
    logo logos lettering writing label labels numerals mural murals graffiti sticker stickers decal decals tattoo
    tattoos reflection reflections shadow shadows text motif texture inscription illumination
    """
)
TRANSITIVE_ATTRIBUTES = word_set(
    """
    reflecting reflects illuminating illuminates lighting silhouetting displaying showing flashing flashes
    """
)
REFLECTIONS = word_set("reflected reflecting mirrored")
SHADES = word_set("shade shadow shadows")
PHRASE_GERUNDS = word_set(
    """
    covering reading saying stating spelling depicting showing advertising shining streaming coming falling glowing
    reflecting indicating going stretching filling
    """
)
QUANTITY_NOUNS = word_set(
    """
    variety lot lots bunch array assortment range mix mixture combination blend shade shades kind kinds type types
    pattern splash touch hint patch patches bit amount amounts plenty number strip line lines spectrum multitude
    layers coat piece pieces
    """
)
GOVERNED_PARTICIPLES = word_set(
    """
    dressed clad decorated covered painted written made filled lit trimmed done colored coloured drawn printed
    shown accented adorned outlined bathed surrounded coated cast wrapped clothed attired decked set displayed
    reflected constructed built full consisting comprised composed carved finished topped lined framed illuminated
    wearing glowing marked tagged shrouded seen taken captured
    """
)
CLOTHING_VERBS = word_set("wearing wear wears wore")
PLURALS_LIKE_VERBS = word_set(
    """
    trains towers ties boards bats blocks slices drinks skateboards brushes sticks swings floats posts combs rolls steps
    skis watches trims types prints rows texts views paints pets heads stacks presents orders loads lifts picks points
    rounds smokes tests touches uses wraps blends calls cooks draws fights forms hits hugs mixes paddles perches pitches
    races slides spins surveys swallows taps tugs twists stops covers lines tops features displays shows signs cuts
    waves digs grips rides dances treks fits prunes plants backs fronts pulls leads scratches
    """
)
THIRD_PERSON = word_set(
    """
    streams filters beams shimmers spills
    sits stands rides walks holds plays looks rests lays lies runs jumps eats drives hits throws catches swings
    poses wears carries has moves reads says sleeps drinks pulls goes comes takes makes gets waits leans hangs
    travels passes crosses gathers smiles shows talks faces covers fills reaches performs prepares uses stares
    gazes flies grazes appears seems contains features includes casts reflects shines does kicks skateboards surfs
    stops speeds lets keeps leads tries enjoys watches serves displays flows grows adorns decorates tops lines
    surrounds gives puts sticks peeks peers falls feeds cuts brushes bends approaches attempts overlooks burns
    glows obscures blocks disappears opens closes begins ends arrives departs lands pushes rolls slides spins
    swims climbs digs grips grabs lifts loads offers orders picks points posts presents prints protects rounds
    rows sells sends separates shares sings skis smells smokes speaks spreads squats steps strikes swats teaches
    tends tests texts ties touches towers trots types views waves whips works wraps writes allows arranges bats
    becomes blends boards calls chews combs cooks cradles dances dines draws drags dribbles explains extends
    fights fits fixes follows forms glides greets grinds heads helps hugs inspects juggles knocks laughs learns
    loses loves meets mixes naps navigates needs nuzzles observes occupies oversees paddles paints pauses pedals
    perches pets pitches practices prances races receives relaxes resembles returns roams scratches sees seeks
    slices snowboards splashes sprints stacks starts stirs strolls struggles surveys swallows taps tosses tows
    trains transports treks trims tugs turns twists wants washes wields yawns wanders crouches kneels drops licks
    celebrates stretches sniffs hovers floats pours blows chases
    """
)
PLAIN_VERBS = word_set(
    """
    see find show make take give go come get use wear become
    can't cannot won't don't doesn't didn't couldn't aren't
    sit stand ride walk have hold play look rest lay lie run jump eat drive wait lean hang are were do can will
    may sat stood had held hung went came took made got gather gathered pose travel graze wore ran flew rode ate
    enjoy watch swim fly could would must should
    """
)
ING_NOUNS = word_set(
    """
    wedding building buildings painting paintings railing ceiling clothing awning frosting icing ring string wing
    king swing spring thing flooring topping stocking lettering writing sling earring setting siding paneling
    bedding landing crossing dressing covering coating lighting sibling evening morning pudding stuffing seating
    awnings markings marking piping trimming fencing shelving lining dining living parking opening tubing kling
    something anything nothing everything offspring netting bowling wrapping seasoning filling carving
    """
)
ING_MODIFIERS = word_set(
    """
    swimming bathing hiking riding running racing sleeping cutting skiing cooking baking serving rocking dining
    living parking shopping flying sitting training mixing moving boxing passing welding surfing skating drinking
    washing ironing stuffing dressing roofing folding rolling
    """
)
ADJECTIVAL_PARTICIPLES = word_set(
    """
    striped tiled stuffed painted parked checkered checked haired eyed furred skinned patterned paneled decorated
    framed fenced spotted shaped topped lined covered colored dotted iced frosted hooded winged feathered potted
    sliced cooked mixed stained trimmed walled brimmed sided headed tailed faced fringed sleeved cushioned tufted
    padded raised wheeled shelled mounted carpeted upholstered
    """
)
IRREGULAR_PARTICIPLES = word_set(
    """
    seen shown made worn held hung drawn built lit cut set written taken laid driven eaten flown grown thrown put
    """
)
UNCOUNTED_NOUNS = word_set(
    """
    grass snow water food hair sand dirt furniture fruit meat bread rice luggage traffic fur clothing fire ice
    cake broccoli cheese weather equipment smoke frosting icing lettuce paper wood soup coffee tea milk juice wine
    beer foliage soil foam silverware
    """
)
UNIQUE_NOUNS = word_set(
    """
    sky sun ground background ocean moon sea floor outside inside rest top bottom color horizon scenery street
    road
    """
)
UNNAMED_SUBJECTS = word_set(
    """
    it they he she this that these those one other another others some both all each which most everything half
    two three
    """
)
NEAR_PLACES = word_set(
    """
    it them him her side sides front back top bottom face wall surface head body arm arms leg legs tail wings
    center centre middle edge edges tip tips inside outside end ends
    """
)
NEAR_PLACE_PREPOSITIONS = frozenset(
    {"on", "in", "over", "all over", "across", "along", "around", "above", "of", "from", "at", "down", "inside", "near"}
    | {"toward", "towards"}
)
NOT_PARTICIPLES = word_set(
    """
    flatbed seabed hundred sacred speed breed indeed exceed airbed toolshed bunkbed need
    """
)
VERBS_AS_NOUNS = word_set(
    """
    watch walk ride drive rest run wait jump play look stand watches hold top travel fly swim pose
    """
)
