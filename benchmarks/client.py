"""One client of `vote_path.py`: sends requests over a connection that it keeps, each from an address of its own.

It says that it is ready, waits for a line on its standard input, and prints how many requests were answered with 200.
"""

import socket
import sys
import time
from ipaddress import IPv4Address

END_OF_HEAD = b"\r\n\r\n"


def request(path: str, body: str, address: str) -> bytes:
    """Return a vote as HTTP has it; without a body, a GET."""
    method = "POST" if body else "GET"
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: {address}\r\nAccept: */*\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def received(connection: socket.socket) -> bytes:
    """Return what has come. Raises ConnectionError where nothing more will."""
    data = connection.recv(65_536)
    if not data:
        raise ConnectionError("The server hung up.")
    return data


def answer(connection: socket.socket) -> bytes:
    """Return the head of an answer that has been read to its end."""
    data = b""
    while END_OF_HEAD not in data:
        data += received(connection)
    head, _end, rest = data.partition(END_OF_HEAD)
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(rest) < length:
        rest += received(connection)
    return head


def main() -> None:
    """Send requests for so long."""
    port, path, body, first_address, seconds = sys.argv[1:]
    address, answered = IPv4Address(first_address), 0
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print("ready", flush=True)
        sys.stdin.readline()
        end = time.monotonic() + float(seconds)
        while time.monotonic() < end:
            connection.sendall(request(path, body, str(address)))
            head = answer(connection)
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            address, answered = address + 1, answered + 1
    print(answered)


if __name__ == "__main__":
    main()
