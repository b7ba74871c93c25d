"""Files that hide something, built part by part as Office, PDF programs and phones write them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

import zxingcpp
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from PIL import Image, ImageDraw, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import FreeText
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

ID: Final = "11010519491231002X"
PHONE: Final = "13800138000"
DOCX_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_RELATIONS: Final = "http://schemas.openxmlformats.org/package/2006/relationships"


def run(text: str, *, kind: str = "t", style: str = "") -> str:
    """A run of a paragraph."""
    return f'<w:r><w:rPr>{style}</w:rPr><w:{kind} xml:space="preserve">{text}</w:{kind}></w:r>'


def docx(body: str = "", parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """A text document with that body, and further parts."""
    paragraph = body if body.startswith(("<w:p>", "<w:tbl>")) else f"<w:p>{body or run('正文')}</w:p>"
    return _package(
        {
            "[Content_Types].xml": f'{_XML}<Types><Override PartName="/word/document.xml" ContentType="{DOCX_TYPE}.main+xml"/></Types>',
            "word/document.xml": f"{_XML}<w:document {_W}><w:body>{paragraph}</w:body></w:document>",
            **(parts or {}),
        }
    )


def story(name: str, inner: str) -> str:
    """A part of a text document besides its body: header, footnotes, comments."""
    return f"{_XML}<w:{name} {_W}>{inner}</w:{name}>"


def inserted(text: str) -> bytes:
    """A tracked insertion that parts a number in two."""
    return docx(run(text[:6]) + f'<w:ins w:author="甲">{run(text[6:10])}</w:ins>' + run(text[10:]))


def deleted(text: str) -> bytes:
    """A tracked deletion."""
    return docx(run("当事人") + f'<w:del w:author="甲">{run(text, kind="delText")}</w:del>')


def hidden(text: str) -> bytes:
    """A hidden run."""
    return docx(run("当事人") + run(text, style="<w:vanish/>"))


def field_code(text: str) -> bytes:
    """The code of a field, of which a word processor shows the result."""
    return docx(run(f' QUOTE "{text}" ', kind="instrText") + run("见附件"))


def text_box(text: str) -> bytes:
    """A text box inside of a paragraph."""
    inner = f"<w:pict><w:txbxContent><w:p>{run(text)}</w:p></w:txbxContent></w:pict>"
    return docx(run("正文") + f"<w:r>{inner}</w:r>" + run("继续"))


def comment(text: str) -> bytes:
    """A comment."""
    note = f'<w:comment w:id="2" w:author="乙"><w:p>{run(text)}</w:p></w:comment>'
    return docx(parts={"word/comments.xml": story("comments", note)})


def header(text: str) -> bytes:
    """The header of a page."""
    return docx(parts={"word/header1.xml": story("hdr", f"<w:p>{run(text)}</w:p>")})


def footnote(text: str) -> bytes:
    """A footnote."""
    note = f'<w:footnote w:id="1"><w:p>{run(text)}</w:p></w:footnote>'
    return docx(parts={"word/footnotes.xml": story("footnotes", note)})


def property_of_docx(text: str) -> bytes:
    """A property that the user made."""
    value = f'<property name="经办人"><vt:lpwstr xmlns:vt="v">{text}</vt:lpwstr></property>'
    return docx(parts={"docProps/custom.xml": f"{_XML}<Properties>{value}</Properties>"})


def table_of_docx(text: str) -> bytes:
    """A table whose first row names the columns."""
    rows = [["姓名", "证件号码"], ["张三", text]]
    cells = ["".join(f"<w:tc><w:p>{run(cell)}</w:p></w:tc>" for cell in row) for row in rows]
    return docx("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>")


def watermark(text: str) -> bytes:
    """WordArt behind the text, which is an attribute."""
    art = f'<v:shape xmlns:v="v"><v:textpath string="{text}"/></v:shape>'
    return docx(parts={"word/header1.xml": story("hdr", f"<w:p><w:r><w:pict>{art}</w:pict></w:r></w:p>")})


def embedded_workbook(text: str) -> bytes:
    """A workbook inside of a text document, as behind a chart."""
    return docx(parts={"word/embeddings/Microsoft_Excel_Sheet1.xlsx": hidden_sheet(text)})


def link_of_docx(address: str) -> bytes:
    """A link that leads out."""
    relation = f'<Relationship Id="r1" Type="hyperlink" Target="{address}" TargetMode="External"/>'
    relations = f'{_XML}<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>'
    return docx(parts={"word/_rels/document.xml.rels": relations})


def picture_in_docx(picture: bytes) -> bytes:
    """A picture in a text document."""
    return docx(parts={"word/media/image1.png": picture})


def workbook(change: Callable[[Workbook], None]) -> bytes:
    """A workbook with a sheet 名单 of two rows, changed."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "名单"
    sheet.append(["序号", "备注"])
    sheet.append([1, "无"])
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def cell(text: str) -> bytes:
    """A number in an ordinary cell."""
    return workbook(lambda book: book["名单"].__setitem__("B7", text))


