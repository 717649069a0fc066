"""Whether text grounded in evidence teaches infrared better than text that only leaves out what it cannot show.

The plan was written before any test question was answered: docs/claim.md. The runner of cells, the towers and the
language model are those of the paper in miniature beside it.
"""
