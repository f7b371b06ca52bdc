"""`python -m upkeep.demo.cloud PORT`: AWS's services at one address, each known by what the request is signed for."""

import sys

from upkeep.demo.cloud.server import serve

if __name__ == "__main__":
    serve(int(sys.argv[1])).serve_forever()
