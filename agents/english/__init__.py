"""English as captions write it: words, tokens, grammar, nouns and their categories, sentences."""
