"""Skip the environments whose database server or browser is not here, so that tox lists them as not run."""

from tox.plugin import impl
from tox.tox_env.api import ToxEnv
from tox.tox_env.errors import Skip

from scripts.browser import why_no_browser
from scripts.database import why_not


@impl
def tox_on_install(tox_env: ToxEnv, arguments: object, section: str, of_type: str) -> None:  # noqa: ARG001 - tox's names
    """Ask before anything is installed: without the server, its client library may not build either."""
    if reason := why_no_browser() if tox_env.name == "browser" else why_not(tox_env.name.rpartition("-")[2]):
        raise Skip(reason)
