"""What the tests of figures share: a played scene, and a look into a picture."""

import xml.etree.ElementTree as ElementTree

from learnetcd.session.session import Session

SVG = "{http://www.w3.org/2000/svg}"


def played(scene: str) -> Session:
    session = Session.open(scene)
    for act in session.script():
        session.act(act)
    return session


def opened(svg: str) -> ElementTree.Element:
    """The picture; it must be XML, and say what it shows before anything else."""
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert [child.tag for child in root[:2]] == [f"{SVG}title", f"{SVG}desc"]
    assert root[0].text
    assert root[1].text
    return root


def said(svg: str) -> list[str]:
    """All words in the picture."""
    return [text.text or "" for text in opened(svg).iter(f"{SVG}text")]
