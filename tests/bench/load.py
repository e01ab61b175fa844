"""The load: distinct signed SMS from one wrk thread, and what came of them."""

from __future__ import annotations

import re
import statistics
import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from servers import URL, Server
from support import need
from twilio.request_validator import RequestValidator

SENDERS = 5000
MOST_A_SECOND = 6000  # distinct messages made for each second; wrk must never run out of them
SCRIPT = """
local lines, count = {}, 0
for line in io.lines("FORMS") do lines[#lines + 1] = line end
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
request = function()
  count = count + 1
  if count > #lines and AGAIN then count = 1 end
  local signature, body = lines[count]:match("^(%S+) (.*)$")
  wrk.headers["X-Twilio-Signature"] = signature
  return wrk.format(nil, nil, nil, body)
end
PACE
"""


@dataclass(frozen=True)
class Round:
    """One measurement. `cpu` is microseconds a request, by whose they are."""

    requests: int
    rate: float
    p50: float
    p99: float
    cpu: dict[str, float]


def measure(server: Server, seconds: int, *, connections: int = 0, pause_ms: int = 0) -> Round:
    """Load a server for some seconds; with `pause_ms`, each connection rests between requests."""
    with tempfile.TemporaryDirectory(prefix="lapor-bench-") as folder:
        script, forms = Path(folder) / "post.lua", Path(folder) / "forms"
        write_forms(server, forms, seconds * MOST_A_SECOND if not pause_ms else seconds * 1000)
        pace = f"delay = function() return {pause_ms} end" if pause_ms else ""
        # The floor keeps nothing, so it may get the same messages again; it is too fast otherwise.
        again = "true" if server.name == "floor" else "false"
        filled = SCRIPT.replace("FORMS", str(forms)).replace("PACE", pace)
        script.write_text(filled.replace("AGAIN", again))
        before = server.cpu_seconds()
        said = _wrk(server, script, connections or server.connections, seconds)
        used = {name: after - before[name] for name, after in server.cpu_seconds().items()}
    requests = int(_found(r"(\d+) requests in", said))
    return Round(
        requests=requests,
        rate=float(_found(r"Requests/sec:\s+([\d.]+)", said)),
        p50=_milliseconds(_found(r"\n\s+50%\s+(\S+)", said)),
        p99=_milliseconds(_found(r"\n\s+99%\s+(\S+)", said)),
        cpu={name: seconds_used / requests * 1e6 for name, seconds_used in used.items()},
    )


def median(rounds: Sequence[Round]) -> Round:
    """Give the medians of several rounds."""

    def of(name: str) -> float:
        return statistics.median(getattr(round_, name) for round_ in rounds)

    cpu = {name: statistics.median(r.cpu[name] for r in rounds) for name in rounds[0].cpu}
    return Round(int(of("requests")), of("rate"), of("p50"), of("p99"), cpu)


def write_forms(server: Server, path: Path, count: int) -> None:
    """Write distinct messages, signed as Twilio signs them."""
    tokens = server.gateway.settings.sources["twilio"].settings["auth_tokens"]
    validator, round_ = RequestValidator(tokens[0]), uuid.uuid4().hex[:8]
    with path.open("w") as file:
        for index in range(count):
            form = {
                "ToCountry": "ID",
                "SmsStatus": "received",
                "NumMedia": "0",
                "NumSegments": "1",
                "AccountSid": "AC" + "0" * 32,
                "ApiVersion": "2010-04-01",
                "MessageSid": f"SM{round_}{index:024x}",
                "From": f"+62812{(index % SENDERS):08d}",
                "To": "1708",
                "Body": f"Jalan berlubang di depan SDN {index} Sukamaju, {round_} kali lapor.",
            }
            signature = validator.compute_signature(f"{URL}/in/twilio", form)
            file.write(f"{signature} {urlencode(form)}\n")


def _wrk(server: Server, script: Path, connections: int, seconds: int) -> str:
    of = ["-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    url = f"http://127.0.0.1:{server.gateway.port}/in/twilio"
    said = subprocess.run(
        [need("wrk"), *of, "-s", str(script), url], capture_output=True, text=True, check=True
    ).stdout
    # Answers other than success would make a failing server look fast.
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"{server.name}: not every answer was a success\n{said}")
    return said


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    if match is None:
        raise SystemExit(f"wrk said something unexpected\n{text}")
    return match[1]


def _milliseconds(spelled: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", spelled)
    if match is None:
        raise SystemExit(f"wrk said something unexpected: {spelled}")
    return float(match[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}[match[2]]
