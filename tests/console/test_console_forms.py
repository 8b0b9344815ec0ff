"""Forms of a draft in the console: they change the draft's document and nothing else, and say what is wrong where."""

from __future__ import annotations

import html as html_text
import re
from typing import Any

import httpx
import pytest

from connector.console.forms.tables import FORMS, PARTS
from connector.console.words import TABLES
from connector.programmes.drafting import read_typed
from loyalty_engine.programme import canonical_json
from loyalty_engine.texts import TAGS
from tests.connector.outside import Outside
from tests.connector.plugin_calls import Plugin
from tests.console.full_document import FULL
from tests.console.test_console_programme import Editor, editor
from tests.console.visiting import HOSTILE, form_of, page_of, signed_in

SAID = TABLES["en"]


@pytest.fixture
async def mine(service: Outside, plugin: Plugin) -> Editor:
    """A draft with every setting."""
    found = await editor(service, plugin)
    assert (await found.save(canonical_json(FULL))).status_code == 303
    return found


def controls(html: str) -> dict[str, str]:
    """What a browser would send of the form that saves a draft's fields."""
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", html, re.DOTALL)
    form = next(one for one in forms if re.search(r'name="(kind|also)"', one))
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        if 'type="checkbox"' in tag and " checked" not in tag:
            continue
        found[re.search(r'name="([^"]*)"', tag)[1]] = re.search(r'value="([^"]*)"', tag)[1]  # type: ignore[index]
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = text.replace("\n", "\r\n")
    for name, inside in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', inside) or re.search(r'<option value="([^"]*)"', inside)
        found[name] = chosen[1] if chosen else ""
    return {html_text.unescape(name): html_text.unescape(text) for name, text in found.items()}


async def document_of(mine: Editor) -> Any:
    """As it is kept, numbers digit by digit."""
    return read_typed((await mine.service.rows("SELECT document_text FROM programme_draft"))[0]["document_text"])


async def opened(mine: Editor, of: str, n: str = "", kind: str = "") -> str:
    answer = await mine.browser.get(
        f"{mine.path}/{FORMS[of].part}/form", params={"of": of, "n": n, **({"kind": kind} if kind else {})}
    )
    assert answer.status_code == 200, answer.text
    return answer.text


async def fill(mine: Editor, html: str, **changed: str) -> httpx.Response:
    sent = {**controls(html), **{f"v.{name}": text for name, text in changed.items()}}
    return await mine.browser.post(f"{mine.path}/form", data=sent)


async def act(mine: Editor, of: str, n: str, deed: str) -> httpx.Response:
    html = (await mine.browser.get(f"{mine.path}/{FORMS[of].part}")).text
    for one in re.findall(r"<form class=\"deed\".*?</form>", html, re.DOTALL):
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', one))
        if hidden.get("of") == of and hidden["n"] == n and f'value="{deed}"' in one:
            return await mine.browser.post(f"{mine.path}/item", data={**hidden, "deed": deed})
    raise AssertionError(f"no button to {deed} {of} {n}")


async def test_every_form_opens_and_unchanged_it_saves_nothing(mine: Editor) -> None:
    before = (await mine.service.rows("SELECT document_text, edits FROM programme_draft"))[0]
    for form in FORMS.values():
        value: Any = FULL
        for name in form.path.split("."):
            value = value.get(name, {}) if isinstance(value, dict) else {}
        keys = [""] if form.shape.value == "one" else [str(n) for n in range(len(value))]
        if form.shape.value == "named":
            keys = [name for name in value if name != "goodwill"]
        for key in keys:
            answer = await fill(mine, await opened(mine, form.name, key))
            assert answer.status_code == 303 and answer.headers["location"].endswith("said=form-same"), form.name
    assert (await mine.service.rows("SELECT document_text, edits FROM programme_draft"))[0] == before


