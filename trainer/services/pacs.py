"""Fetching from a PACS by DICOMweb (PS3.18): QIDO-RS to search, WADO-RS to retrieve.

Addresses are the operator's alone, never a person's: what a server asks for on someone's behalf may
reach what only the server can reach. A PACS is not trusted either: its answers are bounded in size
and time, it cannot send the request elsewhere, and what it says in JSON is read as text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import requests
from dicomweb_client.web import DICOMwebClient

from trainer.imaging.bank.grouping import FAMILIES
from trainer.imaging.bank.reader import MOST_BYTES
from trainer.services.errors import Gathered, InvalidError, NotFoundError, OperatorError

#: Seconds to connect, between two bytes, and for a whole answer in JSON or one instance.
CONNECT, SILENCE, JSON_SECONDS, FILE_SECONDS = 5.0, 20.0, 30.0, 600.0
MOST_JSON = 32 * 1024 * 1024
MOST_STUDIES, MOST_INSTANCES = 200, 20_000
_UID = re.compile(r"[0-9]+(\.[0-9]+)*")


class PacsError(InvalidError):
    """A PACS that refuses, falls silent or talks rubbish; the message is for the curator."""


@dataclass(frozen=True, slots=True)
class Server:
    """A DICOMweb server that the operator has named."""

    name: str
    url: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Study:
    """What a PACS says of a study, as text to be shown."""

    uid: str
    patient: str
    patient_id: str
    day: str
    what: str
    modalities: str
    accession: str


@dataclass(frozen=True, slots=True)
class Series:
    """What a PACS says of a series; ``fits``: the bank takes its modality."""

    study: str
    uid: str
    modality: str
    what: str
    part: str
    instances: str
    fits: bool


def servers(setting: str) -> dict[str, Server]:
    """Read the setting: ``name=https://user:password@host/path``, separated by spaces.

    Raises
    ------
    OperatorError
        When an entry has no name or is no address.
    """
    found = {}
    for entry in setting.split():
        name, _, address = entry.partition("=")
        parts = urlsplit(address)
        if not name or parts.scheme not in ("http", "https") or not parts.hostname:
            raise OperatorError(
                f"TRAINER_PACS: {name or entry!r} is not name=https://host/path; separate several "
                "by spaces"
            )
        host = parts.hostname + (f":{parts.port}" if parts.port else "")
        url = urlunsplit((parts.scheme, host, parts.path.rstrip("/"), "", ""))
        found[name] = Server(
            name, url, unquote(parts.username or ""), unquote(parts.password or "")
        )
    return found


def named(setting: str, name: str) -> Server:
    """Return a server by its name."""
    found = servers(setting).get(name)
    if found is None:
        raise NotFoundError("There is no such PACS in the settings.")
    return found


class _Bounded(requests.Session):
    """A session whose answers end in time and size, and stay where they were asked."""

    def request(self, method: Any, url: Any, **options: Any) -> requests.Response:  # type: ignore[override]
        """Send a request and read all of its answer."""
        # The client writes a star as %2A and a space as a plus; Orthanc takes both by the letter.
        path, mark, query = str(url).partition("?")
        url = path + mark + query.replace("%2A", "*").replace("+", "%20")
        accept = str((options.get("headers") or {}).get("Accept", ""))
        is_file = "multipart" in accept
        most = MOST_BYTES + 65536 if is_file else MOST_JSON
        until = time.monotonic() + (FILE_SECONDS if is_file else JSON_SECONDS)
        options |= {"stream": True, "timeout": (CONNECT, SILENCE), "allow_redirects": False}
        answer = super().request(method, url, **options)
        parts, size = [], 0
        for part in answer.iter_content(1 << 16):
            size += len(part)
            if size > most:
                answer.close()
                raise PacsError(f"The PACS sent more than {most / 2**20:.0f} MiB in one answer.")
            if time.monotonic() > until:
                answer.close()
                raise PacsError("The PACS sends too slowly: the answer was not whole in time.")
            parts.append(part)
        answer._content = b"".join(parts)
        if 300 <= answer.status_code < 400:
            raise PacsError("The PACS sends us elsewhere; the operator must set its true address.")
        return answer


class Pacs:
    """One DICOMweb server, to be asked."""

    def __init__(self, server: Server) -> None:
        self.server = server
        session = _Bounded()
        session.trust_env = False  # no proxy and no netrc of the machine
        if server.user:
            session.auth = (server.user, server.password)
        self.session = session
        self.client = DICOMwebClient(server.url, session=session)
        self.client.set_http_retry_params(retry=False)

    def studies(self, wanted: Mapping[str, str]) -> list[Study]:
        """Search studies by attributes (value with ``*``, date ranges); the newest come first."""
        fields = ["StudyDescription", "ModalitiesInStudy"]
        rows = self._asked(
            lambda: self.client.search_for_studies(
                search_filters=dict(wanted), limit=MOST_STUDIES, fields=fields
            )
        )
        found = []
        for row in rows[:MOST_STUDIES]:
            uid = _uid(row, "0020000D")
            if uid:
                found.append(
                    Study(
                        uid, _name(row), _text(row, "00100020"), _day(row),
                        _text(row, "00081030"), _text(row, "00080061"), _text(row, "00080050"),
                    )
                )  # fmt: skip
        return sorted(found, key=lambda one: one.day, reverse=True)

    def chosen(self, study: str) -> tuple[Study, list[Series]]:
        """Return a study by its UID, as far as the PACS describes it, and its series."""
        _checked(study)
        said = self.studies({"StudyInstanceUID": study})
        unknown = Study(study, "", "", "", "", "", "")
        return next((one for one in said if one.uid == study), unknown), self.series(study)

    def series(self, study: str) -> list[Series]:
        """Return the series of a study."""
        _checked(study)
        fields = ["SeriesDescription", "BodyPartExamined", "NumberOfSeriesRelatedInstances"]
        rows = self._asked(lambda: self.client.search_for_series(study, fields=fields))
        found = []
        for row in rows[:1000]:
            uid, modality = _uid(row, "0020000E"), _text(row, "00080060")
            if uid:
                found.append(
                    Series(
                        study, uid, modality, _text(row, "0008103E"), _text(row, "00180015"),
                        _text(row, "00201209"), modality in FAMILIES,
                    )
                )  # fmt: skip
        return found

    def instances(self, study: str, series: str) -> list[str]:
        """Return the UIDs of the instances of a series, in the order of their numbers."""
        _checked(study, series)
        rows = self._asked(
            lambda: self.client.search_for_instances(study, series, limit=MOST_INSTANCES)
        )
        found = [(_text(row, "00200013"), _uid(row, "00080018")) for row in rows]
        numbered = [(int(n) if n.lstrip("-").isdigit() else 0, uid) for n, uid in found if uid]
        return [uid for _, uid in sorted(numbered)]

    def retrieve(self, study: str, series: str, instance: str) -> bytes:
        """Return one instance as the file the PACS holds, in its own transfer syntax."""
        _checked(study, series, instance)
        url = f"{self.server.url}/studies/{study}/series/{series}/instances/{instance}"
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'

        def ask() -> requests.Response:
            answer = self.session.get(url, headers={"Accept": accept})
            answer.raise_for_status()
            return answer

        answer = self._asked(ask)
        data = _part(answer.headers.get("Content-Type", ""), answer.content)
        if data[128:132] != b"DICM":
            raise PacsError("The PACS sent something that is no DICOM file.")
        return data

    def _asked(self, ask: Any) -> Any:
        """Ask, and turn whatever goes wrong into words."""
        try:
            answer = ask()
        except PacsError:
            raise
        except requests.HTTPError as fault:
            code = fault.response.status_code if fault.response is not None else 0
            raise PacsError(_REFUSALS.get(code, f"The PACS refuses (HTTP {code}).")) from fault
        except requests.Timeout as fault:
            raise PacsError("The PACS does not answer in time.") from fault
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as fault:
            raise PacsError("The PACS cannot be reached, or broke off in the middle.") from fault
        except Exception as fault:  # what its answer does to the client's parser
            raise PacsError("The PACS sent an answer that makes no sense.") from fault
        if isinstance(answer, list) and not all(isinstance(row, dict) for row in answer):
            raise PacsError("The PACS sent an answer that makes no sense.")
        return answer


_REFUSALS = {
    401: "The PACS does not accept our name and password: tell the operator.",
    403: "The PACS does not let us do this: tell the operator.",
    404: "The PACS does not have it any more.",
    413: "The PACS finds this too much at once: search more narrowly.",
    503: "The PACS is busy. Try again later.",
}


def _checked(*uids: str) -> None:
    for uid in uids:
        if len(uid) > 64 or not _UID.fullmatch(uid):
            raise InvalidError("That is no UID of DICOM.")


def _values(row: Mapping[str, Any], tag: str) -> Sequence[Any]:
    element = row.get(tag)
    values = element.get("Value") if isinstance(element, dict) else None
    return values if isinstance(values, list) else []


def _text(row: Mapping[str, Any], tag: str) -> str:
    words = [str(v) for v in _values(row, tag)[:8] if isinstance(v, (str, int, float))]
    return "".join(c for c in ", ".join(words)[:120] if c.isprintable())


def _day(row: Mapping[str, Any]) -> str:
    """Return the study's day as 2026-05-03, or as it came where it is none."""
    said = _text(row, "00080020")
    return f"{said[:4]}-{said[4:6]}-{said[6:]}" if re.fullmatch(r"\d{8}", said) else said


