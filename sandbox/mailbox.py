"""The mails in a folder: their list, and each with its parts as a person sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Final

_SUFFIX: Final = ".eml"
_CID: Final = re.compile(r'(["\'(])cid:([^"\')\s]+)', re.IGNORECASE)


@dataclass(frozen=True)
class Summary:
    """A line of the list."""

    name: str
    date: str
    sender: str
    recipient: str
    subject: str
    attachments: int

    def has(self, words: str) -> bool:
        return words.casefold() in f"{self.sender} {self.recipient} {self.subject}".casefold()


@dataclass(frozen=True)
class Part:
    """An attachment or an inline image, by its place in the message."""

    place: int
    file_name: str
    media_type: str
    content_id: str
    content: bytes
    is_inline: bool


class Mail:
    """One message, however broken it is."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.source = content
        self._message = message_from_bytes(content, policy=default)

    def header(self, name: str) -> str:
        try:
            return str(self._message.get(name, ""))
        except (ValueError, LookupError, TypeError, AttributeError):
            return "(unreadable)"

    def summary(self) -> Summary:
        return Summary(
            name=self.name,
            date=self.header("Date"),
            sender=self.header("From"),
            recipient=self.header("To"),
            subject=self.header("Subject") or "(no subject)",
            attachments=sum(1 for part in self.parts() if not part.is_inline),
        )

    def text(self) -> str | None:
        return self._body("plain")

    def html(self) -> str | None:
        """Return the HTML part, with its inline images at addresses that the page serves."""
        html = self._body("html")
        if html is None:
            return None
        places = {part.content_id: part.place for part in self.parts() if part.content_id}

        def served(found: re.Match[str]) -> str:
            place = places.get(found[2])
            return found[0] if place is None else f"{found[1]}part/{place}"

        return _CID.sub(served, html)

    def parts(self) -> list[Part]:
        found = []
        for place, part in enumerate(self._message.walk()):
            is_body = part.get_content_maintype() in ("text", "multipart")
            if part.is_multipart() or (is_body and not part.get_filename()):
                continue
            payload = part.get_payload(decode=True)
            found.append(
                Part(
                    place=place,
                    file_name=part.get_filename() or f"part-{place}",
                    media_type=part.get_content_type(),
                    content_id=str(part.get("Content-ID", "")).strip(" <>"),
                    content=payload if isinstance(payload, bytes) else b"",
                    # An image within the HTML: it is marked as inline, or has an id to refer to.
                    is_inline=part.get_content_disposition() == "inline" or "Content-ID" in part,
                )
            )
        return found

    def _body(self, kind: str) -> str | None:
        part = self._message.get_body(preferencelist=(kind,))
        if part is None:
            return None
        try:
            return str(part.get_content())
        except (LookupError, ValueError, KeyError):
            payload = part.get_payload(decode=True)
            return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


class Mailbox:
    """A folder of messages, newest first. It reads each message only once for the list."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, Summary] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def summaries(self) -> list[Summary]:
        names = sorted((path.stem for path in self._folder.glob(f"*{_SUFFIX}")), reverse=True)
        known = self._known
        self._known = {
            name: known.get(name) or Mail(name, self._path(name).read_bytes()).summary()
            for name in names
        }
        return list(self._known.values())

    def mail(self, name: str) -> Mail | None:
        """Return the mail of this name, or None. No name leads out of the folder."""
        if name not in {path.stem for path in self._folder.glob(f"*{_SUFFIX}")}:
            return None
        return Mail(name, self._path(name).read_bytes())

    def empty(self) -> None:
        for path in self._folder.glob(f"*{_SUFFIX}"):
            path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"
