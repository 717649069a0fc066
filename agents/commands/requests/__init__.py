"""What a run has asked of models: waves as files, and the bill."""