def _name(row: Mapping[str, Any]) -> str:
    for value in _values(row, "00100010")[:1]:
        said = value.get("Alphabetic", "") if isinstance(value, dict) else value
        return "".join(c for c in str(said)[:120] if c.isprintable()).replace("^", " ").strip()
    return ""


def _uid(row: Mapping[str, Any], tag: str) -> str:
    uid = _text(row, tag)
    return uid if len(uid) <= 64 and _UID.fullmatch(uid) else ""


def _part(content_type: str, body: bytes) -> bytes:
    """Return the first part of a multipart answer (RFC 2046), or the body where it is none."""
    if not content_type.lower().startswith("multipart/"):
        return body
    said = re.search(r'boundary="?([^";,]+)"?', content_type, re.I)
    if not said:
        raise PacsError("The PACS sent an answer that makes no sense.")
    mark = b"--" + said.group(1).strip().encode("latin-1")
    begin = body.find(mark)
    head = body.find(b"\r\n\r\n", begin) if begin >= 0 else -1
    end = body.find(b"\r\n" + mark, head) if head >= 0 else -1
    if end < 0:
        raise PacsError("The PACS broke off in the middle of a file.")
    return body[head + 4 : end]


def filters(said: Mapping[str, str]) -> dict[str, str]:
    """Return the search filters of a form; at least one must be filled in.

    Raises
    ------
    InvalidError
        When nothing is filled in, or a day is no day.
    """
    wanted = {
        key: said.get(key, "").strip()[:64]
        for key in ("PatientID", "PatientName", "AccessionNumber", "ModalitiesInStudy")
    }
    keys = ("from", "to")
    days = [said.get(key, "").strip().replace("-", "") for key in keys]
    faults = Gathered()
    for key, day in zip(keys, days, strict=True):
        with faults.of(key):
            if day and not re.fullmatch(r"\d{8}", day):
                raise InvalidError("A day is written as year, month and day.")
    faults.tell()
    if any(days):
        wanted["StudyDate"] = days[0] if days[0] == days[1] else "-".join(days)
    kept = {key: value for key, value in wanted.items() if value}
    if not set(kept) - {"ModalitiesInStudy"}:
        raise InvalidError(
            "Fill in a day, a patient or an accession number: a PACS is large.", "from"
        )
    return kept


def counted(pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Yield each chosen series with a folder of its own, free of identifiers."""
    studies: dict[str, int] = {}
    series: dict[str, int] = {}
    for study, one in pairs:
        at = studies.setdefault(study, len(studies) + 1)
        series[study] = series.get(study, 0) + 1
        yield study, one, f"study-{at}/series-{series[study]}"
