"""Mail to members: over SMTP where the operator named a server, else into a folder, from which nobody sends it.

Only a server that accepted a message makes it count as given: ``delivers`` says which of the two this is.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from connector.errors import ConfigProblem, Permanent, Transient

SECONDS = 30
PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}
_SHAPE = "BELONG_MAIL_SERVER must look like smtps://user:password@mail.example or smtp://mail.example:587."


@dataclass(frozen=True, slots=True)
class MailServer:
    """scheme: ``smtps`` (TLS from the start), ``smtp`` (STARTTLS, always) or ``smtp+plain`` (a relay on this machine
    or in the own network). user: empty where none is asked for.
    """

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server(url: str) -> MailServer:
    """Read the setting. Raises ConfigProblem."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigProblem(_SHAPE) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise ConfigProblem(_SHAPE)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if user and parts.scheme == "smtp+plain":
        raise ConfigProblem("Without encryption anybody on the way could read the mail password: use smtps or smtp.")
    return MailServer(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message. key: the same for the same message, so that a copy sent after a crash can be told from another.

    html: the same in markup, if there is any. sender_name: in place of the name that the operator set. stop: an address
    at which whoever gets it has no more of them.
    """

    to: str
    subject: str
    text: str
    language: str
    key: str
    at: datetime
    html: str = ""
    sender_name: str = ""
    stop: str = ""


class Mailer(Protocol):
    """Sends mail. delivers: whether a message that was sent without an error is on its way to the member."""

    delivers: bool

    async def send(self, mail: Mail) -> None:
        """Raises Transient, Permanent (this address), or ConfigProblem."""
        ...


class _Whole(EmailPolicy):
    """Addresses of pages stay whole: one that was folded or encoded is one that no program finds."""

    def fold(self, name: str, value: str) -> str:
        """See EmailPolicy."""
        return f"{name}: {value}{self.linesep}" if _is_address(name) else super().fold(name, value)

    def fold_binary(self, name: str, value: str) -> bytes:
        """See EmailPolicy."""
        return self.fold(name, value).encode("ascii") if _is_address(name) else super().fold_binary(name, value)


def _is_address(header: str) -> bool:
    return header.lower() == "list-unsubscribe"


_POLICY = _Whole(linesep=SMTP.linesep)


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """The message as it travels. Raises Permanent for an address or a subject that no header can hold."""
    message = EmailMessage(_POLICY)
    try:
        message["From"] = _named(mail.sender_name, sender) if mail.sender_name else sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
    except (ValueError, IndexError) as error:
        raise Permanent("This address cannot be written to.", detail=type(error).__name__) from error
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{hashlib.sha256(mail.key.encode()).hexdigest()[:32]}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    if mail.stop:
        message["List-Unsubscribe"] = f"<{mail.stop}>"
        if mail.stop.startswith("https:"):
            # RFC 8058: one click of the mail program's own button, which asks nothing more.
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(mail.text + "\n")
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    # After the content, which replaces every header that describes it.
    message["Content-Language"] = mail.language
    return message


def _named(name: str, sender: str) -> Address:
    """The sender's address under another name."""
    user, _, domain = parseaddr(sender)[1].rpartition("@")
    return Address(name, user, domain)


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2].rstrip("> ")


class SmtpMailer:
    """Hands messages to a server; returns when it has accepted them."""

    delivers = True

    def __init__(self, server: MailServer, sender: str, context: ssl.SSLContext | None = None) -> None:
        self._server = server
        self._sender = sender
        self._context = context or ssl.create_default_context()

    async def send(self, mail: Mail) -> None:
        """See Mailer."""
        message = message_of(mail, self._sender)
        try:
            await asyncio.to_thread(self._send, message)
        except smtplib.SMTPRecipientsRefused as error:
            raise _refusal(error.recipients) from error
        except smtplib.SMTPAuthenticationError as error:
            raise ConfigProblem("The mail server refuses user or password.", detail=str(error.smtp_code)) from error
        except smtplib.SMTPResponseException as error:
            kind = Permanent if error.smtp_code >= 500 and isinstance(error, smtplib.SMTPDataError) else Transient
            raise kind("The mail server refuses the message.", detail=str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Transient("The mail server cannot be reached.", detail=type(error).__name__) from error

    def _send(self, message: EmailMessage) -> None:
        server = self._server
        # Named here, or the library would ask a name server who we are.
        ours = _domain(self._sender)
        if server.scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                server.host, server.port, ours, timeout=SECONDS, context=self._context
            )
        else:
            client = smtplib.SMTP(server.host, server.port, ours, timeout=SECONDS)
        with client:
            if server.scheme == "smtp":
                client.starttls(context=self._context)
            if server.user:
                client.login(server.user, server.password)
            try:
                client.send_message(message)
            except smtplib.SMTPNotSupportedError as error:
                raise _unspeakable(self._sender) from error


def _unspeakable(sender: str) -> Permanent | ConfigProblem:
    """An address has letters that this server cannot take, and asking again does not teach it any."""
    if not parseaddr(sender)[1].isascii():
        return ConfigProblem("The mail server does not take a sender with such letters: change BELONG_MAIL_FROM.")
    why = "The mail server does not take addresses with letters beyond ASCII (it offers no SMTPUTF8)."
    return Permanent(why, detail="no SMTPUTF8")


def _refusal(recipients: Mapping[str, tuple[int, bytes]]) -> Permanent | Transient:
    code = next((code for code, _ in recipients.values()), 450)
    kind = Permanent if code >= 500 else Transient
    return kind("The mail server refuses the address.", detail=str(code))


class FolderMailer:
    """Leaves each message as a file, ``new/<key>.eml``, like a maildir: to look at, or for a program that sends it."""

    delivers = False

    def __init__(self, folder: Path, sender: str) -> None:
        self._folder = folder
        self._sender = sender

    async def send(self, mail: Mail) -> None:
        """See Mailer."""
        message = message_of(mail, self._sender)
        try:
            await asyncio.to_thread(self._write, mail.key, bytes(message))
        except OSError as error:
            raise Transient("The mail folder cannot be written.", detail=type(error).__name__) from error

    def _write(self, key: str, content: bytes) -> None:
        for name in ("tmp", "new"):
            (self._folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.eml"
        half = self._folder / "tmp" / name
        # Addresses are in it: only for the operator's eyes.
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        half.replace(self._folder / "new" / name)
