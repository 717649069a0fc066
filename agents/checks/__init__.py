"""Claims of a text against what is known of the image: boxes, captions, the lexicon."""
