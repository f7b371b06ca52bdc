"""`python -m upkeep.demo.slack PORT FILE CHANNEL`; the bot's token is in UPKEEP_DEMO_SLACK_TOKEN."""

import os
import sys
from pathlib import Path

import uvicorn

from upkeep.demo.slack.app import Slack, make

if __name__ == "__main__":
    port, file, channel = sys.argv[1:]
    slack = Slack(Path(file), os.environ["UPKEEP_DEMO_SLACK_TOKEN"], channel)
    uvicorn.run(make(slack), host="127.0.0.1", port=int(port), log_level="warning", access_log=False)
