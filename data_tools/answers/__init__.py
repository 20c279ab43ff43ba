"""The bodies of the API's answers: each one's keys and types, and how it is made of a result.

Note [Answers said once]
    A `TypedDict` says which keys an answer has. The OpenAPI document is derived from it
    (`openapi.answer_schema`), and mypy holds the literal that is encoded to it. An answer stays a
    plain dict, which orjson encodes as fast as anything: a page of 100 rows and 20 columns takes
    as long as before, and the order of the keys on the wire is that of the literal, whatever the
    order in the document.
"""
