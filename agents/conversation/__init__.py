"""The three agents, their order, their rules, and one image from job to result."""
