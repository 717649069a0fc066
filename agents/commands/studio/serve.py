"""`python -m agents serve`: a run in the browser."""

from agents.commands.options import RunFolder
from agents.studio.settings import StudioSettings
from tools.terminal.cli import stdout, takes_settings

HELP = "Look at a run in the browser, and try a prompt on it.\n\nExample: python -m agents serve runs/demo"


@takes_settings(StudioSettings)
def serve(settings: StudioSettings, run: RunFolder) -> None:
    """Look at a run in the browser."""
    from agents.studio.page import open_page
    from tools.web import Address, serve

    address = Address(settings.host, settings.port)
    with open_page(run, settings.places, settings.out, is_local=address.is_local) as page:
        serve(page, address, lambda text: stdout.print(text, soft_wrap=True))