async def test_a_field_changes_its_setting_and_nothing_else(mine: Editor) -> None:
    answer = await fill(mine, await opened(mine, "rewards", "1"), percent="15", **{"name.de": "Fünfzehn"})
    assert answer.status_code == 303 and answer.headers["location"].endswith("/rewards?said=form-saved")
    document = await document_of(mine)
    assert document["rewards"][1].pop("percent") == 15 and document["rewards"][1].pop("name") == {"de": "Fünfzehn"}
    before = {key: value for key, value in FULL["rewards"][1].items() if key != "percent"}
    assert document["rewards"][1] == before
    document["rewards"][1] = FULL["rewards"][1]
    assert canonical_json(document) == canonical_json(FULL)


async def test_a_complaint_that_no_field_has_is_said_above_the_fields(mine: Editor) -> None:
    """A tier without anything to reach it by: no one of its fields is to blame."""
    before, html = await document_of(mine), await opened(mine, "tiers", "1")
    cleared = {name.removeprefix("v."): "" for name in controls(html) if name.startswith("v.qualify.")}
    answer = await fill(mine, html, **cleared)
    assert answer.status_code == 422 and SAID["forms.would-be-wrong"] in answer.text
    assert SAID["complaint.not-reached"] in html_text.unescape(answer.text) and await document_of(mine) == before


async def test_somebody_who_writes_no_json_adds_a_reward_a_rule_and_a_tier(mine: Editor) -> None:
    await fill(mine, await opened(mine, "rewards", kind="percent"), points="400", percent="10", **{"name.en": "Ten"})
    await fill(mine, await opened(mine, "rules", kind="factor"), factor="3", **{"when.weekday.sun": "yes"})
    await fill(mine, await opened(mine, "tiers", kind="reach"), **{"name.en": "Top", "qualify.spend": "900,50"})
    await fill(mine, await opened(mine, "actions", kind="points"), points="4", **{"=name": "visit", "per_week": "20"})
    loyal = {"name.en": "Loyal", "rule.0.measure": "orders", "rule.0.number": "12"}
    await fill(mine, await opened(mine, "badges", kind="one"), **loyal)
    document = await document_of(mine)
    ten = {"id": "ten", "kind": "percent", "name": {"en": "Ten"}, "points": 400, "percent": 10}
    assert document["rewards"][-1] == ten
    assert document["rules"][-1] == {"id": "rule", "factor": 3, "when": {"weekday": ["sun"]}}
    assert document["tiers"][-1] == {"id": "top", "name": {"en": "Top"}, "qualify": {"spend": 900.5}}
    assert document["points"]["actions"]["visit"] == {"points": 4, "per_week": 20}
    assert document["badges"][-1]["rule"] == "orders >= 12"
    assert SAID["editor.is-usable"] in await mine.html()


async def test_a_number_with_two_readings_is_asked_again(mine: Editor) -> None:
    html = await opened(mine, "rewards", "0")
    refused = await fill(mine, html, points="1.000")
    assert refused.status_code == 422 and 'value="1.000"' in refused.text
    said = SAID["wrong.two-readings"].format(typed="1.000", many="1000", one="1")
    assert said in refused.text and 'aria-invalid="true"' in refused.text
    assert (await fill(mine, refused.text, points="1000")).status_code == 303
    assert (await document_of(mine))["rewards"][0]["points"] == 1000


async def test_a_problem_stands_beside_its_field_and_can_be_kept(mine: Editor) -> None:
    html = await opened(mine, "rewards", "1")
    refused = await fill(mine, html, until="2020-01-01T00:00", **{"from": "2021-01-01T00:00"})
    assert refused.status_code == 422 and SAID["forms.would-be-wrong"] in refused.text
    assert re.search(r'id="p-v.until"', refused.text) and 'aria-describedby="p-v.until' in refused.text
    assert "until" not in (await document_of(mine))["rewards"][1]
    kept = {**controls(refused.text), "keep": "yes"}
    assert (await mine.browser.post(f"{mine.path}/form", data=kept)).status_code == 303
    assert (await document_of(mine))["rewards"][1]["until"] == "2020-01-01"
    part = (await mine.browser.get(f"{mine.path}/tiers")).text
    assert "/rewards/form?of=rewards&amp;n=1" in part and SAID["forms.to-problem"] in await mine.html()
    assert SAID["forms.wrong"] in (await mine.browser.get(f"{mine.path}/rewards")).text


