"""Two halves of a tunnel into a network namespace, through a socket in the file system.

    loopback.py near PORT SOCKET   listens on 127.0.0.1:PORT, leads to SOCKET
    loopback.py far SOCKET PORT    listens on SOCKET, leads to 127.0.0.1:PORT, in the namespace

For a server that listens on every interface: inside a namespace of its own nobody else reaches it.
"""

import asyncio
import contextlib
import fcntl
import socket
import struct
import sys

SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def loopback_up():
    """A new namespace has a loopback interface that is switched off."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


async def copy(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(1 << 18):
            writer.write(data)
            await writer.drain()
    writer.close()


def joined(connect):
    async def join(reader, writer):
        try:
            there, back = await connect()
        except OSError:
            writer.close()
            return
        await asyncio.gather(copy(reader, back), copy(there, writer))

    return join


async def main():
    half, first, second = sys.argv[1:]
    if half == "near":
        join = joined(lambda: asyncio.open_unix_connection(second))
        server = await asyncio.start_server(join, "127.0.0.1", int(first))
    else:
        loopback_up()
        join = joined(lambda: asyncio.open_connection("127.0.0.1", int(second)))
        server = await asyncio.start_unix_server(join, first)
    await server.serve_forever()


asyncio.run(main())
