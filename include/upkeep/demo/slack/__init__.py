"""A stand-in for Slack on this machine: takes messages by Slack's own rules, and shows them as a channel."""
