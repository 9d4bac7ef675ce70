"""Five lectures as scripts: keys in, state lines out.

Each line is what is typed, then what the class sees at S1, S2, S3; `…` is not looked at. A lecture
that goes wrong here would go wrong in front of a class.
"""

import pytest
from looks import play
from test_acts import Class

from learnetcd.desk.desk import Desk
from learnetcd.session.session import Session
from learnetcd_tui.app import Application

WHO_LEADS = """
.                   F t0 v. c0 []       | C t1 v2 c0 []       | F t0 v. c0 []
.                   F t1 v2 c0 []       | C t1 v2 c0 []       | F t0 v. c0 []
.                   F t1 v2 c0 []       | L t1 v2 c0 []       | F t0 v. c0 []
n                   F t1 v2 c0 []       | L t1 v2 c0 []       | F t1 v2 c0 []
2 K                 F t1 v2 c0 []       | - t1 v2 c0 []       | F t1 v2 c0 []
n n                 L t2 v1 c0 []       | - t1 v2 c0 []       | F t2 v1 c0 []
2 U                 L t2 v1 c0 []       | F t1 v2 c0 []       | F t2 v1 c0 []
n                   L t2 v1 c0 []       | F t2 v. c0 []       | F t2 v1 c0 []
"""

A_SPLIT_VOTE = """
n                   C t1 v1 c0 []       | C t1 v2 c0 []       | C t1 v3 c0 []
space               F t1 v1 c0 []       | F t1 v2 c0 []       | F t1 v3 c0 []
n n                 F t2 v3 c0 []       | F t2 v3 c0 []       | L t2 v3 c0 []
"""

A_FORGOTTEN_VOTE = """
1 T                 C t1 v1 c0 []       | F t0 v. c0 []       | F t0 v. c0 []
. .                 L t1 v1 c0 []       | F t1 v1 c0 []       | F t0 v. c0 []
2 K U               L t1 v1 c0 []       | F t1 v1 c0 []       | F t0 v. c0 []
3 T                 L t1 v1 c0 []       | F t1 v1 c0 []       | C t1 v3 c0 []
. .                 L t1 v1 c0 []       | F t1 v1 c0 []       | C t1 v3 c0 []
z z z z z           L t1 v1 c0 []       | F t1 v1 c0 []       | F t0 v. c0 []
O vote-memory       L t1 v1 c0 []       | F t1 v1 c0 []       | F t0 v. c0 []
2 K U               L t1 v1 c0 []       | F t1 v. c0 []       | F t0 v. c0 []
3 T                 L t1 v1 c0 []       | F t1 v. c0 []       | C t1 v3 c0 []
. .                 L t1 v1 c0 []       | F t1 v3 c0 []       | L t1 v3 c0 []
"""

ONE_WRITE = """
1                   F t1 v2 c0 []       | L t1 v2 c0 []       | F t1 v2 c0 []
P x=1               F t1 v2 c0 []       | L t1 v2 c0 []       | F t1 v2 c0 []
.                   F t1 v2 c0 []       | L t1 v2 c0 [x=1@1]  | F t1 v2 c0 []
. .                 F t1 v2 c0 [x=1@1]  | L t1 v2 c1 [x=1@1]  | F t1 v2 c0 []
n                   F t1 v2 c1 [x=1@1]  | L t1 v2 c1 [x=1@1]  | F t1 v2 c1 [x=1@1]
3 K                 …                   | L t1 v2 c1 [x=1@1]  | …
2                   …                   | …                   | …
P x=2               …                   | …                   | …
n                   F t1 v2 c1 [x=1@1 x=2@1] | L t1 v2 c2 [x=1@1 x=2@1] | …
1 K                 …                   | …                   | …
2                   …                   | …                   | …
P x=3               …                   | L t1 v2 c2 [x=1@1 x=2@1 x=3@1] | …
space space space   …                   | L t1 v2 c2 [x=1@1 x=2@1 x=3@1] | …
space space space   …                   | L t1 v2 c2 [x=1@1 x=2@1 x=3@1] | …
1 U                 F t1 v2 c0 [x=1@1 x=2@1] | …              | …
n n                 …                   | L t1 v2 c3 [x=1@1 x=2@1 x=3@1] | …
n                   F t1 v2 c3 [x=1@1 x=2@1 x=3@1] | L t1 v2 c3 [x=1@1 x=2@1 x=3@1] | …
3 U n               …                   | …                   | F t1 v2 c3 [x=1@1 x=2@1 x=3@1]
"""

