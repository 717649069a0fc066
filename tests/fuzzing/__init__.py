"""Inputs that no one would write, put through the commands: how they are changed, who reads them, what is watched."""
