"""Letters: the same words as text and markup, in every language, whatever people and merchants call themselves."""

from __future__ import annotations

import email
import html
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default

import pytest

from connector.delivering.letters import Letter, Links, Part, Written, readable_on, write
from connector.delivering.mail import Mail, MailServer, SmtpMailer, message_of
from loyalty_engine.texts import LANGUAGES, TAGS, Words
from tests.connector.smtp_server import smtp_server

HOSTILE = '<script>alert(1)</script>\r\nBcc: all@shop.example\u202egnp.exe =HYPERLINK("http://evil.example")'
PART = Part("100 points expire", ("They expire on 2 March.",))
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def letter(language: str = "en", name: str = "Circle", first_name: str = "Ada", *parts: Part) -> Written:
    return write(Letter(Words(language), name, "#ffdd00", parts or (PART,), first_name=first_name))


def mail_of(written: Written, **more: str) -> Mail:
    return Mail("ada@example.test", written.subject, written.text, "en", "k", AT, written.html, **more)


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=default)


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_and_markup_say_the_same_in_each_language(language: str) -> None:
    written = letter(language)
    assert f'<html lang="{TAGS[language]}" dir="ltr">' in written.html
    for said in ("Ada", "Circle", PART.title, *PART.paragraphs):
        assert said in written.text
        assert said in written.html
    assert "<img" not in written.html
    assert "http" not in written.html, "nothing is fetched"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_way_to_the_shop_is_a_button_in_markup_and_an_address_in_text(language: str) -> None:
    page = "https://shop.example/me?tab=points&x=1"
    written = write(
        Letter(Words(language), "Circle", "#ffdd00", [PART], links=Links("https://b.example/mails/x", page))
    )
    label = Words(language).text("mail.shop")
    assert f"{label}:\n{page}\n" in written.text
    (link,) = re.findall(r'<a href="([^"]*)" style="([^"]*)">([^<]*)</a>', written.html)
    assert (html.unescape(link[0]), link[2]) == (page, label)
    assert "background-color:#ffdd00;color:#000000" in link[1]
    assert written.text.index(PART.paragraphs[0]) < written.text.index(page) < written.text.index("-- \n")


def test_hostile_names_stay_names() -> None:
    hostile = letter("en", HOSTILE, "Ada", Part(HOSTILE, (HOSTILE,)))
    assert "<script" not in hostile.html
    assert "\u202e" not in hostile.html + hostile.text + hostile.subject
    assert "\n" not in hostile.subject
    message = read(bytes(message_of(mail_of(hostile, sender_name="Circle"), "x <hi@shop.example>")))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("<script>")


@pytest.mark.parametrize("name", ["http://evil.example", "Win at evil.example", "<b>Ada</b>", "=1+1", "A" * 41, " \n"])
def test_what_is_no_name_greets_nobody(name: str) -> None:
    assert letter("en", "Circle", name).text.startswith("Hello,\n")


def test_several_things_are_one_letter() -> None:
    written = letter("en", "Circle", "", PART, Part("A badge", ("You have it.",)))
    assert written.subject == "News about your points at Circle"
    assert written.text.index("100 points") < written.text.index("A badge")


@pytest.mark.parametrize(
    "colour", ["#000000", "#14532d", "#767676", "#7f7f7f", "#ff0000", "#ffdd00", "#ffffff", "#0000ff"]
)
def test_the_name_is_readable_on_any_colour(colour: str) -> None:
    def light(text: str) -> float:
        parts = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted([light(colour), light(readable_on(colour))], reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


async def test_a_mail_arrives_as_text_and_as_markup_from_the_name_that_the_programme_chose() -> None:
    stop = "https://belong.a-shop-with-a-long-name.example/folder/mails/1-0123456789abcdef0123456789abcdef-" + "A" * 22
    async with smtp_server() as server:
        mailer = SmtpMailer(MailServer("smtp+plain", "127.0.0.1", server.port), "Circle <hi@shop.example>")
        await mailer.send(mail_of(letter("zh_hans"), sender_name='Ōkami "Tea" Shop', stop=stop))
        await mailer.send(mail_of(letter(), stop="http://localhost:8420/mails/x"))
    (_, raw), (_, plain) = server.kept
    message = read(raw)
    assert message["From"].addresses[0].display_name == 'Ōkami "Tea" Shop'
    assert message["From"].addresses[0].addr_spec == "hi@shop.example"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert f"List-Unsubscribe: <{stop}>\r\n".encode() in raw
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read(plain)["List-Unsubscribe-Post"] is None, "one click needs https"
    assert all(len(line) < 990 for line in raw.splitlines())
