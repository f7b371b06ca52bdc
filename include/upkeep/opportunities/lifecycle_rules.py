"""Whether lifecycle rules of a bucket do something about all objects of a place."""

from collections.abc import Mapping, Sequence
from typing import Any

Rule = Mapping[str, Any]

MOVES = ("Transitions", "Expiration")
FORGETS = ("NoncurrentVersionExpiration", "NoncurrentVersionTransitions")
GIVES_UP = ("AbortIncompleteMultipartUpload",)

REMEDIES: Mapping[str, str] = {
    "Transitions": '{{"ID": "upkeep-old", "Status": "Enabled", "Filter": {{"Prefix": "{prefix}"}}, '
    '"Transitions": [{{"Days": {days}, "StorageClass": "STANDARD_IA"}}]}}',
    "Tiers": '{{"ID": "upkeep-tiers", "Status": "Enabled", "Filter": {{"Prefix": "{prefix}"}}, '
    '"Transitions": [{{"Days": {days}, "StorageClass": "INTELLIGENT_TIERING"}}]}}',
    "NoncurrentVersionExpiration": '{{"ID": "upkeep-previous", "Status": "Enabled", "Filter": {{"Prefix": "{prefix}"}}, '
    '"NoncurrentVersionExpiration": {{"NoncurrentDays": {days}}}}}',
    "AbortIncompleteMultipartUpload": '{{"ID": "upkeep-uploads", "Status": "Enabled", "Filter": {{"Prefix": "{prefix}"}}, '
    '"AbortIncompleteMultipartUpload": {{"DaysAfterInitiation": {days}}}}}',
}


def covered(rules: Sequence[Rule], prefix: str, actions: Sequence[str]) -> bool:
    """Whether one rule does one of these for every object whose name begins so. One that looks at tags or sizes does not."""
    return any(_is_about_all(rule, prefix) and any(_does(rule, action) for action in actions) for rule in rules)


def remedy(action: str, prefix: str, days: int) -> str:
    """A rule to add. It is told apart from those that are there, since S3 takes the whole list at once."""
    rule = REMEDIES[action].format(prefix=prefix.replace("\\", "\\\\").replace('"', '\\"'), days=days)
    return f"add this rule to those of the bucket (put-bucket-lifecycle-configuration replaces all of them): {rule}"


def _is_about_all(rule: Rule, prefix: str) -> bool:
    only = rule.get("Filter", {})
    if set(only) - {"Prefix"}:
        return False
    return prefix.startswith(str(only.get("Prefix", rule.get("Prefix", ""))))


def _does(rule: Rule, action: str) -> bool:
    """An expiration that only clears delete markers moves nothing."""
    said = rule.get(action) or {}
    return bool(said) and not (action == "Expiration" and set(said) == {"ExpiredObjectDeleteMarker"})
