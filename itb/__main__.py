"""Commands of the benchmark: `python -m itb --help`."""

from itb.commands import audit, build, eval, export, imports, picture, report, select, serve, sources, why
from tools.terminal.cli import make_app, run_app

app = make_app(
    "The Infrared Template Benchmark, ITB: build it from real datasets, evaluate models on it, report.\n\n"
    "Example: python -m itb sources"
)
app.command()(sources.sources)
app.command()(select.select)
app.command(help=build.HELP)(build.build)
app.command("import", help=imports.HELP)(imports.import_command)
app.command(help=audit.HELP)(audit.audit)
app.command(help=why.HELP)(why.why)
app.command(help=picture.HELP)(picture.picture)
app.command("eval", help=eval.HELP)(eval.evaluate)
app.command(help=report.HELP)(report.report)
app.command(help=serve.HELP)(serve.serve)
app.command()(export.export)


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m itb")


if __name__ == "__main__":
    main()
