"""Forwards connections to a port of this machine, and hangs up on TLS: plain_http.py PORT.

Prints its own port. A client that would rather speak TLS has to ask in plain HTTP here.
"""

import asyncio
import sys

CHUNK = 65536
TLS_HANDSHAKE = b"\x16"


async def forward(reader, writer):
    while chunk := await reader.read(CHUNK):
        writer.write(chunk)
        await writer.drain()
    writer.close()


async def main(port):
    async def serve(reader, writer):
        first = await reader.read(CHUNK)
        if first.startswith(TLS_HANDSHAKE):
            writer.close()
            return
        from_there, to_there = await asyncio.open_connection("127.0.0.1", port)
        to_there.write(first)
        both = forward(reader, to_there), forward(from_there, writer)
        await asyncio.gather(*both, return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
