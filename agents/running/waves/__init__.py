"""Questions in waves: all conversations run until they want replies, and the wants travel together."""
