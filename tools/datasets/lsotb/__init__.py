"""LSOTB-TIR, two parts."""
