"""Checkpoints of the paper's peers, as published, to folders of transformers: tensor by tensor, never the whole."""
