"""`python -m agents prompts`: the prompt files of a pack, listed, checked, shown."""
