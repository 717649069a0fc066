"""The section in which a prompt, the lexicon or a rule is edited and tried on a few images of the run."""