def number_cell(text: str) -> bytes:
    """The same stored as a number."""
    return workbook(lambda book: book["名单"].__setitem__("B7", int(text)))


def hidden_sheet(text: str) -> bytes:
    """A sheet that no menu shows."""

    def change(book: Workbook) -> None:
        sheet = book.create_sheet("底稿")
        sheet["A1"], sheet.sheet_state = text, "veryHidden"

    return workbook(change)


def hidden_row(text: str) -> bytes:
    """A hidden row."""

    def change(book: Workbook) -> None:
        book["名单"]["B9"] = text
        book["名单"].row_dimensions[9].hidden = True

    return workbook(change)


def hidden_column(text: str) -> bytes:
    """A hidden column."""

    def change(book: Workbook) -> None:
        book["名单"]["D2"] = text
        book["名单"].column_dimensions["D"].hidden = True

    return workbook(change)


def comment_on_cell(text: str) -> bytes:
    """A comment on a cell."""
    return workbook(lambda book: setattr(book["名单"]["B2"], "comment", Comment(text, "甲")))


def defined_name(text: str) -> bytes:
    """A name that stands for a constant."""
    named = DefinedName("经办", attr_text=f'"{text}"')
    return workbook(lambda book: book.defined_names.add(named))


def formula(text: str) -> bytes:
    """A constant inside of a formula."""
    return workbook(lambda book: book["名单"].__setitem__("C2", f'=IF(A2=1,"","{text}")'))


def property_of_xlsx(text: str) -> bytes:
    """A property of the workbook."""
    return workbook(lambda book: setattr(book.properties, "description", text))


def page_header(text: str) -> bytes:
    """What is printed above each page."""

    def change(book: Workbook) -> None:
        book["名单"].oddHeader.center.text = text

    return workbook(change)


