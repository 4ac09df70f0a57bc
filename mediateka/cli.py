"""The command line's entry: one group of commands, one place where every error becomes a sentence and an exit status."""

import logging
import sys

import click

from archive.errors import MediatekaError, Misconfigured
from mediateka.commands import depositing, house, jobs, material, moving, people
from mediateka.logs import set_up_logging
from mediateka.settings import read_settings

FAILED = 1
MISCONFIGURED = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mediateka")
def mediateka() -> None:
    """Mediateka: the media archive of a press centre, in Azerbaijani, English and Russian."""


for command in (
    house.serve,
    house.web,
    house.worker,
    house.doctor,
    house.reindex,
    people.user,
    people.token,
    depositing.ingest,
    material.publish,
    material.withdraw,
    material.search,
    material.asset,
    jobs.jobs,
    jobs.job,
    moving.move,
    moving.dump,
):
    mediateka.add_command(command)


def main() -> None:
    """Run a command; exit 0 when all went well."""
    try:
        set_up_logging(as_json=read_settings().log_json, level=logging.WARNING)
        mediateka(standalone_mode=False)
    except click.ClickException as trouble:
        trouble.show()
        sys.exit(trouble.exit_code)
    except click.Abort:
        sys.exit(FAILED)
    except Misconfigured as trouble:
        _say(f"{trouble}")
        sys.exit(MISCONFIGURED)
    except MediatekaError as trouble:
        _say(f"{trouble}")
        sys.exit(FAILED)
    except Exception:  # the third place where everything is caught
        logging.getLogger(__name__).exception("a defect of ours")
        sys.exit(FAILED)


def _say(text: str) -> None:
    click.echo(f"mediateka: {text}", err=True)
