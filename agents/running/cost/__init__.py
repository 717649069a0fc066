"""What a run may cost, does cost, and is allowed to cost: forecast in tokens, spending in money."""