A_LEADER_CUT_OFF = """
C 1|23              L t1 v1 c1 [x=1@1]  | F t1 v1 c1 [x=1@1]  | F t1 v1 c1 [x=1@1]
1                   …                   | …                   | …
P x=A               L t1 v1 c1 [x=1@1 x=A@1] | …              | …
n n                 L t1 v1 c1 [x=1@1 x=A@1] | L t2 v2 c1 [x=1@1] | F t2 v2 c1 [x=1@1]
2                   …                   | …                   | …
P x=B               …                   | L t2 v2 c1 [x=1@1 x=B@2] | …
n n                 … | L t2 v2 c2 [x=1@1 x=B@2] | F t2 v2 c2 [x=1@1 x=B@2]
G x                 …                   | …                   | …
1                   …                   | …                   | …
G x                 L t1 v1 c1 [x=1@1 x=A@1] | …              | …
G x quorum          L t1 v1 c1 [x=1@1 x=A@1 get x@1] | …      | …
space space space   L t1 v1 c1 [x=1@1 x=A@1 get x@1] | …      | …
space space space   L t1 v1 c1 [x=1@1 x=A@1 get x@1] | …      | …
H                   L t1 v1 c1 [x=1@1 x=A@1 get x@1] | …      | …
.                   F t2 v. c1 [x=1@1 x=A@1 get x@1] | …      | …
u S1 committed 2    F t2 v. c2 [x=1@1 x=B@2] | …              | …
"""

ON_A_MAJORITY_AND_YET = """
O own-term          F t0 v. c0 []       | F t0 v. c0 []       | F t0 v. c0 []
1 T n               L t1 v1 c0 []       | F t1 v1 c0 []       | F t1 v1 c0 []
C 1|23              …                   | …                   | …
P b                 L t1 v1 c0 [b@1]    | F t1 v1 c0 []       | F t1 v1 c0 []
3 T n               L t1 v1 c0 [b@1]    | F t2 v3 c0 []       | L t2 v3 c0 []
C 1|2|3             …                   | …                   | …
P c                 L t1 v1 c0 [b@1]    | F t2 v3 c0 []       | L t2 v3 c0 [c@2]
C 12|3              …                   | …                   | …
n                   F t2 v. c0 [b@1]    | F t2 v3 c0 []       | L t2 v3 c0 [c@2]
1 T n               L t3 v1 c0 [b@1]    | F t3 v1 c0 []       | L t2 v3 c0 [c@2]
n                   L t3 v1 c1 [b@1]    | F t3 v1 c0 [b@1]    | L t2 v3 c0 [c@2]
C 1|23              …                   | …                   | …
n                   L t3 v1 c1 [b@1]    | F t3 v1 c0 [b@1]    | F t3 v. c0 [c@2]
3 T n               L t3 v1 c1 [b@1]    | F t4 v3 c0 [b@1]    | L t4 v3 c0 [c@2]
n                   L t3 v1 c1 [b@1]    | F t4 v3 c0 [c@2]    | L t4 v3 c0 [c@2]
"""


@pytest.mark.parametrize(
    ("scene", "script", "broken"),
    [
        ("first-leader", WHO_LEADS, ""),
        ("split", A_SPLIT_VOTE, ""),
        ("lost-vote", A_FORGOTTEN_VOTE, "election safety"),
        ("one-write", ONE_WRITE, ""),
        ("cut-leader", A_LEADER_CUT_OFF, ""),
        ("fig8", ON_A_MAJORITY_AND_YET, "leader completeness"),
    ],
)
def test_a_lecture_shows_what_it_should(scene: str, script: str, broken: str):
    lecture = Class(scene=scene)
    for line in script.strip().splitlines():
        keys, _, seen = line.partition("  ")
        lecture.do(keys)
        expected = [state.strip() for state in seen.split("|")]
        found = [state.split(" ", 1)[1] for state in lecture.states]
        shown = [f if e == "…" else e for e, f in zip(expected, found, strict=True)]
        assert found == shown, f"after {keys!r}"
    assert (broken in lecture.view.violated) if broken else not lecture.view.violated


def test_a_clicker_alone_plays_a_lecture_to_its_end_at_80_columns():
    app = Application(Desk(Session.open("lost-vote")))
    seen = play(app, "r", *["pagedown"] * 9, size=(80, 24))
    assert "VIOLATED: election safety" in seen
    assert app.desk.session.view().step == app.desk.session.view().length
