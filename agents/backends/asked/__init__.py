"""What a run has asked of models: the replies that its conversations want, and the bill."""
