"""The backend without a model: lexicon, boxes and wordings."""
