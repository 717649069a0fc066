"""Commands of the tools: `python -m tools --help`."""

from tools.commands import (
    calibrate,
    compare,
    doctor,
    evidence,
    inspect,
    photographs,
    plausibility,
    scenes,
    score,
    seams,
    translate,
)
from tools.terminal.cli import make_app, run_app

app = make_app("Images, translation, scoring and rendered scenes.\n\nExample: python -m tools doctor")
app.command()(doctor.doctor)
app.command()(seams.seams)
app.command()(translate.translate)
app.command()(score.score)
app.command()(evidence.evidence)
app.command()(plausibility.plausibility)
app.command()(inspect.inspect)
app.command()(scenes.scenes)
app.command()(photographs.photographs)
app.command()(calibrate.calibrate)
app.command("compare-translators")(compare.compare)


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m tools")


if __name__ == "__main__":
    main()
