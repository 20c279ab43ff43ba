"""Files with bytes that are not UTF-8, and others that look like it by chance."""

from __future__ import annotations

from tests.support.tried_files.tried_file import Reads, Refuses, TriedFile

UNREADABLE = "INGEST_UNREADABLE_ENCODING"


def nearly_utf8(name: str, content: bytes, *words: str) -> TriedFile:
    return TriedFile(
        reference="nearly-utf-8",
        variant=name,
        about="Nearly valid UTF-8 is no other encoding: it is refused with the line.",
        content=content,
        right=[Refuses(UNREADABLE, words)],
    )


def other(encoding: str, *texts: str) -> TriedFile:
    """Return a file of texts in an encoding that must be guessed, and not be called certain."""
    return TriedFile(
        reference="other-encoding",
        variant=encoding,
        about="A text that is whole in another encoding is read, and called a guess.",
        content=("id,text\n" + "".join(f"1,{text}\n" for text in texts)).encode(encoding),
        right=[
            Reads(
                types={"id": "integer", "text": "text"},
                rows=[[1, text] for text in texts],
                unsure_of=("encoding",),
            )
        ],
    )


FILES = (
    nearly_utf8(
        "latin-1-line-first",
        b"n,t\n1,Ren\xe9\n" + "2,José\n3,Zoë\n4,Ñandú\n".encode(),
        "line 2",
        "E9",
    ),
    nearly_utf8(
        "latin-1-line-in-the-middle",
        b"n,t\n" + "1,José\n".encode() * 5000 + b"1,Ren\xe9\n" + "1,Zoë\n".encode() * 5000,
        "line 5,002",
    ),
    nearly_utf8(
        "german", "n,t\n1,Größe\n2,Übermaß\n3,Köln\n".encode() + b"4,M\xfcnchen\n", "line 5", "FC"
    ),
    nearly_utf8(
        "cyrillic", "n,t\n1,Москва\n2,Тверь\n".encode() + "3,Омск\n".encode("cp1251"), "line 4"
    ),
    nearly_utf8("chinese", "n,t\n1,北京\n2,上海\n".encode() + "3,广州\n".encode("gbk"), "line 4"),
    nearly_utf8(
        "japanese",
        "n,t\n1,東京都\n2,大阪府\n".encode() + "3,京都府\n".encode("shift-jis"),
        "line 4",
    ),
    nearly_utf8("korean", "n,t\n1,서울\n2,부산\n".encode() + "3,인천\n".encode("euc-kr"), "line 4"),
    nearly_utf8(
        "windows-mark", "n,t\n1,don’t\n2,José\n".encode() + b"3,won\x92t\n", "line 4", "92"
    ),
    *(
        nearly_utf8(f"cut-off-{cut}", "n,t\n1,José\n2,snow ❄\n3,smile 😀".encode()[:-cut], "line 4")
        for cut in (1, 2, 3)
    ),
    nearly_utf8("cut-off-alone", b"n,t\n1,x\n2,Jos\xc3", "line 3"),
    nearly_utf8("cut-off-in-crlf", "n,t\r\n1,José\r\n2,Ren".encode() + b"\xc3", "line 3"),
    nearly_utf8(
        "header", "n,prénom\n1,José\n2,Zoë\n".encode().replace(b"\xc3\xa9n", b"\xe9n"), "line 1"
    ),
    nearly_utf8("overlong", "n,t\n1,José\n2,Zoë\n".encode() + b"3,a\xc0\xafb\n", "line 4"),
    nearly_utf8(
        "surrogate", "n,t\n1,José\n2,Zoë\n".encode() + b"3,\xed\xa0\xbd\xed\xb8\x80\n", "line 4"
    ),
    nearly_utf8("with-mark", b"\xef\xbb\xbf" + "n,t\n1,José\n".encode() + b"2,Ren\xe9\n", "line 3"),
    nearly_utf8("quoted-lines", 'n,t\n1,"José\nZoë\nÑu"\n'.encode() + b'2,"Ren\xe9"\n', "line 5"),
    TriedFile(
        reference="nearly-utf-8",
        variant="replaced",
        about="Where it is asked for, the text stays UTF-8 and the bytes are replaced.",
        content="n,t\n1,José\n2,Zoë\n".encode() + b"3,Ren\xe9\n4,a\xc0\xafb\n",
        options={"replaces_bad_bytes": True},
        right=[
            Reads(
                types={"n": "integer", "t": "text"},
                rows=[[1, "José"], [2, "Zoë"], [3, "Ren\ufffd"], [4, "a\ufffd\ufffdb"]],
            )
        ],
    ),
    TriedFile(
        reference="nearly-utf-8",
        variant="replaced-at-the-end",
        about="So are those of a character that is cut off.",
        content="n,t\n1,José\n2,Ren".encode() + b"\xc3",
        options={"replaces_bad_bytes": True},
        right=[Reads(types={"n": "integer", "t": "text"}, rows=[[1, "José"], [2, "Ren\ufffd"]])],
    ),
    TriedFile(
        reference="nearly-utf-8",
        variant="encoding-said",
        about="An encoding that is said is used as it is said.",
        content="n,t\n1,José\n".encode() + b"2,Ren\xe9\n",
        options={"encoding": "cp1252"},
        right=[Reads(types={"n": "integer", "t": "text"}, rows=[[1, "JosÃ©"], [2, "René"]])],
    ),
    *(
        TriedFile(
            reference="encoding-said",
            variant=f"{said}-of-{encoding}",
            about="Wide characters are read without their mark too, if they are spoken of.",
            content="n,t\n1,Zoë\n".encode(encoding),
            options={"encoding": said},
            right=[
                Reads(types={"n": "integer", "t": "text"}, rows=[[1, "Zoë"]]),
                Refuses(UNREADABLE, ("utf-16-le",)),
            ],
        )
        for said, encoding in (
            ("utf-16", "utf-16"),
            ("utf-16", "utf-16-le"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("utf-32", "utf-32"),
        )
    ),
    TriedFile(
        reference="other-encoding",
        variant="one-letter",
        about="One byte outside ASCII is guessed, not refused.",
        content=b"n,t\n1,Ren\xe9\n2,x\n",
        right=[
            Reads(
                types={"n": "integer", "t": "text"},
                rows=[[1, "René"], [2, "x"]],
                unsure_of=("encoding",),
            )
        ],
    ),
    TriedFile(
        reference="other-encoding",
        variant="mojibake",
        about="What was spoilt before it came is valid UTF-8, and stays.",
        content="n,t\n1,JosÃ©\n",
        right=[
            Reads(
                types={"n": "integer", "t": "text"},
                rows=[[1, "JosÃ©"]],
                guesses={"encoding": "utf-8"},
            )
        ],
    ),
    other("cp1252", "Crème brûlée – 5 €", "Ça coûte “cher”", "à bientôt – même à Noël"),
    other("cp1251", "Съешь ещё этих мягких французских булок", "да выпей же чаю", "Москва и Тверь"),
    other("koi8-r", "Съешь ещё этих мягких французских булок", "да выпей же чаю", "Москва и Тверь"),
    other(
        "gbk", "中华人民共和国成立于一九四九年十月一日", "北京是中国的首都", "上海和广州是大城市"
    ),
    other("big5", "中華民國的首都是臺北市", "這是一個用來測試的句子", "高雄和臺中是大城市"),
    other(
        "shift-jis",
        "東京は日本の首都です",
        "これはテストのための文章です",
        "大阪と京都は大きな都市です",
    ),
    other(
        "euc-kr",
        "서울은 대한민국의 수도입니다",
        "이것은 시험을 위한 문장입니다",
        "부산과 인천은 큰 도시입니다",
    ),
)
