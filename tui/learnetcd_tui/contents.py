"""Which panes there are: name, title, the letter that jumps there, and the page that draws it.

Next page: `guide`.
"""

from __future__ import annotations

from learnetcd_tui.pane import Content
from learnetcd_tui.panes import (
    clients,
    disk,
    explain,
    flight,
    footer,
    guide,
    header,
    http,
    keyspace,
    members,
    over,
    safety,
    source,
    status,
    story,
    tasks,
    timeline,
    wire,
)
from learnetcd_tui.panes import next as next_things

CONTENTS = {
    content.name: content
    for content in (
        Content("header", "", "", header.draw),
        Content("members", "", "m", members.draw),
        Content("flight", "flight", "f", flight.draw),
        Content("story", "story", "s", story.draw),
        Content("next", "next", "n", next_things.draw),
        Content("clients", "clients", "c", clients.draw),
        Content("explain", "why", "w", explain.draw),
        Content("source", "code", "o", source.draw),
        Content("disk", "disk", "d", disk.draw),
        Content("wire", "wire", "i", wire.draw),
        Content("http", "http", "h", http.draw),
        Content("keys", "keys", "k", keyspace.draw),
        Content("safety", "safe", "e", safety.draw),
        Content("tasks", "tasks", "a", tasks.draw),
        Content("guide", "lesson", "l", guide.draw),
        Content("timeline", "", "t", timeline.draw),
        Content("status", "", "", status.draw),
        Content("footer", "", "", footer.draw),
        Content("over", "", "", over.draw),
    )
}
"""From top to bottom and left to right: the order in which Tab goes through them."""
