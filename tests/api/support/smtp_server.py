"""Receives mail for the tests: smtp_server.py DIRECTORY.

Prints its port, stores each message in the directory, and ends with its standard input, removing the directory.
"""

import asyncio
import os
import shutil
import sys
import threading

from aiosmtpd.smtp import SMTP


class Store:
    def __init__(self, directory):
        self.directory = directory
        self.count = 0

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        path = os.path.join(self.directory, f"{self.count:06}.eml")
        # Under its own name only when whole: the tests read the directory at any moment.
        with open(path + ".part", "wb") as file:
            file.write(envelope.content)
        os.rename(path + ".part", path)
        return "250 OK"


def end_with_stdin(directory):
    # The tests may have been killed, and then nobody else removes it.
    while sys.stdin.buffer.read(4096):
        pass
    shutil.rmtree(directory, ignore_errors=True)
    os._exit(0)


async def main(directory):
    store = Store(directory)
    loop = asyncio.get_running_loop()
    # The name is given because the default asks the resolver for it, which may take seconds.
    server = await loop.create_server(
        lambda: SMTP(store, hostname="localhost", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    threading.Thread(target=end_with_stdin, args=(directory,), daemon=True).start()
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main(sys.argv[1]))
