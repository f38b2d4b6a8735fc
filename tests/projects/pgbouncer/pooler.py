"""A PgBouncer of the tests' own, in transaction mode, in front of the PostgreSQL server that they use."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")
POOL_SIZE = 2

CONFIGURATION = """
[databases]
* = {upstream}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {pool_size}
log_connections = 0
log_disconnections = 0
"""


def free_port() -> int:
    """Return a port on which nothing listens now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def connection_of(url: str) -> str:
    """Return, as PgBouncer writes it, how to reach the server that a URL names."""
    parts = urlsplit(url)
    connection = {
        "host": dict(parse_qsl(parts.query)).get("host", parts.hostname),
        "port": parts.port or 5432,
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
    }
    return " ".join(f"{name}='{value}'" for name, value in connection.items() if value)


def drop_test_database(upstream: str) -> None:
    """Drop the database that Django made: PgBouncer's connections to it outlived the tests, and stood in the way."""
    import psycopg  # noqa: PLC0415 - only the environments that test on PostgreSQL have it

    name = psycopg.sql.Identifier(f"test_{urlsplit(upstream).path.removeprefix('/')}")
    with psycopg.connect(upstream, dbname="postgres", autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {}").format(name))


@contextmanager
def running(folder: Path, *, upstream: str) -> Iterator[str]:
    """Yield a URL for the database that `upstream` names, by way of a PgBouncer that runs as long as the block does."""
    port = free_port()
    configuration = folder / "pgbouncer.ini"
    configuration.write_text(
        CONFIGURATION.format(upstream=connection_of(upstream), port=port, pool_size=POOL_SIZE), encoding="utf-8"
    )
    # It refuses to run as root.
    user = ["--user=nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen(
        [str(PGBOUNCER), *user, str(configuration)], stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as pooler:
        try:
            said = []
            for line in pooler.stderr or ():
                said.append(line)
                if "process up" in line:
                    break
            else:
                raise RuntimeError("".join(said))
            yield f"postgres://pooled@127.0.0.1:{port}{urlsplit(upstream).path}"
        finally:
            pooler.terminate()
            pooler.wait()
            drop_test_database(upstream)
