"""Prompts are files: one Markdown file a prompt, proved when it is loaded, filled with data when it is used.

    from tools.prompts.folder import load_prompts

    prompts = load_prompts(DEFAULT_PACK)
    messages = prompts["caption_filter"].render(caption="a red car", rules=rules)

README.md of the shipped pack describes the format; `python -m agents prompts check` proves a pack.
"""

from pathlib import Path

DEFAULT_PACK = Path("prompts/infrared")
"""The pack of a command that names none."""