def pdf(text: str = "Notice", change: Callable[[PdfWriter], None] | None = None) -> bytes:
    """A PDF of one page with that (Latin) text, changed."""
    writer = PdfWriter()
    page = writer.add_blank_page(595, 842)
    font = DictionaryObject({NameObject("/Type"): NameObject("/Font")})
    font.update(
        {NameObject("/Subtype"): NameObject("/Type1"), NameObject("/BaseFont"): NameObject("/Helvetica")}
    )
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawing = StreamObject()
    drawing.set_data(f"BT /F1 12 Tf 72 700 Td ({text}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(drawing)
    if change:
        change(writer)
    return written(writer)


def written(writer: PdfWriter) -> bytes:
    """The bytes of a PDF."""
    content = io.BytesIO()
    writer.write(content)
    return content.getvalue()


def annotation(text: str) -> bytes:
    """A remark on a page."""
    return pdf(
        change=lambda one: one.add_annotation(0, FreeText(text=text, rect=(50, 550, 200, 650))) and None
    )


def form_field(text: str) -> bytes:
    """A form field that was filled in."""

    def change(writer: PdfWriter) -> None:
        entries = {"/FT": NameObject("/Tx"), "/T": TextStringObject("party"), "/V": TextStringObject(text)}
        field = DictionaryObject({NameObject(name): value for name, value in entries.items()})
        fields = ArrayObject([writer._add_object(field)])
        form = DictionaryObject({NameObject("/Fields"): fields})
        writer._root_object[NameObject("/AcroForm")] = writer._add_object(form)

    return pdf(change=change)


def property_of_pdf(text: str) -> bytes:
    """Who wrote it."""
    return pdf(change=lambda writer: writer.add_metadata({"/Author": text}))


def embedded_in_pdf(text: str) -> bytes:
    """A file inside of a PDF."""
    return pdf(change=lambda writer: writer.add_attachment("名单.docx", docx(run(text))) and None)


def earlier_revision(text: str) -> bytes:
    """A PDF whose text was replaced by appending: the first state is still there, whole."""
    first = pdf(text)
    writer = PdfWriter(io.BytesIO(first), incremental=True)
    drawing = writer.pages[0]["/Contents"].get_object()
    assert isinstance(drawing, StreamObject)
    drawing.set_data(b"BT /F1 12 Tf 72 700 Td (Nothing to see) Tj ET")
    content = written(writer)
    assert content.startswith(first)
    assert text not in PdfReader(io.BytesIO(content)).pages[0].extract_text()
    return content


def encrypted_pdf() -> bytes:
    """A PDF that opens with a password only."""
    return pdf(change=lambda writer: writer.encrypt("secret", algorithm="AES-256"))


def scanned_pdf() -> bytes:
    """A page that is a picture."""
    content = io.BytesIO()
    picture_of("Notice 2026").save(content, "PDF")
    return content.getvalue()


def picture_of(text: str) -> Image.Image:
    """A picture with words on it."""
    picture = Image.new("RGB", (400, 120), "white")
    ImageDraw.Draw(picture).text((20, 40), text, fill="black", font_size=32)
    return picture


def png(picture: Image.Image | None = None, **texts: str) -> bytes:
    """A PNG with remarks."""
    remarks = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        remarks.add_itxt(name, text)
    content = io.BytesIO()
    (picture or picture_of("Notice")).save(content, "PNG", pnginfo=remarks)
    return content.getvalue()


def plain_png() -> bytes:
    """A picture of one colour, on which nothing is to be read."""
    return png(Image.new("RGB", (60, 40), "green"))


def code_png(text: str) -> bytes:
    """A QR code."""
    drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4)
    height, width = drawn.shape[:2]
    return png(Image.frombytes("L", (width, height), bytes(memoryview(drawn))))


def photo(orientation: int = 1) -> bytes:
    """A photo as a phone takes it, red above and blue below when it is seen upright, with its place and camera."""
    upright = Image.new("RGB", (80, 120), "blue")
    upright.paste("red", (0, 0, 80, 60))
    lying = upright.transpose(Image.Transpose.ROTATE_90) if orientation == 6 else upright
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "Camera of 张三", orientation
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 59.0, 41.0), 3: "E", 4: (113.0, 7.0, 57.0)})
    content = io.BytesIO()
    lying.save(content, "JPEG", exif=exif, comment=b"taken by 13800138000", quality=95)
    return content.getvalue() + b"a film that the phone appended, 13800138000"


@cache
def huge_png(side: int = 14_200) -> bytes:
    """A picture of 200 megapixels in a few kilobytes."""
    row = bytes(1 + side // 8)
    data = zlib.compress(row * side, 9)
    ihdr = side.to_bytes(4) * 2 + bytes([1, 0, 0, 0, 0])
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", ihdr) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


@cache
def bomb_xlsx() -> bytes:
    """A workbook of some hundred kilobytes that unpacks to 300 MB."""
    book = io.BytesIO(cell("1"))
    with (
        zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("xl/worksheets/sheet2.xml", "w") as part,
    ):
        part.write(b"<worksheet><sheetData><row><c><v>")
        for _ in range(300):
            part.write(b"1" * 1024**2)
    return book.getvalue()


def greedy_docx() -> bytes:
    """A text document whose only word is longer than a reading may have memory for."""
    text = io.BytesIO()
    with (
        zipfile.ZipFile(text, "w", zipfile.ZIP_DEFLATED) as package,
        package.open("word/document.xml", "w") as part,
    ):
        part.write(f"{_XML}<w:document {_W}><w:p><w:r><w:t>".encode())
        for _ in range(200):
            part.write(b"1" * 1024**2)
        part.write(b"</w:t></w:r></w:p></w:document>")
    return text.getvalue()


def cut_docx() -> bytes:
    """A text document of which a part is damaged, though its list of parts is whole."""
    content = bytearray(docx(run(PHONE * 50)))
    at = content.index(b"word/document.xml") + len("word/document.xml") + 4
    content[at : at + 20] = bytes(20)
    return bytes(content)


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


def _package(parts: Mapping[str, str | bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()
