"""What parent and child say to each other: one request, then frames of rows, each behind its length."""

from __future__ import annotations

import struct
from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from .limits import LIMITS, MIB, Limits
from .problems import FileCode, MappingProblem
from .rows import Row

LENGTH = struct.Struct(">I")
MAX_FRAME = 256 * MIB


class Request(Struct, kw_only=True):
    """What the child shall do with the file behind a descriptor; without one it only tries the mapping."""

    descriptor: int | None = None
    name: str = ""
    format: str | None = None
    mapping: Any = None
    skip_rows: int = 0
    limit_rows: int | None = None
    limits: Limits = LIMITS
    label_config: str | None = None  # to be read as a form, instead of a file


class FormRead(Struct, tag=True):
    """The schema of a form as JSON."""

    schema: bytes


class Begun(Struct, tag=True):
    format: str


class Rows(Struct, tag=True):
    rows: list[Row]
    bytes_done: int


class Failed(Struct, tag=True):
    code: FileCode
    sentence: str
    problems: list[MappingProblem]


class Done(Struct, tag=True):
    bytes_done: int


Frame = Begun | FormRead | Rows | Failed | Done

encoder = msgspec.msgpack.Encoder()
decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


def send(out: BinaryIO, frame: Frame) -> None:
    body = encoder.encode(frame)
    out.write(LENGTH.pack(len(body)))
    out.write(body)
    out.flush()
