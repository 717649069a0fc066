"""The rules of a run: what each says, read again only when more were mined."""

import threading
from collections.abc import Mapping

from agents.output.report.words import clip_text
from agents.output.show import list_rules
from agents.studio.opened import OpenRun


class RuleTexts:
    """What each rule that was ever in a book of a run says, by id."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._lock = threading.Lock()
        self._count = -1
        self._texts: Mapping[str, str] = {}

    def read(self) -> Mapping[str, str]:
        """The texts as of now."""
        (count,) = self._run.store.query("SELECT count(*) FROM mined")[0]
        with self._lock:
            if count != self._count:
                self._texts = {rule.id: clip_text(rule.text) for rule in list_rules(self._run.store)}
                self._count = count
            return self._texts
