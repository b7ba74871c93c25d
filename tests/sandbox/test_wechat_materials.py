from __future__ import annotations

import struct

import pytest

from .platform import Platform, amr, image, mp3, mp4, wav

ADD = "/cgi-bin/material/add_material"
UPLOAD = "/cgi-bin/media/upload"
WORDS = '{"title": "开放日", "introduction": "现场"}'
# Header objects of a Windows Media sound (ASF) with nothing in them but the file's properties.
WMA = (
    bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c") + struct.pack("<QIBB", 30 + 104, 1, 1, 2)
    + bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365") + struct.pack("<Q", 104) + bytes(80)
)  # fmt: skip


async def _file(sandbox: Platform, path: str, media_id: str) -> tuple[str, bytes]:
    """Content type and content of what a call gives back as a file."""
    query = {"access_token": sandbox.token}
    async with sandbox.http.post(sandbox.url + path, params=query, json={"media_id": media_id}) as response:
        assert "attachment" in response.headers["Content-Disposition"]
        return response.content_type, await response.read()


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("image", "a.bmp", image("BMP")),
        ("image", "a.gif", image("GIF")),
        ("voice", "a.mp3", mp3(9)),
        ("voice", "a.wav", wav(1)),
        ("voice", "a.amr", amr(9)),
        ("voice", "a.wma", WMA),
        ("thumb", "a.jpeg", image("JPEG")),
    ],
)
async def test_permanent_material_comes_back_as_it_was(
    sandbox: Platform, kind: str, name: str, content: bytes
) -> None:
    media_id = (await sandbox.upload(ADD, content, name, type=kind))["media_id"]
    _, kept = await _file(sandbox, "/cgi-bin/material/get_material", media_id)
    assert kept == content


async def test_a_film_comes_with_words_and_an_address(sandbox: Platform) -> None:
    assert (await sandbox.upload(ADD, mp4(), "a.mp4", type="video"))["errcode"] == 41005
    assert (await sandbox.upload(ADD, mp4(), "a.mp4", type="video", description="{}"))["errcode"] == 41005
    media_id = (await sandbox.upload(ADD, mp4(), "a.mp4", type="video", description=WORDS))["media_id"]
    film = await sandbox.post("/cgi-bin/material/get_material", {"media_id": media_id})
    assert (film["title"], film["description"]) == ("开放日", "现场")
    async with sandbox.http.get(film["down_url"]) as response:
        assert await response.read() == mp4()
    listed = await sandbox.post(
        "/cgi-bin/material/batchget_material", {"type": "video", "offset": 0, "count": 1}
    )
    assert (listed["total_count"], listed["item"][0]["name"]) == (1, "开放日")


async def test_the_library_is_counted_and_listed_by_kind(sandbox: Platform) -> None:
    first, second = await sandbox.cover(), await sandbox.cover()
    await sandbox.upload(ADD, amr(9), "a.amr", type="voice")
    assert await sandbox.query("/cgi-bin/material/get_materialcount") == {
        "voice_count": 1, "video_count": 0, "image_count": 2, "news_count": 0,
    }  # fmt: skip
    path = "/cgi-bin/material/batchget_material"
    page = await sandbox.post(path, {"type": "image", "offset": 0, "count": 20})
    assert [item["media_id"] for item in page["item"]] == [second, first]
    assert page["item"][0].keys() == {"media_id", "name", "update_time", "url"}
    page = await sandbox.post(path, {"type": "image", "offset": 1, "count": 20})
    assert (page["total_count"], page["item_count"]) == (2, 1)
    assert (await sandbox.post(path, {"type": "news", "offset": 0, "count": 20}))["total_count"] == 0
    assert await sandbox.code(path, {"type": "thumb", "offset": 0, "count": 20}) == 40004


async def test_deleted_and_strange_material_is_gone(sandbox: Platform) -> None:
    media_id = await sandbox.cover()
    assert await sandbox.code("/cgi-bin/material/del_material", {"media_id": media_id}) == 0
    assert await sandbox.code("/cgi-bin/material/get_material", {"media_id": media_id}) == 40007
    assert await sandbox.code("/cgi-bin/material/del_material", {"media_id": media_id}) == 40007
    assert await sandbox.refusal(thumb_media_id=media_id) == 40007


@pytest.mark.parametrize(
    ("path", "kind", "name", "content", "code"),
    [
        (ADD, "news", "a.png", image(), 40004),
        (ADD, "voice", "a.png", image(), 40005),
        (ADD, "voice", "a.mp3", b"text", 40005),
        (ADD, "video", "a.mp4", image(), 40005),
        (ADD, "image", "a.png", b"", 44001),
        (UPLOAD, "news", "a.png", image(), 40004),
        (UPLOAD, "image", "a.bmp", image("BMP"), 40005),
        (UPLOAD, "voice", "a.wav", wav(1), 40005),
        (UPLOAD, "thumb", "a.png", image(), 40005),
    ],
)
async def test_what_is_wrong_with_a_file_has_a_code(
    sandbox: Platform, path: str, kind: str, name: str, content: bytes, code: int
) -> None:
    answer = await sandbox.upload(path, content, name, type=kind, description=WORDS)
    assert answer["errcode"] == code


async def test_temporary_material_is_told_with_its_kind_and_time(sandbox: Platform) -> None:
    answer = await sandbox.upload(UPLOAD, image("JPEG"), "a.jpg", type="thumb")
    assert answer.keys() == {"type", "media_id", "created_at", "thumb_media_id"}
    film = (await sandbox.upload(UPLOAD, mp4(), "a.mp4", type="video"))["media_id"]
    url = (await sandbox.query("/cgi-bin/media/get", media_id=film))["video_url"]
    async with sandbox.http.get(url) as response:
        assert await response.read() == mp4()
    body = {"media_id": film, "title": "开放日", "description": "现场"}
    assert (await sandbox.post("/cgi-bin/media/uploadvideo", body))["type"] == "video"
    assert await sandbox.code("/cgi-bin/media/uploadvideo", {**body, "media_id": "x"}) == 40007
    assert (await sandbox.query("/cgi-bin/media/get", media_id="x"))["errcode"] == 40007


async def test_temporary_material_is_no_cover(sandbox: Platform) -> None:
    media_id = (await sandbox.upload(UPLOAD, image(), type="image"))["media_id"]
    assert await sandbox.refusal(thumb_media_id=media_id) == 40007


async def test_files_do_not_stand_in_the_list_of_calls(sandbox: Platform) -> None:
    await _file(sandbox, "/cgi-bin/material/get_material", await sandbox.cover())
    assert (await sandbox.control("requests"))[-1]["answer"] == f"(image/png, {len(image())} bytes)"
