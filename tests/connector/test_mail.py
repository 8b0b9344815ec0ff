"""Mail: given only when a server accepted it; addresses and passwords stay where they belong."""

from __future__ import annotations

import email
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from connector.delivering.mail import FolderMailer, Mail, MailServer, SmtpMailer, mail_server
from connector.errors import ConfigProblem, Permanent, Transient
from tests.connector.smtp_server import SmtpServer, smtp_server

MAIL = Mail(
    "ada@example.test",
    "Punkte laufen ab: 20 % zurück",
    "Nur noch 7 Tage.",
    "de",
    "m1:expiry:k",
    datetime(2026, 11, 21, 12, tzinfo=UTC),
)
SENDER = "Circle <hi@shop.example>"


def mailer_of(server: SmtpServer) -> SmtpMailer:
    return SmtpMailer(MailServer("smtp+plain", "127.0.0.1", server.port), SENDER)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=default)


async def test_a_message_arrives_as_it_was_written() -> None:
    async with smtp_server() as server:
        await mailer_of(server).send(MAIL)
    ((recipient, raw),) = server.kept
    message = read(raw)
    assert recipient == message["To"] == MAIL.to
    assert (message["From"], message["Subject"]) == (SENDER, MAIL.subject)
    assert message["Date"].datetime == MAIL.at
    assert message["Content-Language"] == "de"
    assert message.get_content().strip() == MAIL.text
    assert message["Message-ID"].endswith("@shop.example>")


async def test_the_same_message_sent_again_can_be_told_from_another() -> None:
    async with smtp_server() as server:
        for key in ("a", "a", "b"):
            await mailer_of(server).send(Mail("a@example.test", "s", "t", "en", key, MAIL.at))
    first, again, other = (read(raw)["Message-ID"] for _, raw in server.kept)
    assert first == again != other


@pytest.mark.parametrize(
    ("command", "answer", "error"),
    [
        ("RCPT", b"550 nobody here", Permanent),
        ("RCPT", b"450 come back later", Transient),
        ("DATA", b"554 we do not want this", Permanent),
        ("DATA", b"451 disk full", Transient),
        ("MAIL", b"451 later", Transient),
        ("MAIL", b"530 sign in first", Transient),
    ],
)
async def test_what_a_server_refuses_was_not_sent(command: str, answer: bytes, error: type[Exception]) -> None:
    async with smtp_server() as server:
        server.refuses[command] = answer
        with pytest.raises(error):
            await mailer_of(server).send(MAIL)
        assert server.kept == []


LETTERS = Mail("jürgen@example.test", "s", "t", "de", "k", MAIL.at)


async def test_an_address_that_the_server_cannot_write_is_not_tried_for_ever() -> None:
    async with smtp_server() as server:
        with pytest.raises(Permanent, match="SMTPUTF8"):
            await mailer_of(server).send(LETTERS)
        assert server.kept == []
        server.refuses["EHLO"] = b"250-mail.test\r\n250-8BITMIME\r\n250 SMTPUTF8"
        await mailer_of(server).send(LETTERS)
        assert [to for to, _ in server.kept] == [LETTERS.to]


async def test_a_sender_that_the_server_cannot_write_is_for_the_operator_to_change() -> None:
    async with smtp_server() as server:
        mailer = SmtpMailer(MailServer("smtp+plain", "127.0.0.1", server.port), "Circle <grüße@shop.example>")
        with pytest.raises(ConfigProblem, match="BELONG_MAIL_FROM"):
            await mailer.send(MAIL)


async def test_a_server_that_does_not_answer_is_tried_again_later() -> None:
    async with smtp_server() as server:
        gone = mailer_of(server)
    with pytest.raises(Transient):
        await gone.send(MAIL)


async def test_a_server_that_offers_no_encryption_gets_nothing_where_encryption_is_asked_for() -> None:
    async with smtp_server() as server:
        with pytest.raises(Transient):
            await SmtpMailer(MailServer("smtp", "127.0.0.1", server.port, "u", "secret"), SENDER).send(MAIL)
        assert server.kept == []


@pytest.mark.parametrize("to", ["a@example.test\nBcc: all@example.test", "a@example.test\r\nSubject: x"])
async def test_an_address_cannot_smuggle_in_a_header(tmp_path: Path, to: str) -> None:
    with pytest.raises(Permanent):
        await FolderMailer(tmp_path, SENDER).send(Mail(to, "s", "t", "en", "k", MAIL.at))
    assert list(tmp_path.iterdir()) == []


async def test_without_a_server_mail_stays_in_a_folder_that_only_its_owner_reads(tmp_path: Path) -> None:
    mailer = FolderMailer(tmp_path / "outbox", SENDER)
    await mailer.send(MAIL)
    await mailer.send(MAIL)
    (kept,) = (tmp_path / "outbox" / "new").iterdir()
    assert read(kept.read_bytes())["Subject"] == MAIL.subject
    assert kept.stat().st_mode & 0o077 == 0
    assert list((tmp_path / "outbox" / "tmp").iterdir()) == []
    assert not mailer.delivers


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtps://u%40x:p%3Aw@mail.example", MailServer("smtps", "mail.example", 465, "u@x", "p:w")),
        ("smtp://mail.example", MailServer("smtp", "mail.example", 587)),
        ("smtp+plain://127.0.0.1:2525", MailServer("smtp+plain", "127.0.0.1", 2525)),
    ],
)
def test_a_mail_server_is_named_by_a_url(url: str, server: MailServer) -> None:
    assert mail_server(url) == server
    assert "p:w" not in repr(server)


@pytest.mark.parametrize(
    "url",
    ["mail.example", "http://mail.example", "smtp://", "smtp://h:99999", "smtp://h/path", "smtp+plain://u:p@host"],
)
def test_a_mail_server_that_cannot_be_is_refused(url: str) -> None:
    with pytest.raises(ConfigProblem):
        mail_server(url)
