"""The largest files that are taken: how long their upload and their screening take, what the child that reads them
needs, and how the service answers meanwhile."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from bench import grounds, service
from outreach.items.files import MAX_FILE_BYTES
from tests.items import builders as samples

PAGES = 1_000
LINES_A_PAGE, SIGNS_A_LINE = 38, 36
PARAGRAPHS = 4_000
PING_EVERY_S = 0.05
MS = 1_000
_PERSON = "身份证号11010519491231002X，电话13800138000。"
_SAID = "项目位于园区内，废气经处理后达标排放，固体废物委托有资质的单位处置，噪声满足标准要求。"


def measure() -> dict[str, float]:
    """For a PDF of a thousand pages, and for docx files of 20 MB of text and of text and pictures: seconds for upload
    and submit, the greatest memory of the child, and how long the service took for `/healthz` meanwhile."""
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        command = [sys.executable, "-m", "outreach", "serve", "--no-workers"]
        with service.running(command, service.PROJECT, home, {"SECRET_KEY": grounds.SECRET_KEY}) as running:
            editor = _editor(running)
            for name, content in _files():
                figures |= _measured(running.url, editor, name, content)
    return figures


def _measured(url: str, token: str, name: str, content: bytes) -> dict[str, float]:
    item = {**samples.item("event"), "source_id": None, "attachments": []}
    item_id = service.call(f"{url}/api/v1/items", item, token)["id"]
    with _watched(url) as seen:
        upload = _seconds(lambda: _upload(f"{url}/api/v1/items/{item_id}/attachments", name, content, token))
        submit = _seconds(lambda: service.call(f"{url}/api/v1/items/{item_id}/submit", {}, token))
    found = service.call(f"{url}/api/v1/items/{item_id}", token=token)["findings"]
    pings = sorted(seen["pings"])
    return {
        f"{name}, MB": len(content) / 1024**2,
        f"{name}, upload, s": upload,
        f"{name}, submit, s": submit,
        f"{name}, memory of the child, MiB": max(seen["memory"]) / 1024,
        f"{name}, healthz meanwhile, median ms": pings[len(pings) // 2] * MS,
        f"{name}, healthz meanwhile, slowest ms": pings[-1] * MS,
        f"{name}, findings": len(found),
    }


def _editor(running: service.Service) -> str:
    """The token of an editor."""
    act = [sys.executable, "-m", "outreach"]
    section = samples.item("event")["section"]
    for arguments, given in (
        (["section", "add", section], ""),
        (["user", "add", "editor", "--role", "editor", "--password-stdin"], "long-enough-password"),
    ):
        subprocess.run([*act, *arguments], input=given, text=True, env=running.environment, check=True)
    told = subprocess.run(
        [*act, "token", "editor"], capture_output=True, text=True, env=running.environment, check=True
    )
    return told.stdout.split()[-1]


def _files() -> Iterator[tuple[str, bytes]]:
    yield "pages.pdf", pdf_of_pages(PAGES)
    yield "pictures.docx", docx_of_pictures()
    yield "text.docx", docx_of_text()


def pdf_of_pages(number: int) -> bytes:
    """Chinese text by a predefined character map (ISO 32000-2, 9.7.5.2), a finding on the last page."""
    out, places = io.BytesIO(b""), list[int]()
    out.write(b"%PDF-1.7\n")

    def add(content: bytes) -> None:
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (len(places), content))

    kids = b" ".join(b"%d 0 R" % (5 + 2 * page) for page in range(number))
    add(b"<< /Type /Catalog /Pages 2 0 R >>")
    add(b"<< /Type /Pages /Count %d /Kids [%s] >>" % (number, kids))
    add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [4 0 R] >>"
    )
    add(
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
    )
    for page in range(number):
        drawn = _page(page, is_last=page == number - 1)
        add(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (6 + 2 * page)
        )
        add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
    begins = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, begins))
    return out.getvalue()


def _page(number: int, *, is_last: bool) -> bytes:
    text = f"第{number + 1}页。" + _SAID * (LINES_A_PAGE * SIGNS_A_LINE // len(_SAID))
    lines = [text[at : at + SIGNS_A_LINE] for at in range(0, len(text), SIGNS_A_LINE)]
    lines += [_PERSON] if is_last else []
    shown = b"".join(b"<%s> Tj T*\n" % line.encode("utf-16-be").hex().encode() for line in lines)
    return b"BT /F1 12 Tf 60 800 Td 18 TL\n" + shown + b"ET"


def docx_of_pictures() -> bytes:
    """Hundreds of pages of text, and photographs up to the size that is taken."""
    pictures: dict[str, bytes] = {}
    size = 1_000_000
    while size < MAX_FILE_BYTES - 2_500_000:
        content = io.BytesIO()
        Image.effect_noise((1500, 1500), 90 + len(pictures)).convert("RGB").save(content, "JPEG", quality=90)
        pictures[f"word/media/image{len(pictures)}.jpeg"] = content.getvalue()
        size += len(content.getvalue())
    return _docx([_SAID * 3] * PARAGRAPHS, pictures)


def docx_of_text() -> bytes:
    """As much text as the size that is taken holds: every sign by chance, so that it packs badly."""
    chance = random.Random(1)
    signs = [chr(code) for code in range(0x4E00, 0x4E00 + 8000)]
    paragraphs = ["".join(chance.choices(signs, k=400)) for _ in range(26_000)]
    content = _docx(paragraphs, {})
    while len(content) > MAX_FILE_BYTES:
        paragraphs = paragraphs[: len(paragraphs) * 19 // 20]
        content = _docx(paragraphs, {})
    return content


def _docx(paragraphs: list[str], parts: dict[str, bytes]) -> bytes:
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in [*paragraphs, _PERSON])
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="jpeg" ContentType="image/jpeg"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", types)
        package.writestr(
            "word/document.xml", f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'
        )
        for name, part in parts.items():
            package.writestr(name, part)
    return content.getvalue()


def _upload(url: str, name: str, content: bytes, token: str) -> None:
    edge = b"the-edge-of-a-part"
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
    body = b"--%s\r\n%s\r\n\r\n%s\r\n--%s--\r\n" % (edge, head, content, edge)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": f"multipart/form-data; boundary={edge.decode()}",
    }
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=service.PATIENCE_S):
        pass


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


@contextmanager
def _watched(url: str) -> Iterator[dict[str, list[float]]]:
    """How long the service took for `/healthz` each time (seconds), and the memory of its reading children (KiB)."""
    seen: dict[str, list[float]] = {"pings": [], "memory": [0.0]}
    over = threading.Event()

    def look() -> None:
        while not over.wait(PING_EVERY_S):
            seen["pings"].append(
                _seconds(lambda: urllib.request.urlopen(f"{url}/healthz", timeout=60).close())
            )
            seen["memory"] += _peaks_of_readers()

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _peaks_of_readers() -> list[float]:
    """The greatest resident memory so far of each child that reads a file."""
    found: list[float] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"outreach.screening.files" in (process / "cmdline").read_bytes():
                told: dict[str, Any] = dict(
                    line.split(":", 1)
                    for line in (process / "status").read_text().splitlines()
                    if ":" in line
                )
                found.append(float(told["VmHWM"].split()[0]))
        except (OSError, KeyError):
            continue  # it has ended
    return found
