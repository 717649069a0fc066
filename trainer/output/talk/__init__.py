"""Talks about images with models: what `trainer.chat` does, in a terminal, in a browser, or with a folder of images.

pictures -> prompting -> local, server (what can be talked to) -> talk (turns) -> many (a folder), web (a page)
"""
