"""Pages in the browser with Gradio: served from this machine alone, asking no other, with texts that stay texts.

serve(Page("a title", (Section("browse", "Browse", build),)), Address())
"""

from tools.web.address import PASSWORD, Address
from tools.web.page import Page, Section
from tools.web.pictures import FindPicture, Place
from tools.web.serve import serve
from tools.web.texts import escape, fill

__all__ = ["PASSWORD", "Address", "FindPicture", "Page", "Place", "Section", "escape", "fill", "serve"]
