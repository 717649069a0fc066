"""The forecast of a dry run for the terminal."""

from rich.table import Table
from rich.text import Text

from trainer.commands.dryrun import Forecast
from trainer.stages.stage_run import count_devices


def show_forecast(forecast: Forecast) -> Table:
    """The forecast as a table of two columns."""
    table = Table(show_header=False, box=None, padding=(0, 1), title=f"dry run, {forecast.stage}", title_justify="left")
    table.add_row("samples", f"{forecast.samples:,}")
    for code, count in sorted(forecast.rejects.items()):
        table.add_row("rejected", f"{count:,} {code}")
    table.add_row("steps", f"{forecast.steps:,}")
    if forecast.cut is not None:
        cut = forecast.cut
        table.add_row("batch", f"{count_devices()} devices x {cut.device_batch} x {cut.accumulation} accumulated")
    if forecast.traffic is not None:
        traffic = forecast.traffic
        parts = f"{forecast.image_tokens} an image, {traffic.supervised:,} supervised"
        table.add_row("tokens", f"{traffic.tokens:,} an epoch, {parts}; with padding {traffic.positions:,}")
    if forecast.memory is not None:
        for name, gigabytes in forecast.memory.list_parts():
            table.add_row(f"memory, {name}", f"{gigabytes:.3f} GB")
        table.add_row("memory, peak", f"about {forecast.memory.total_gb:.2f} GB a device (estimate)")
    for item in forecast.missing:
        table.add_row("missing", Text(item, style="red"))
    if not forecast.missing:
        table.add_row("missing", "nothing")
    return table
