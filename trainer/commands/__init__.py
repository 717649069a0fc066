"""The two stages as commands, and what all training commands share."""
