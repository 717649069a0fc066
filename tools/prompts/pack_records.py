"""What stands in `modality.yaml`: how a modality is called, how its texts speak of it, and what its images show.

README.md of the shipped pack explains each key to people who write one.
"""

from collections.abc import Mapping

from pydantic import Field

from tools.records import Record

Words = tuple[str, ...]


class Nouns(Record):
    """How texts call the modality and its images.

    Attributes:
        subject: the modality as the subject of a sentence: "what a depth camera cannot show".
        adjective: what kind of image or caption: "depth captions".
        title: the same at the head of a column or a picture.
        article: before `image`: `a` or `an`.
        image, images: one image of the modality, and several.
    """

    subject: str = Field(min_length=1)
    adjective: str = Field(min_length=1)
    title: str = Field(min_length=1)
    article: str = Field(min_length=1)
    image: str = Field(min_length=1)
    images: str = Field(min_length=1)

    @property
    def an_image(self) -> str:
        """With its article: `a depth image`."""
        return f"{self.article} {self.image}"

    @property
    def opening_image(self) -> str:
        """`image` as it begins a sentence."""
        return self.image[:1].upper() + self.image[1:]

    @property
    def opening_images(self) -> str:
        """`images` as they begin a sentence."""
        return self.images[:1].upper() + self.images[1:]


class CardText(Record):
    """What a card of a data set or a model says that is true of the modality alone.

    Attributes:
        dataset_title, benchmark_title: name of a run's card, and of a benchmark.
        dataset_tags, model_tags: what the hub files them under.
        limits: sentences about what the images are not, among the limits of a run's card.
        sensor_limits: the same of a run on images that a sensor took, in place of `limits`.
    """

    dataset_title: str = Field(min_length=1)
    benchmark_title: str = Field(min_length=1)
    dataset_tags: Words = ()
    model_tags: Words = ()
    limits: Words = ()
    sensor_limits: Words = ()


class ReportText(Record):
    """The page of a run.

    Attributes:
        lead: its first sentence; `{photographs}` and `{instructions}` are numbers.
        attribute: category of the lexicon whose share of the captions stands among the figures at the top.
    """

    lead: str = Field(min_length=1)
    attribute: str = Field(min_length=1)


class Polarity(Record):
    """What bright means.

    Attributes:
        default: id of how this toolkit writes images of the modality.
        names: id -> words.
        opposite: id -> id of the inverted image's, where inverting the image gives another one of these.
    """

    default: str
    names: Mapping[str, str] = Field(min_length=1)
    opposite: Mapping[str, str] = {}


class Band(Record):
    """One kind of sensor of the modality.

    Attributes:
        title: as a sentence names it.
        physics: one sentence on what a pixel stands for.
        shows: attributes that such an image shows: categories of the lexicon, and further ones by any name.
        hides: categories of the lexicon that it does not show.
    """

    title: str = Field(min_length=1)
    physics: str = Field(min_length=1)
    shows: Words = ()
    hides: Words = ()


class Objections(Record):
    """Reasons that the judge gives.

    Attributes:
        lexicon: for words that the modality cannot show; `{hit}` are the words, `{category}` the attribute's title.
    """

    lexicon: str = Field(min_length=1)


class Questions(Record):
    """Questions where nobody asks one.

    Attributes:
        image: what the image shows, for the proof of an exported model and in examples of a chat.
    """

    image: str = Field(min_length=1)


class ToolText(Record):
    """What a language model is told about the caption agent's tools."""

    translate: str = Field(min_length=1)
    score: str = Field(min_length=1)


class Defaults(Record):
    """What is used where no flag says otherwise.

    Attributes:
        translator, scorer: names of those seams.
        tower: vision tower that was trained on the modality, by its usual name; None when there is none.
    """

    translator: str
    scorer: str
    tower: str | None = None


class CheckWords(Record):
    """Words of the modality that the checks without a model have to know; lower case.

    Attributes:
        pictures: nouns for an image of the modality, besides `image` and its like.
        qualifiers: what may stand before such a noun: "the depth image".
        asides: words of a question "How many ... are there in the depth image?" that narrow nothing down.
        not_participles: words that end as a participle does and are none.
        quantities: beginnings of words beside which a fraction is a physical quantity and no coordinate.
        caption_labels: what a model may write before a caption, and a colon.
        bright, dark: words for much and for little of what the modality measures, compared and adverbs among them.
        measured: beginnings of words for what the modality measures: where one stands, bright and dark are of that.
        topics: words that name what the modality cannot show without saying that it is so: "colour", "text".
    """

    pictures: Words = ()
    qualifiers: Words = ()
    asides: Words = ()
    not_participles: Words = ()
    quantities: Words = ()
    caption_labels: Words = ()
    bright: Words = ()
    dark: Words = ()
    measured: Words = ()
    topics: Words = ()
