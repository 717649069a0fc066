"""What a page is made of: sections, each of which builds itself into the page that is open."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tools.web.pictures import FindPicture


@dataclass(frozen=True)
class Section:
    """One tab.

    Attributes:
        name: in the address of the page, `?section=NAME`; letters only.
        title: on the tab.
        build: called once, inside the open tab, makes Gradio's components and their events.
        pictures: what the section's texts may show, by kind: `/picture/KIND?id=...` asks it for a place.
    """

    name: str
    title: str
    build: Callable[[], None]
    pictures: Mapping[str, FindPicture] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """A page of one or more sections.

    Attributes:
        title: plain text, at the top and in the browser's own title.
        style: CSS of its own, put behind the shared one.
        script: JavaScript of its own, put behind the shared one.
    """

    title: str
    sections: tuple[Section, ...]
    style: str = ""
    script: str = ""
