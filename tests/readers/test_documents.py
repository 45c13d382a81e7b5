"""Documents become one clean Markdown, whatever kind of file they came in; what cannot is refused in a sentence."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from feedback.readers import ReadingFailed, read
from tests.readers.documents import Typed, W, docx, p, pdf, zipped
from tests.readers.files import DATA, rows_of, written

OPINION = DATA.parents[1] / "config/demo/data/legal"
WORDS = (
    "The court below held that the university had acted in good faith when it con-",
    "sidered the race of each applicant. That was the wrong standard, and the good-",
    "faith rule has no place here, because a good-faith rule is not strict scrutiny at",
    "all. The judgment should be vacated.",
)


def text_of(path: Path) -> str:
    (row,) = rows_of(path)
    assert row.item is not None, row.problems
    return row.item.responses[0].messages[0].parts[0].text


def page(number: int, lines: list[Typed]) -> list[Typed]:
    head = Typed("Brief for Petitioner", 240, 750, 10)
    return [head, *lines, Typed(f"- {number} -", 300, 40, 10)]


def brief() -> bytes:
    """Three pages: a heading, a paragraph over a page break, a quotation set in, a footnote."""
    first = [Typed("I. THE COURT BELOW ERRED", 200, 700, 12, bold=True)]
    first += [Typed(words, 72, 660 - 20 * n) for n, words in enumerate(WORDS[:2])]
    second = [Typed(words, 72, 700 - 20 * n) for n, words in enumerate(WORDS[2:])]
    second += [Typed("Its own words were these:", 100, 640), Typed("1", 240, 645, 7)]
    quoted = (
        "Strict scrutiny is never to be strict in",
        "theory and feeble in fact, and no court",
        "may defer to a party on that.",
    )
    second += [Typed(words, 130, 600 - 20 * n) for n, words in enumerate(quoted)]
    second += [
        Typed("1 See the opinion below, at 12, and what", 72, 90, 9),
        Typed("it cites.", 72, 80, 9),
    ]
    third = [
        Typed(
            "The rest of this brief says why that is so, at the length that it needs to.", 72, 700
        )
    ]
    return pdf([page(1, first), page(2, second), page(3, third)])


def test_a_pdf_loses_what_belongs_to_its_paper(tmp_path: Path) -> None:
    text = text_of(written(tmp_path, "brief.pdf", brief()))
    assert text.split("\n\n") == [
        "## I. THE COURT BELOW ERRED",
        "The court below held that the university had acted in good faith when it considered the race of each applicant. "  # noqa: ISC004
        "That was the wrong standard, and the good-faith rule has no place here, because a good-faith rule is not strict "
        "scrutiny at all. The judgment should be vacated.",
        "Its own words were these:[^1]",
        "> Strict scrutiny is never to be strict in theory and feeble in fact, and no court may defer to a party on that.",
        "The rest of this brief says why that is so, at the length that it needs to.",
        "[^1]: See the opinion below, at 12, and what it cites.\n",
    ]


def test_a_document_is_an_item_with_one_response(tmp_path: Path) -> None:
    with read(written(tmp_path, "Brief of Smith.pdf", brief())) as reading:
        (row,) = reading
    assert reading.format == "pdf"
    assert row.item is not None
    assert row.item.prompt[0].parts[0].text == "Review this document: I. THE COURT BELOW ERRED"
    assert [part.format for part in row.item.responses[0].messages[0].parts] == ["markdown"]


STYLES = """
<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Our Heading"/><w:basedOn w:val="H1"/></w:style>
<w:style w:type="paragraph" w:styleId="Q"><w:name w:val="Quote"/></w:style>
"""
NUMBERING = """
<w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/></w:lvl></w:abstractNum>
<w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num>
"""


def numbered(words: str, depth: int = 0) -> str:
    return p(words, f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="3"/></w:numPr>')


def test_a_docx_keeps_headings_numbers_quotations_and_footnotes(tmp_path: Path) -> None:
    note = '<w:p><w:r><w:t xml:space="preserve">So it is </w:t><w:footnoteReference w:id="5"/><w:t>said.</w:t></w:r></w:p>'
    changed = "<w:p><w:ins><w:r><w:t>kept</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p>"
    cells = "".join(f"<w:tc>{p(words)}</w:tc>" for words in ("Exhibit", "Page"))
    body = "".join([
        p("Argument", '<w:pStyle w:val="Own"/>'), numbered("First."), numbered("Under it.", 1), numbered("Second."),
        p("Quoted *so*.", '<w:pStyle w:val="Q"/>'), note, changed, f"<w:tbl><w:tr>{cells}</w:tr></w:tbl>",
    ])  # fmt: skip
    footnotes = f'<w:footnote w:id="5">{p("At 12.")}</w:footnote>'
    content = docx(body, styles=STYLES, numbering=NUMBERING, footnotes=footnotes)
    assert text_of(written(tmp_path, "brief.docx", content)).split("\n\n") == [
        "## Argument", "1. First.", "(a) Under it.", "2. Second.", r"> Quoted \*so\*.", "So it is [^1]said.", "kept",
        "| Exhibit | Page |\n| --- | --- |", "[^1]: At 12.\n",
    ]  # fmt: skip


def test_typed_pages_become_paragraphs(tmp_path: Path) -> None:
    pages = [
        f"{n}            SMITH v. JONES\n\n    "
        + "\n".join(f"{who} {words}" for words in WORDS)
        + "\n"
        for n, who in enumerate(("Ada", "Bea", "Cy", "Dot"), start=1)
    ]
    text = text_of(written(tmp_path, "opinion.txt", "\f".join(pages)))
    assert "SMITH v. JONES" not in text
    assert text.count("should be vacated.\n") == 4
    assert text.count("\n\n") == 3


def test_text_in_whole_paragraphs_and_markdown_stay_as_they_are(tmp_path: Path) -> None:
    words = "One paragraph, however long it may be, in one line.\n\nAnd a second one.\n"
    assert text_of(written(tmp_path, "a.txt", words)) == words
    assert text_of(written(tmp_path, "a.md", "# Title\r\n\r\n*so*")) == "# Title\n\n*so*"


def test_a_zip_of_folders_is_an_item_each(tmp_path: Path) -> None:
    content = zipped({
        "appeal-17/assignment.md": "Draft the reply.", "appeal-17/b.md": "Second.", "appeal-17/a.docx": docx(p("First.")),
        "appeal-17/record/order.txt": "Ordered.", "appeal-17/statutes/3.102.md": "Reasonable doubt.",
        "appeal-18/a.md": "Alone.", "__MACOSX/appeal-17/._a.docx": "x", "appeal-19/photo.png": b"x",
    })  # fmt: skip
    first, second, third = rows_of(written(tmp_path, "all.zip", content))
    assert first.item is not None
    assert second.item is not None
    assert first.item.id == "appeal-17"
    assert first.item.prompt[0].parts[0].text == "Draft the reply."
    assert [each.messages[0].parts[0].text.strip() for each in first.item.responses] == [
        "First.",
        "Second.",
    ]
    assert [(each.title, each.kind) for each in first.item.context] == [
        ("order", "source"),
        ("3.102", "statute"),
    ]
    assert second.item.id == "appeal-18"
    assert [problem.code for problem in third.problems] == ["bad_document"]


def locked() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer, out = PdfWriter(clone_from=PdfReader(io.BytesIO(brief()))), io.BytesIO()
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(out)
    return out.getvalue()


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
REFUSED: dict[str, tuple[str, bytes, str]] = {
    "a scan": ("scan.pdf", pdf([[], []]), "no_text"),
    "a locked PDF": ("locked.pdf", locked(), "encrypted"),
    "a broken PDF": ("broken.pdf", b"%PDF-1.7\n" + b"garbage " * 400, "not_readable"),
    "a PDF cut short": ("short.pdf", brief()[:700], "not_readable"),
    "a PDF bomb": ("bomb.pdf", pdf([[Typed("x", 72, 72)]], extra=b" " * (200 << 20)), "compressed_too_far"),
    "a zip bomb": ("bomb.docx", zipped({"word/document.xml": b"<" + b" " * (60 << 20)}), "compressed_too_far"),
    "a zip of too many": ("many.zip", zipped({f"a/{n}.md": "x" for n in range(5001)}), "too_large"),
    "entities": (
        "entities.docx", zipped({"word/document.xml": f"{ENTITIES}<w:document {W}><w:body/></w:document>"}), "not_readable",
    ),
    "a docx of nothing": ("empty.docx", docx(""), "no_text"),
    "another zip called docx": ("other.docx", zipped({"a.txt": "x"}), "not_readable"),
    "no zip": ("brief.docx", b"not a zip", "not_readable"),
    "too much text": ("long.txt", b"Word. " * (2 << 20), "too_large"),
    "Latin 1": ("latin.txt", "Peña".encode("latin-1"), "not_utf8"),
    "nothing": ("blank.md", b" \n", "no_text"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_read_is_refused_in_the_confined_child(what: str, tmp_path: Path) -> None:
    name, content, code = REFUSED[what]
    with pytest.raises(ReadingFailed) as caught, read(written(tmp_path, name, content)) as reading:
        list(reading)
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")
