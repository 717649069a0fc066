"""Commands of the agents: `python -m agents --help`."""

from agents.commands import (
    ablate,
    audit,
    export,
    merge,
    picture,
    plan,
    preview,
    refilter,
    report,
    run,
    show,
    why,
)
from agents.commands.coco import import_files
from agents.commands.prompts.app import prompts_app
from agents.commands.requests import bill
from agents.commands.requests.batch import batch_app
from agents.commands.review import agreement
from agents.commands.review import plan as review_plan
from agents.commands.rules import rules_app
from agents.commands.studio import serve
from tools.terminal.cli import make_app, run_app

app = make_app(
    "Three debating agents turn photographs with captions and boxes (COCO) into images of another modality, "
    "captions and instructions. First: `make demo`.\n\nExample: python -m agents plan --help"
)
app.command(help=plan.HELP)(plan.plan)
app.command(help=preview.HELP)(preview.preview)
app.command(help=run.HELP)(run.run)
app.command()(show.show)
app.command()(why.why)
app.command()(export.export)
app.command("import", help=import_files.HELP)(import_files.import_files)
app.command()(report.report)
app.command(help=serve.HELP)(serve.serve)
app.command()(picture.picture)
app.command()(audit.audit)
app.command(help=ablate.HELP)(ablate.ablate)
app.command()(merge.merge)
app.command()(bill.bill)
app.command()(refilter.refilter)
app.command("review-plan")(review_plan.review_plan)
app.command()(agreement.agreement)
app.add_typer(prompts_app, name="prompts")
app.add_typer(rules_app, name="rules")
app.add_typer(batch_app, name="batch")


def main() -> None:
    """Run the command line."""
    run_app(app, "python -m agents")


if __name__ == "__main__":
    main()
