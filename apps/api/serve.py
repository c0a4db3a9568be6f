"""`make api`: webhooks and order status on this machine alone, unless another address is named.

Belongs here: the address, the process. Does not belong here: what is answered (`gateway.web`).
"""

from __future__ import annotations

import argparse

import uvicorn
from gateway.web import create_app

from oms_dagster import home as homes
from oms_dagster import settings


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description="Webhooks of channels and order status, over a home.")
    parser.add_argument("--home", metavar="DIR", help="the home (default: $OMS_HOME)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8400)
    args = parser.parse_args()
    home = settings.home(args.home)
    try:
        homes.require(home)
    except homes.HomeError as error:
        parser.exit(1, f"api: {error}\n")
    # An order status link is as good as a key: the access log would keep it.
    uvicorn.run(create_app(home), host=args.host, port=args.port, access_log=False, server_header=False)


if __name__ == "__main__":
    main()
