"""What of an HTTP answer is compared: JSON and text, without what differs from run to run."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.conformance.normalise import MEMBER_ID, Normaliser

INDEX_NAMES = ("modifiedIndex", "createdIndex", "index")
CODES_WITH_INDEXES = (101, 401)
"""Errors whose cause names indexes: compare failed, history cleared."""
LONGEST = 600
WITHOUT_TTL_S = 15


@dataclass
class Answers:
    """The rules, for the answers in one case."""

    normal: Normaliser
    now_s: float = 0.0
    """The clock when the answer came: deadlines lie `ttl` seconds after it."""
    _ids: dict[str, str] = field(default_factory=dict)

    def json(self, value: Any, *, is_sorted: bool = False) -> Any:
        """A JSON value; `is_sorted`: the order of keys in a list is part of the answer."""
        if isinstance(value, dict):
            return {name: self._member(value, name, is_sorted) for name in value}
        if isinstance(value, list):
            return [self.json(one, is_sorted=is_sorted) for one in value]
        return self.text(value) if isinstance(value, str) else value

    def _member(self, whole: dict[str, Any], name: str, is_sorted: bool) -> Any:
        value = whole[name]
        match name:
            case _ if name in INDEX_NAMES and isinstance(value, int):
                return self.normal.index(value) if value else 0
            case "expiration":
                return "<exp>" if self._is_in_time(value, whole.get("ttl")) else value
            case "cause" if whole.get("errorCode") in CODES_WITH_INDEXES:
                return self.text(self.normal.indexes_in(value))
            case "id" if isinstance(value, str):
                return self._ids.setdefault(value, f"<id{len(self._ids) + 1}>")
            case "nodes" if isinstance(value, list) and not is_sorted:
                value = sorted(value, key=lambda node: node["key"])
            case "members" if isinstance(value, list):
                value = sorted(value, key=lambda member: self.json(member["peerURLs"]))
        return self.json(value, is_sorted=is_sorted)

    def _is_in_time(self, expiration: str, ttl: int | None) -> bool:
        # Python 3.11 reads no more than six digits of a second.
        moment = datetime.fromisoformat(re.sub(r"(\.\d{1,6})\d*Z", r"\1+00:00", expiration))
        left_s = moment.timestamp() - self.now_s
        return abs(left_s) <= WITHOUT_TTL_S if ttl is None else ttl - 1.5 <= left_s <= ttl + 1

    def text(self, text: str) -> str:
        """A text: addresses, names of in-order keys, known ids; a long one by its digest."""
        text = self.normal.in_order_names(self.normal.addresses_in(text))
        text = MEMBER_ID.sub(lambda found: self._ids.get(found[0], found[0]), text)
        if len(text) <= LONGEST:
            return text
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"<long: {len(text)} characters, sha256 {digest}>"

    def raw(self, text: str) -> str:
        """The text of a JSON answer, after `json` has seen the answer itself."""
        index = rf'("(?:{"|".join(INDEX_NAMES)})":)(\d+)'
        text = re.sub(index, lambda found: found[1] + self.normal.index(int(found[2])), text)
        if re.search(r'"errorCode":(101|401)\b', text):
            cause = r'(?<="cause":")[^"]*'
            text = re.sub(cause, lambda found: self.normal.indexes_in(found[0]), text)
        for id, name in self._ids.items():
            text = text.replace(f'"{id}"', f'"{name}"')
        return self.text(text)


def kinds(value: Any, dropped: tuple[str, ...] = ()) -> Any:
    """Only what is called how, and what kind of value it has."""
    match value:
        case dict():
            return {name: kinds(one) for name, one in value.items() if name not in dropped}
        case list():
            return [kinds(one) for one in value]
        case bool():
            return "boolean"
        case str():
            return "string"
        case int() | float():
            return "number"
    raise AssertionError(f"no case looks at the kind of {value!r}")


def with_slack(actual: Any, expected: Any, slack: int) -> Any:
    """The actual value, with each ttl that is nearly as expected as it is expected."""
    if isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        return [with_slack(*pair, slack) for pair in zip(actual, expected, strict=True)]
    if not isinstance(actual, dict) or not isinstance(expected, dict):
        return actual
    result = {}
    for name, value in actual.items():
        wanted = expected.get(name)
        is_near = name == "ttl" and isinstance(wanted, int) and abs(value - wanted) <= slack
        result[name] = wanted if is_near else with_slack(value, wanted, slack)
    return result
