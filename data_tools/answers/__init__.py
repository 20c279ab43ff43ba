"""The bodies of the API's answers: each one's keys and types, and how it is made of a result.

Note [Answers said once]
    A `TypedDict` declares the keys of an answer. The OpenAPI document is derived from it
    (`openapi.answer_schema`), and mypy checks the literal that is encoded against it; `taken` makes
    one of attributes of the same names. At run time an answer is a plain dict, which orjson encodes
    natively, with the ids and moments in it (all in UTC): a page of 100 rows and 20 columns takes
    0.23 ms. The keys are sent in the order of the literal; the document has its own order.
"""
