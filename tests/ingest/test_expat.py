"""The driver by itself; that feedparser comes to the same with it is tested in `test_parse`."""

import io
from xml.sax.handler import ContentHandler, feature_namespaces
from xml.sax.xmlreader import AttributesNSImpl, InputSource

from ingest import expat


class Heard(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.attributes: list[int] = []

    def characters(self, content: str) -> None:
        self.texts.append(content)

    def startElementNS(self, name: object, qname: object, attrs: AttributesNSImpl) -> None:  # noqa: N802
        self.attributes.append(len(attrs))


def heard(document: str) -> Heard:
    handler, parser, source = Heard(), expat.create_parser(), InputSource()
    source.setByteStream(io.BytesIO(document.encode()))
    parser.setFeature(feature_namespaces, True)
    parser.setContentHandler(handler)
    parser.parse(source)
    return handler


def test_a_run_of_text_comes_in_one_piece() -> None:
    assert heard("<a>one\ntwo &amp; three\n&#233;<b/>four</a>").texts == ["one\ntwo & three\né", "four"]


def test_a_long_text_comes_whole() -> None:
    text = "word and\n" * 50_000

    assert "".join(heard(f"<a>{text}</a>").texts) == text


def test_of_countless_attributes_some_are_read() -> None:
    countless = " ".join(f'a{number}="1"' for number in range(20_000))

    assert heard(f"<a {countless}/>").attributes == [100]
