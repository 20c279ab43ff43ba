"""Which character encoding a file is in, how sure that is, and which files are in none."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from data_tools.ingest.encoding import Encoding, detect_encoding
from data_tools.ingest.exceptions import NotATable, UnreadableEncoding
from data_tools.ingest.options import ReadingOptions

SPANISH = "ñ á é í ó ú\n"
CITIES = "имя,город\nИван Петров,Москва\nАнна Сидорова,Казань\n" * 5
JOSE, REN = "n\nJosé\n".encode(), b"Ren\xe9\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def detect(path: Path, content: bytes, **options: object) -> Encoding:
    path.write_bytes(content)
    return detect_encoding(path, options=ReadingOptions(**options))  # type: ignore[arg-type]


def refusal(path: Path, content: bytes, **options: object) -> UnreadableEncoding:
    with pytest.raises(UnreadableEncoding) as refused:
        detect(path, content, **options)
    return refused.value


NEARLY_UTF8 = {
    "one letter of Latin-1": (JOSE + REN, 1, 3, "0xE9"),
    "a line of Latin-1 at the end": (
        ("n\n" + 50 * SPANISH).encode() + SPANISH.encode("latin-1"),
        6,
        52,
        "0xF1",
    ),
    "20,000 right lines": (b"n\n" + "José\n".encode() * 20_000 + REN, 1, 20_002, "0xE9"),
    "in the middle": (JOSE + REN + "Zoë\n".encode(), 1, 3, "0xE9"),
    "lines that end with CR": ((JOSE + REN).replace(b"\n", b"\r"), 1, 3, "0xE9"),
    "cut off": (b"n\nJos\xc3\xa9\nRen\xc3", 1, 3, "0xC3"),
    "cut off in a character of three bytes": (
        "n\n東京\n".encode() + b"\xe4\xba",
        1,
        3,
        "0xE4 0xBA",
    ),
    "cut off, and nothing else beyond ASCII": (b"n\n\xe4\xba", 1, 2, "0xE4 0xBA"),
    "cut off within its only letter": (b"n\nJos\xc3", 1, 2, "0xC3"),
    "a surrogate pair": (b"n\n\xed\xa0\xbd\xed\xb8\x80\n", 6, 2, "0xED"),
    "an overlong form": (b"n\n\xc0\xafx\n", 2, 2, "0xC0"),
    "a byte that no text has": ("n\nЖизнь\n".encode() + b"\xff\n", 1, 3, "0xFF"),
    "a line of cp1251": ("н\nМосква\nКазань\n".encode() + "Омск\n".encode("cp1251"), 4, 4, "0xCE"),
    "a line of GBK": ("名\n北京市\n上海市\n".encode() + "广州\n".encode("gbk"), 4, 4, "0xB9"),
    "few lines of UTF-8": (
        ("n\n" + "Muñoz\nPeña\nRené\n" * 10).encode("latin-1") + "José\nZoë\n".encode(),
        30,
        2,
        "0xF1",
    ),
    "few lines of UTF-8 in Cyrillic": (
        ("имя\n" + "Петров Иван\nСидорова Анна\n" * 10).encode("cp1251")
        + "Москва\nКазань\n".encode(),
        None,
        1,
        "0xE8",
    ),
    "after a byte-order mark": (codecs.BOM_UTF8 + JOSE + REN, 1, 3, "0xE9"),
}


@pytest.mark.parametrize(
    ("content", "count", "line", "first"), NEARLY_UTF8.values(), ids=NEARLY_UTF8
)
def test_nearly_valid_utf8_is_refused_with_its_line_and_byte(
    path: Path, content: bytes, count: int | None, line: int, first: str
) -> None:
    error = refusal(path, content)

    bad = error.report["bad_bytes"]
    assert (bad["first_line"], bad["first_bytes"]) == (line, first)
    assert count in (None, bad["count"])
    assert f"line {line:,}" in error.reason
    assert first in error.reason


@pytest.mark.parametrize(
    ("content", "count", "line", "first"), NEARLY_UTF8.values(), ids=NEARLY_UTF8
)
def test_its_bad_bytes_are_replaced_and_counted_if_its_owner_says_so(
    path: Path, content: bytes, count: int | None, line: int, first: str
) -> None:
    encoding = detect(path, content, replaces_bad_bytes=True)

    assert (encoding.name.removesuffix("-sig"), encoding.errors) == ("utf-8", "replace")
    replaced = encoding.facts()["replaced_bytes"]
    assert (replaced["first_line"], replaced["first_bytes"]) == (line, first)
    text = content.decode(encoding.name, "replace")
    assert replaced["count"] == text.count("\ufffd")


def test_a_replacement_character_that_the_file_contains_is_not_counted(path: Path) -> None:
    encoding = detect(path, "n\na\ufffdb\nJosé\n".encode() + REN, replaces_bad_bytes=True)

    assert encoding.facts()["replaced_bytes"]["count"] == 1


def test_nothing_is_replaced_in_a_file_without_bad_bytes(path: Path) -> None:
    encoding = detect(path, JOSE, replaces_bad_bytes=True)

    assert (encoding.errors, encoding.facts()) == (
        "strict",
        {"encoding": "utf-8", "encoding_known_by": "valid UTF-8"},
    )


def test_the_beginning_of_a_file_may_end_within_a_character(path: Path) -> None:
    path.write_bytes(b"n\nJos\xc3\xa9\nRen\xc3")

    assert detect_encoding(path, is_cut_off=True).name == "utf-8"


@pytest.mark.parametrize(
    ("content", "name", "certainty"),
    [
        (b"a,b\n1,2\n", "utf-8", "certain"),
        (codecs.BOM_UTF8 + b"a\n", "utf-8-sig", "certain"),
        (codecs.BOM_UTF16_BE + "a\nä".encode("utf-16-be"), "utf-16", "certain"),
        (SPANISH.encode(), "utf-8", "certain"),
        ("städte;€\nŁódź;2\nZürich;3\n".encode(), "utf-8", "certain"),
        (JOSE, "utf-8", "likely"),
        ("a\n茅\n".encode("gbk"), "utf-8", "likely"),
        ("Firma\nSPÓŁKA AKCYJNA\n".encode("cp1250") * 50, "utf-8", "likely"),
        (b"a\nh+AOk-\n", "utf-8", "likely"),
        (b"a\n~{<:Ky2;~}\n", "utf-8", "likely"),
        (b"telephone\n+4930-12345\n+49 30\n1+1=2\n", "utf-8", "certain"),
        ("name,n\nÄrger,1\n".encode("utf-16-le"), "utf-16-le", "likely"),
        ("name,n\nÄrger,1\n".encode("utf-16-be"), "utf-16-be", "likely"),
        ("name,n\nÄrger,1\n".encode("utf-32-le"), "utf-32-le", "likely"),
        ("名前,n\n東京,1\n".encode("iso2022_jp"), "iso2022_jp", "likely"),
        (REN, "cp1252", "guess"),
        (b"n\nCaf\xe9", "cp1252", "guess"),
        (b"a;b\n1;5 \x80\n", "cp1252", "guess"),
        (CITIES.encode("cp1251"), "cp1251", "likely"),
        (CITIES.encode("koi8_r"), "koi8_r", "likely"),
        (CITIES.encode("cp866"), "cp866", "likely"),
        ("όνομα\nΓιώργος Παπαδόπουλος από την Αθήνα\n".encode("cp1253") * 5, "cp1253", "likely"),
    ],
)
def test_it_says_how_sure_it_is(path: Path, content: bytes, name: str, certainty: str) -> None:
    guess = detect(path, content).guess

    assert (guess.value, guess.certainty) == (name, certainty), guess
    assert guess.why.endswith(".")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "名前,都市\n田中太郎,東京\n鈴木花子,大阪\n佐藤です,これは日本語のテキスト\n"),
        ("gbk", "姓名,城市\n王小明,北京\n李华,上海\n这是中文的文本,他们在学校里学习\n"),
        ("big5", "姓名,城市\n王小明,臺北\n李華,高雄\n這是中文的文字,他們在學校裡學習\n"),
        ("cp949", "이름,도시\n김철수,서울\n이영희,부산\n이것은 한국어 텍스트입니다,학교에서\n"),
        ("cp1252", "nom,âge\nCafé à la crème,élevé\nHélène était là,où ça\n"),
        ("cp850", "nom\nCafé crème déjà élevé, Hélène\n"),
    ],
)
def test_no_other_encoding_is_taken_for_utf8_with_bad_bytes(
    path: Path, encoding: str, text: str
) -> None:
    guess = detect(path, text.encode(encoding) * 3).guess

    assert guess.value != "utf-8"
    assert guess.certainty != "certain"


def test_an_encoding_is_used_as_its_owner_says(path: Path) -> None:
    encoding = detect(path, JOSE, encoding="cp1252")

    assert (encoding.name, encoding.known_by, encoding.guess.certainty) == (
        "cp1252",
        "option",
        "certain",
    )


@pytest.mark.parametrize(
    ("content", "said", "name"),
    [
        (codecs.BOM_UTF8 + b"a\n", "utf-8", "utf-8-sig"),
        (codecs.BOM_UTF16_LE + "a\n".encode("utf-16-le"), "utf-16-le", "utf-16"),
        (codecs.BOM_UTF16_BE + "a\n".encode("utf-16-be"), "utf-16", "utf-16"),
        ("a\nä\n".encode("utf-16-le"), "utf-16-le", "utf-16-le"),
        ("a\nä\n".encode("utf-16-le"), "utf-16", "utf-16-le"),
        ("a\nä\n".encode("utf-16-be"), "utf-16", "utf-16-be"),
        ("a\nä\n".encode("utf-32-be"), "utf-32", "utf-32-be"),
        ("名\n東京\n".encode("utf-16-le"), "utf-16", "utf-16-le"),
        (codecs.BOM_UTF8 + b"a\n", "cp1252", "cp1252"),
    ],
)
def test_a_byte_order_mark_is_left_out_if_it_is_the_one_of_the_encoding_asked_for(
    path: Path, content: bytes, said: str, name: str
) -> None:
    assert detect(path, content, encoding=said).name == name


@pytest.mark.parametrize(
    ("content", "said", "line", "first"),
    [
        (JOSE + REN, "utf-8", 3, "0xE9"),
        (b"a\nb\n\x81\n", "cp1252", 3, "0x81"),
        (b"a\n\x81\x20\n", "shift_jis", 2, "0x81"),
        ("a\n€\n".encode(), "ascii", 2, "0xE2"),
        (b"a\0\n\0b", "utf-16-le", 2, "0x62"),
        (b"a\0\n\0\0\xd8x\0", "utf-16-le", 2, "0x00 0xD8"),
    ],
)
def test_a_file_that_is_not_in_the_encoding_asked_for_is_refused_by_name_with_the_line(
    path: Path, content: bytes, said: str, line: int, first: str
) -> None:
    error = refusal(path, content, encoding=said)

    assert said in error.reason
    assert f"line {line}" in error.reason
    assert first in error.reason


@pytest.mark.parametrize(
    ("content", "said", "mark"),
    [
        ("a\nä\n".encode("utf-16"), "utf-32", "utf-16"),
        ("a\nä\n".encode("utf-32"), "utf-16", "utf-32"),
        ("a\nä\n".encode("utf-8-sig"), "utf-16", "utf-8"),
        ("a\nä\n".encode("utf-8-sig"), "utf-32", "utf-8"),
    ],
)
@pytest.mark.parametrize("replaces", [False, True])
def test_a_byte_order_mark_of_another_encoding_refuses_the_file(
    path: Path, content: bytes, said: str, mark: str, replaces: bool
) -> None:
    error = refusal(path, content, encoding=said, replaces_bad_bytes=replaces)

    assert f"said to be {said} text" in error.reason
    assert f"mark of {mark}." in error.reason


def test_its_bad_bytes_can_be_replaced_too(path: Path) -> None:
    encoding = detect(path, b"a\n\x81\n\x81\n", encoding="cp1252", replaces_bad_bytes=True)

    assert encoding.facts() == {
        "encoding": "cp1252",
        "encoding_known_by": "option",
        "replaced_bytes": {"count": 2, "first_line": 2, "first_bytes": "0x81"},
    }


def test_the_text_of_a_mainframe_is_refused_until_its_owner_says_which(path: Path) -> None:
    content = "name,city\nsmith,new york\n".encode("cp037")

    assert "EBCDIC" in refusal(path, content).reason
    assert detect(path, content, encoding="cp037").name == "cp037"


@pytest.mark.parametrize("content", [b"\xff\x00\x01\xfe\n" * 100, b"a,b\n1,\xe9\x00\n"])
def test_a_binary_file_is_no_table(path: Path, content: bytes) -> None:
    with pytest.raises(NotATable):
        detect(path, content)


def test_a_bad_byte_between_two_pieces_of_the_file_is_found(path: Path) -> None:
    lines = "é" * 63 + "\n"
    content = lines.encode() * (1 + (1 << 20) // len(lines.encode()))
    content = content[: (1 << 20) - 1] + b"\xc3"

    assert len(content) == 1 << 20
    error = refusal(path, content + b"\nend\n")

    assert error.report["bad_bytes"]["first_line"] == content.count(b"\n") + 1


LATIN_WORDS = {
    "French": ("cp1252", "Élève Noël français château forêt île où cœur Nîmes Zoé goût"),
    "German": ("cp1252", "Müller Größe Köln Österreich Übung Mädchen Äpfel"),
    "Spanish": ("cp1252", "Málaga Córdoba ñandú niño Peña Ramón Íñigo ¿Qué? 1ª"),
    "Portuguese": ("cp1252", "São Paulo João Conceição Brasília avô avó português"),
    "Italian": ("cp1252", "perché città università caffè più può così Nicolò"),
    "Finnish": ("cp1252", "Jyväskylä Hämeenlinna Mäkinen Öljy työ kesä Ääni Åbo"),
    "Danish": ("cp1252", "København Århus Ålborg Søren Ærø Kjær grøn"),
    "several": ("cp1252", "José Müller François Åsa Søren Zoë Núñez"),
    "Icelandic": (
        "cp1252",
        "Reykjavík Þór Sigurður Ásdís Kópavogur Akureyri Ísafjörður Hafnarfjörður",
    ),
    "Polish": ("cp1250", "Łódź Kraków Gdańsk Wrocław Częstochowa Żółć"),
    "Czech": ("cp1250", "Příbram Plzeň České Jiří Dvořák Šárka Žďár"),
    "Hungarian": ("cp1250", "Győr Székesfehérvár Pécs Szűcs Ödön gyűrű őszi"),
    "Turkish": ("cp1254", "İstanbul Şişli Çankaya Muğla Iğdır Gümüşhane"),
    "Lithuanian": ("cp1257", "Šiauliai Panevėžys Klaipėda Žemaitija Įmonė"),
    "Polish of Linux": ("iso8859_2", "Łódź Gdańsk Świętokrzyskie źrebię Małgorzata Śląsk"),
    "French of Macintosh": ("mac_roman", "élève Noël français château forêt île"),
    "German of DOS": ("cp850", "Müller Größe Köln Österreich Übung Mädchen Straße"),
}


@pytest.mark.parametrize(("name", "words"), LATIN_WORDS.values(), ids=LATIN_WORDS)
def test_words_in_latin_letters_are_read_as_they_were_written(
    path: Path, name: str, words: str
) -> None:
    content = "\n".join(["word", *words.split()])

    encoding = detect(path, content.encode(name))

    assert content.encode(name).decode(encoding.name) == content
    assert encoding.guess.certainty == "guess"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gb18030", "北京 上海 广州 张伟 数据 价格 数量 日期"),
        ("big5", "臺北 高雄 台中 王小明 資料 城市 價格 日期"),
        ("cp932", "東京 大阪 名古屋 山田太郎 データ 価格"),
        ("cp949", "서울 부산 김철수 데이터 이름 가격 수량"),
    ],
)
def test_words_of_other_scripts_are_not_taken_for_latin_ones(
    path: Path, name: str, words: str
) -> None:
    content = "\n".join(["word", *words.split()])

    assert content.encode(name).decode(detect(path, content.encode(name)).name) == content
