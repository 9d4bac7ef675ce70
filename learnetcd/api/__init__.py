"""What clients see: etcd's v2 interface over HTTP, without a socket.

A request comes in as a value and leaves as a value. Most of them have to wait in between, for the
cluster: then the page that understood the request hands out what the member is to be asked, and a
function that makes an HTTP response of the member's answer.

    PUT /v2/keys/x  value=1                      HttpRequest
        -> KeyRequest(PUT, "/x", "1")            Submission.request: for the member
    Answer(DONE, event, ...)                     from the member, perhaps a moment later
        -> 201  {"action":"set", ...}            Submission.respond(answer): an HttpResponse

So nothing in here waits, and nothing in here knows how bytes travel: whoever has sockets does both.

Pages, in reading order: `http`, `pages`, `target`, `meters`, `facts`, `access`, `accounts`,
`credentials`, `call` (what all requests share); `form`, `answers`, `keys` (what etcd is there for);
`curl`, `asking` (how it is asked); `health`, `version`, `peer_urls`, `members`, `account_changes`,
`auth`, `stats`, `metrics`, `debug` (what else is asked for); `telling`, `story` (what it says about
itself); `api` (which page answers what).
"""
