"""Pages that ask the network for nothing: their style and script stand inside, and a policy runs these two alone."""

import base64
import hashlib
from pathlib import Path
from typing import Any


def load_assets(folder: Path) -> dict[str, Any]:
    """`style` and `script` from report.css and report.js, our own files, and `style_hash` and `script_hash` of them.

    A page that needs no script has no report.js.
    """
    from markupsafe import Markup

    assets: dict[str, Any] = {}
    for kind, name in (("style", "report.css"), ("script", "report.js")):
        if kind == "script" and not (folder / name).exists():
            continue
        text = (folder / name).read_text(encoding="utf-8")
        assets[kind] = Markup(text)
        assets[f"{kind}_hash"] = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return assets
