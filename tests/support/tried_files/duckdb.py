"""After reports on DuckDB's reader of CSV files: its quotes, delimiters, lines and headers."""

from __future__ import annotations

from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile

# More records than DuckDB's sniffer looks at.
_PAST_THE_SAMPLE = 20_500

REPORTS = (
    TriedFile(
        reference="duckdb/duckdb#14883",
        about="A mark in the middle of a bare field made the file unreadable.",
        content='stop_id,stop_name,lat\n1,Main St,1.5\n2,Gate "A" North,2.5\n3,Last,3.5\n',
        right=[
            Reads(
                types={"stop_id": "integer", "stop_name": "text", "lat": "float"},
                rows=[[1, "Main St", 1.5], [2, 'Gate "A" North', 2.5], [3, "Last", 3.5]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#14117",
        about="One mark that is not closed made one column of the whole file.",
        content='id,name,age\n2,"Alice,Doe",30\n1,"John, Doe,25\n3,"Bob",35\n4,"John","45\n',
        right=[Refuses("INGEST_BROKEN_QUOTING", ("line 3",))],
    ),
    TriedFile(
        reference="duckdb/duckdb#9343",
        about="A ragged line early in the file made one column and no header of it.",
        content="\none,two,three\n1,2,3,4\n1,2,3\n\n1,2,3\n1,2,3\n",
        right=[Refuses("INGEST_RAGGED_LINES", ("line 3",))],
    ),
    TriedFile(
        reference="duckdb/duckdb#9343",
        variant="wider-from-the-middle",
        about="Five columns without a header were made of three columns with one.",
        content="\none,two,three\n1,2,3,4\n1,2,3\n\n1,2,3,4,5\n1,2,3,4,5\n",
        right=[Refuses("INGEST_RAGGED_LINES", ("line 3",))],
    ),
    TriedFile(
        reference="duckdb/duckdb#19578",
        about="A quoted field with the delimiter inside, in one record, changed the quote.",
        content='Country;Location;Count;Date\nChina;"35.86166;104.19397";97100,7;04/07/20\n',
        right=[
            Reads(
                types={"Country": "text", "Location": "text", "Count": "text", "Date": "text"},
                rows=[["China", "35.86166;104.19397", "97100,7", "04/07/20"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#19578",
        variant="decimal-comma",
        about="The same with the decimal comma said.",
        content='Country;Location;Count;Date\nChina;"35.86166;104.19397";97100,7;04/07/20\n',
        options={"decimal": ","},
        right=[
            Reads(
                types={"Country": "text", "Location": "text", "Count": "float", "Date": "text"},
                rows=[["China", "35.86166;104.19397", 97100.7, "04/07/20"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#6192",
        about="The header of one column of text was taken for a row.",
        content="continent\nAfrica\nAsia\nEurope\n",
        right=[Reads(types={"continent": "text"}, rows=[["Africa"], ["Asia"], ["Europe"]])],
    ),
    TriedFile(
        reference="duckdb/duckdb#15508",
        about="A blank before an opening mark tore a quoted JSON text apart.",
        content=(
            "sku,price,tax\n"
            '1,13.99, "{""sales_tax"":{ ""x"":1, ""value"" :0.0725}}"\n'
            '2,3.99, "{""sales_tax"":{ ""x"":1, ""value"" :0.02}}"\n'
        ),
        right=[
            Reads(
                types={"sku": "integer", "price": "float", "tax": "text"},
                rows=[
                    [1, 13.99, '{"sales_tax":{ "x":1, "value" :0.0725}}'],
                    [2, 3.99, '{"sales_tax":{ "x":1, "value" :0.02}}'],
                ],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
            Refuses("INGEST_BROKEN_QUOTING", ("line 2",)),
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#18403",
        about="The first row became the header because all rows have a field more than it.",
        content=(
            "id,timestamp,price,volume,side\n"
            "1,1748736094501,0.6853,239.62,sell,0\n"
            "2,1748736094501,0.6852,106.02,sell,0\n"
        ),
        right=[Refuses("INGEST_RAGGED_LINES", ("line 2",))],
    ),
    TriedFile(
        reference="duckdb/duckdb#7706",
        about="A quoted field that ends with a line end was not closed.",
        content='a,b,c\n1,"quantity = 56\n\nmonth = Sat","value = 1\n"\n2,x,y\n',
        right=[
            Reads(
                types={"a": "integer", "b": "text", "c": "text"},
                rows=[[1, "quantity = 56\n\nmonth = Sat", "value = 1\n"], [2, "x", "y"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#1254",
        about="A blank line at the end made one column of two.",
        content="a,b\n1,2\n\n",
        right=[Reads(types={"a": "integer", "b": "integer"}, rows=[[1, 2]])],
    ),
    *(
        TriedFile(
            reference="duckdb/duckdb#18577",
            variant=variant,
            about="How many rows there are depended on how the lines end.",
            content=line_end.join(["x,y,z", "1,2", "3,4,5", "6", "7,8,9", ""]),
            options={"pads_ragged": True},
            right=[
                Reads(
                    types={"x": "integer", "y": "integer", "z": "integer"},
                    rows=[[1, 2, None], [3, 4, 5], [6, None, None], [7, 8, 9]],
                )
            ],
        )
        for variant, line_end in (("lf", "\n"), ("crlf", "\r\n"))
    ),
    TriedFile(
        reference="duckdb/duckdb#14659",
        about="A carriage return inside a bare field broke the reader.",
        content="email:password\na@x.org:pass\rword\nb@x.org:secret\n",
        options={"delimiter": ":"},
        right=[
            Reads(
                types={"email": "text", "password": "text"},
                rows=[["a@x.org", "pass\rword"], ["b@x.org", "secret"]],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 3",)),
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#15143",
        about="A file with two kinds of line ends, where only one was meant.",
        content="a,b,c\n1,2,3\n4,5,6\r\n7,8,9\n",
        right=[
            Reads(
                types={"a": "integer", "b": "integer", "c": "integer"},
                rows=[[1, 2, 3], [4, 5, 6], [7, 8, 9]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#11403",
        about="One column with a line end inside its only cell.",
        content='col1\n"cell with\nnewline"\n',
        right=[Reads(types={"col1": "text"}, rows=[["cell with\nnewline"]])],
    ),
    TriedFile(
        reference="duckdb/duckdb#11838",
        about="The first quotation mark comes after the sample.",
        content="col1,col2\n" + "a,0\n" * _PAST_THE_SAMPLE + '"x,y",1\n',
        right=[
            Reads(
                types={"col1": "text", "col2": "integer"},
                rows=[["a", 0]] * _PAST_THE_SAMPLE + [["x,y", 1]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#16476",
        about="The first doubled mark comes after the sample.",
        content="n,order\n"
        + '1,"a, b"\n' * _PAST_THE_SAMPLE
        + '2,"Reopen Danroy ""DJ"" Henry case"\n',
        right=[
            Reads(
                types={"n": "integer", "order": "text"},
                rows=[[1, "a, b"]] * _PAST_THE_SAMPLE + [[2, 'Reopen Danroy "DJ" Henry case']],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#16215",
        about="One field in apostrophes made them the quotation mark of the file.",
        content=(
            "datecol,textcol\n"
            '1/1/19,"text"\n1/2/19,"text"\n1/6/19,"text, with comma"\n'
            "1/9/19,'text'\n"
        ),
        right=[
            Reads(
                types={"datecol": "text", "textcol": "text"},
                rows=[
                    ["1/1/19", "text"],
                    ["1/2/19", "text"],
                    ["1/6/19", "text, with comma"],
                    ["1/9/19", "'text'"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#14116",
        about="Letters of many scripts moved a value into the next column.",
        content='id,name,age\n1,João,25\n2,李华,30\n3,aنايف,40\n4,"Robert, Albert", 😈\n',
        right=[
            Reads(
                types={"id": "integer", "name": "text", "age": "text"},
                rows=[
                    [1, "João", "25"],
                    [2, "李华", "30"],
                    [3, "aنايف", "40"],
                    [4, "Robert, Albert", " 😈"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#10247",
        about="A French file in ISO 8859-1 could not be read.",
        content=(
            "ESPECES;DEP;CULT\n"
            "Autres céréales         ;75 ;0,00\n"
            "Blé dur d'été           ;75 ;0,00\n"
        ).encode("latin-1"),
        right=[
            Reads(
                types={"ESPECES": "text", "DEP": "text", "CULT": "text"},
                rows=[
                    ["Autres céréales         ", "75 ", "0,00"],
                    ["Blé dur d'été           ", "75 ", "0,00"],
                ],
                unsure_of=("encoding",),
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#12449",
        about="A Spanish word in valid UTF-8 was refused.",
        content="id,name,short\n1510,S100,S100\n1511,NSE (Enolasa Específica Neuronal),NSE\n",
        right=[
            Reads(
                types={"id": "integer", "name": "text", "short": "text"},
                rows=[[1510, "S100", "S100"], [1511, "NSE (Enolasa Específica Neuronal)", "NSE"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#15576",
        about="A line with the date of the extract stands before the header.",
        content=(
            "Estrazione del 2025-01-06\n"
            "idImpianto;Gestore;Bandiera\n"
            "52829;ALFA SRL;Pompe Bianche\n58910;ROSSI;Q8\n58911;BIANCHI;Api-Ip\n"
        ),
        right=[
            Reads(
                types={"idImpianto": "integer", "Gestore": "text", "Bandiera": "text"},
                rows=[
                    [52829, "ALFA SRL", "Pompe Bianche"],
                    [58910, "ROSSI", "Q8"],
                    [58911, "BIANCHI", "Api-Ip"],
                ],
                unsure_of=("header_row",),
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#15576",
        variant="header-said",
        about="The same with the line of the header said.",
        content=(
            "Estrazione del 2025-01-06\n"
            "idImpianto;Gestore;Bandiera\n"
            "52829;ALFA SRL;Pompe Bianche\n58910;ROSSI;Q8\n"
        ),
        options={"header_row": 2},
        right=[
            Reads(
                types={"idImpianto": "integer", "Gestore": "text", "Bandiera": "text"},
                rows=[[52829, "ALFA SRL", "Pompe Bianche"], [58910, "ROSSI", "Q8"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#6011",
        about="The header differs from the rows in type, so that it cannot be one of them.",
        content="category_id|name|last_update\n1|Action|2006-02-15 04:46:27\n",
        options={"header_row": None},
        right=[
            Reads(
                types={"column_1": "text", "column_2": "text", "column_3": "text"},
                rows=[
                    ["category_id", "name", "last_update"],
                    ["1", "Action", "2006-02-15 04:46:27"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#12742",
        about="A file without a header lost its first row.",
        content="1\n2\n3\n",
        right=[AdmitsDoubt(of="header_row")],
    ),
    TriedFile(
        reference="duckdb/duckdb#12089",
        about="Apostrophes in a name were halved.",
        content="Name,Escaped''Quote,Single'Quote\nAlice,123,1\nBob,456,2\n",
        right=[
            Reads(
                types={"Name": "text", "Escaped''Quote": "integer", "Single'Quote": "integer"},
                rows=[["Alice", 123, 1], ["Bob", 456, 2]],
            )
        ],
    ),
)
