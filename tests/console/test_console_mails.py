"""The console's page of mails: who may, what is kept, what each looks like, and one to look at."""

from __future__ import annotations

import email
import email.policy
import html
import re

import httpx
import pytest

from connector.console.words import TABLES
from connector.delivering.letters import style_sources
from connector.delivering.mail import MailServer, SmtpMailer
from connector.storage.mail_settings import KINDS, MailSettings
from connector.storage.programmes import load_programmes
from loyalty_engine.texts import LANGUAGES
from tests.connector.outside import Outside
from tests.connector.plugin_calls import Plugin
from tests.connector.smtp_server import smtp_server
from tests.console.visiting import form_of, signed_in

PAGE = "/console/settings/mails"
EN = TABLES["en"]
SHOP_PAGE = "https://tea.myshopify.com/account"


async def kept(service: Outside) -> MailSettings:
    number = service.connections["woocommerce"].programme_number
    return (await load_programmes(service.service.database.reading()))[number].mails


async def typed(browser: httpx.AsyncClient, path: str = PAGE, **fields: str) -> httpx.Response:
    form = form_of((await browser.get(PAGE)).text)
    usual = {"sender_name": "", "accent": "#14532d", "per_day": "1"} if path == PAGE else {}
    return await browser.post(path, data={"form": form, **usual, **fields})


async def test_a_manager_chooses_which_mails_go_out(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, role="manager")
    on = {f"kind-{kind}": "yes" for kind in KINDS if kind != "welcome"}
    answer = await typed(browser, sender_name=" Ōkami \u202eTea ", accent="#FFDD00", per_day="3", **on)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?said=mails-saved")
    found = await kept(service)
    assert (found.sender_name, found.accent, found.per_day) == ("Ōkami Tea", "#ffdd00", 3)
    assert found.switches == {"welcome": False, "points-earned": True}
    assert EN["said.mails-saved"] in (await browser.get(answer.headers["location"])).text
    (deed,) = await service.rows("SELECT act, numbers_text FROM programme_deed WHERE act = 'mails'")
    assert '"per_day": 3' in deed["numbers_text"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("per_day", "0"), ("per_day", "x"), ("per_day", "21"), ("accent", "red"), ("sender_name", "A" * 61)],
)
async def test_what_cannot_be_is_refused_in_words_and_kept_typed(
    service: Outside, plugin: Plugin, field: str, value: str
) -> None:
    browser = await signed_in(service, plugin, role="manager")
    answer = await typed(browser, **{field: value})
    assert answer.status_code == 400
    assert EN[f"mails.problem-{field.replace('_', '-')}"] in answer.text
    assert await kept(service) == MailSettings()


async def test_others_do_not_see_it(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, role="support")
    assert (await browser.get(PAGE)).status_code == 403


async def test_each_mail_is_shown_in_each_language_in_a_frame_without_rights(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, role="manager")
    for language in LANGUAGES:
        for kind in KINDS if language in ("en", "de") else ("welcome",):
            answer = await browser.get(PAGE, params={"kind": kind, "language": language})
            assert answer.status_code == 200
            frame = r'<iframe class="letter" tabindex="-1" sandbox title="[^"]+" srcdoc="([^"]*)"'
            found = re.search(frame, answer.text)
            assert found is not None, (kind, language)
            letter = html.unescape(found[1])
            assert letter.startswith("<!DOCTYPE html>")
            assert f'href="{SHOP_PAGE}"' in letter and SHOP_PAGE in answer.text
            policy = answer.headers["content-security-policy"]
            assert all(source in policy for source in style_sources(letter))
            assert "'unsafe-inline'" not in policy
    assert (await browser.get(PAGE, params={"kind": "x", "language": "../etc"})).status_code == 200
    assert "unsafe-hashes" not in (await browser.get("/console/connection")).headers["content-security-policy"]


async def test_a_mail_to_look_at_is_sent_and_not_too_often(service: Outside, plugin: Plugin) -> None:
    async with smtp_server() as server:
        service.service.mailer = SmtpMailer(
            MailServer("smtp+plain", "127.0.0.1", server.port), "Circle <hi@shop.example>"
        )
        browser = await signed_in(service, plugin, role="manager")
        sent = {"kind": "expiry", "language": "de", "to": "ada@example.test"}
        answers = [(await typed(browser, f"{PAGE}/test", **sent)) for _ in range(6)]
    assert [each.status_code for each in answers] == [303] * 5 + [429]
    assert "said=mail-sent" in answers[0].headers["location"]
    assert EN["mails.problem-often"] in answers[-1].text
    assert len(server.kept) == 5
    message = email.message_from_bytes(server.kept[0][1], policy=email.policy.default)
    assert (message["To"], message["Content-Language"]) == ("ada@example.test", "de")
    assert "verfallen" in message["Subject"]
    for part in ("plain", "html"):
        body = message.get_body((part,))
        assert body is not None and SHOP_PAGE in body.get_content()


async def test_without_a_server_the_page_says_where_it_lies(service: Outside, plugin: Plugin) -> None:
    browser = await signed_in(service, plugin, role="manager")
    answer = await typed(browser, f"{PAGE}/test", kind="welcome", language="en", to="ada@example.test")
    assert "said=mail-in-folder" in answer.headers["location"]
    (file,) = (service.service.settings.mail_folder / "new").iterdir()
    assert b"ada@example.test" in file.read_bytes()
    page = (await browser.get(PAGE)).text
    assert EN["mails.no-server"] in page
    assert str(service.service.settings.mail_folder) not in page, "not for managers"
    for to in ("", "ada", "a@b\r\nBcc: c@d", "a" * 255 + "@b"):
        answer = await typed(browser, f"{PAGE}/test", kind="welcome", language="en", to=to)
        assert answer.status_code == 400
