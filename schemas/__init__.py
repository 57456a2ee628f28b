"""The wire contract: what travels between systems, and nothing about what is done with it.

Every event is a CloudEvents 1.0 record keyed by the person it is about. The models here are the
source; the JSON Schemas, the AsyncAPI document and the examples are generated from or checked
against them (`python -m schemas.generate`).
"""