async def test_items_go_up_are_copied_and_are_taken_away(mine: Editor) -> None:
    assert (await act(mine, "rewards", "1", "up")).headers["location"].endswith("said=form-up")
    assert [one["id"] for one in (await document_of(mine))["rewards"]][:2] == ["percent", "amount"]
    await act(mine, "rewards", "0", "copy")
    assert (await document_of(mine))["rewards"][1]["id"] == "percent-2"
    html = await opened(mine, "tiers", "1")
    assert SAID["lost.tiers"] in html and "<code>percent</code>" in html and "<code>advent</code>" in html
    hidden = {name: text for name, text in controls(html).items() if not name.startswith("v.")}
    gone = await mine.browser.post(f"{mine.path}/item", data={**hidden, "deed": "remove"})
    assert gone.headers["location"].endswith("/tiers?said=form-remove")
    assert [one["id"] for one in (await document_of(mine))["tiers"]] == ["member", "private"]
    assert SAID["editor.not-usable"] in await mine.html()


async def test_two_who_fill_in_forms_notice_each_other(service: Outside, plugin: Plugin, mine: Editor) -> None:
    theirs = Editor(service, await signed_in(service, plugin, name="Ben", user="wp:13"), mine.path)
    seen, listed = await opened(theirs, "rewards", "1"), await opened(theirs, "rewards", "3")
    assert (await fill(mine, await opened(mine, "rewards", "1"), points="111")).status_code == 303
    late = await fill(theirs, seen, percent="20")
    assert late.status_code == 409 and "Ada" in late.text and 'value="20"' in late.text
    assert (await document_of(mine))["rewards"][1]["percent"] == 12.5
    assert (await fill(theirs, late.text, points="111")).status_code == 303
    assert (await document_of(mine))["rewards"][1]["points"] == 111 and (await document_of(mine))["rewards"][1][
        "percent"
    ] == 20
    await act(mine, "rewards", "1", "up")
    await act(mine, "rewards", "3", "up")
    moved = await fill(theirs, listed, stock="9")
    assert moved.headers["location"].endswith("said=form-meanwhile")


async def test_texts_of_all_languages_stand_side_by_side(mine: Editor) -> None:
    html = (await mine.browser.get(f"{mine.path}/texts", params={"also": "es"})).text
    assert html.count(SAID["forms.missing"] + "</span>") > 2 and "Español" in html
    sent = {**controls(html), "v.tiers|1|name.es": "Oro", "v.programme||points_name.es.many": "granos"}
    assert (await mine.browser.post(f"{mine.path}/texts", data=sent)).headers["location"].endswith("said=form-saved")
    document = await document_of(mine)
    assert document["tiers"][1]["name"] == {"en": "Gold", "zh-Hant": "金", "es": "Oro"}
    assert document["programme"]["points_name"]["es"] == ["granos", "granos"]
    assert document["tiers"][0]["name"] == "Member" and document["rewards"][0]["name"] == "Five"
    again = controls((await mine.browser.get(f"{mine.path}/texts")).text)
    same = await mine.browser.post(f"{mine.path}/texts", data=again)
    assert same.headers["location"].endswith("said=form-same")


