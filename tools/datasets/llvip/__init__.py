"""LLVIP, pairs for low-light vision."""
