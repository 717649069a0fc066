"""The paper in miniature, `make paper-mini`: its tables and claims on rendered scenes, with intervals.

Everything is done by the commands that a user with GPUs and the real weights runs; what is here puts them in order
(`cells`, `run`), hands files from one to the next (`handover`), and counts (`score`, `claims`, `page`).
"""