async def test_what_a_form_cannot_show_is_said_and_stays(mine: Editor) -> None:
    strange = {**FULL, "tiers": [FULL["tiers"][0], {**FULL["tiers"][1], "qualify": {"spend": 5, "or_spend": 6}}]}
    strange["badges"] = [{"id": "odd", "rule": "orders >= 1 or orders >= 2", "name": HOSTILE}]
    await mine.save(canonical_json(strange))
    assert SAID["forms.unshown"] in await opened(mine, "tiers", "1")
    html = await opened(mine, "badges", "0")
    assert SAID["forms.unshown"] in html and "<script>alert" not in html
    kept = {**controls(html), "v.family": "odd ones", "keep": "yes"}
    assert (await mine.browser.post(f"{mine.path}/form", data=kept)).status_code == 303
    document = await document_of(mine)
    assert (
        document["badges"][0]["rule"] == "orders >= 1 or orders >= 2" and document["badges"][0]["family"] == "odd ones"
    )
    assert document["tiers"][1]["qualify"] == {"spend": 5, "or_spend": 6}


async def test_a_document_that_cannot_be_read_has_no_forms(mine: Editor) -> None:
    await mine.save('{"rewards": [')
    for part in PARTS:
        assert SAID["forms.unread"] in (await mine.browser.get(f"{mine.path}/{part}")).text
    answer = await mine.browser.get(f"{mine.path}/tiers/form")
    assert answer.status_code == 303 and answer.headers["location"].endswith("said=form-unread")


async def test_a_draft_in_toml_becomes_json_only_when_something_changes(mine: Editor) -> None:
    toml = 'schema = 2 # ours\n[programme]\nname="A"\ntimezone="shop"\ncurrency="shop"\n[points.earn]\nper_unit = 1\n'
    await mine.save(toml)
    html = await opened(mine, "earn")
    assert SAID["forms.toml"] in html
    assert (await fill(mine, html)).headers["location"].endswith("form-same")
    assert (await mine.service.rows("SELECT document_text FROM programme_draft"))[0]["document_text"] == toml
    assert (await fill(mine, html, **{"per_unit.EUR": "2"})).status_code == 303
    document = await document_of(mine)
    assert document["points"]["earn"]["per_unit"] == 2 and document["programme"]["timezone"] == "shop"


async def test_what_is_not_there_is_not_there(mine: Editor) -> None:
    for query in ("of=rewards&n=99", "of=rewards&n=x", "of=tiers", "of=teapots"):
        assert (await mine.browser.get(f"{mine.path}/rewards/form?{query}")).status_code == 404
    hidden = controls(await opened(mine, "tiers", "1"))
    for more in ({"n": "99"}, {"of": "teapots"}):
        assert (await mine.browser.post(f"{mine.path}/form", data={**hidden, **more})).status_code == 404
    for deed in ("", "burn"):
        assert (await mine.browser.post(f"{mine.path}/item", data={**hidden, "deed": deed})).status_code == 404


async def test_readers_see_parts_and_no_forms(service: Outside, plugin: Plugin, mine: Editor) -> None:
    reader = await signed_in(service, plugin, role="read-only")
    for part in PARTS:
        html = (await reader.get(f"{mine.path}/{part}")).text
        assert SAID[f"part.{part}-text"].replace("'", "&#39;") in html
        assert SAID["forms.add"] + "</button>" not in html and SAID["forms.save"] not in html
    assert (await reader.get(f"{mine.path}/tiers/form")).status_code == 403
    for deed in ("form", "item", "texts"):
        sent = {"form": form_of((await reader.get("/console/programme")).text), "of": "tiers"}
        assert (await reader.post(f"{mine.path}/{deed}", data=sent)).status_code == 403


@pytest.mark.parametrize("language", list(TABLES))
async def test_every_part_speaks_every_language(service: Outside, plugin: Plugin, mine: Editor, language: str) -> None:
    browser = await signed_in(service, plugin, language=TAGS[language])
    for part in PARTS:
        read = await page_of(browser, f"{mine.path}/{part}")
        assert read.attributes["html.lang"] == TAGS[language] and TABLES[language][f"part.{part}"] in read.said
        if part != "texts":
            assert (await browser.get(f"{mine.path}/{part}/form")).status_code == 200
