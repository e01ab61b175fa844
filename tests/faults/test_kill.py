"""kill -9 of every process, again and again, under load."""

from __future__ import annotations

import os
import random
import signal
import time

import psutil
import pytest
from oracle import Load, check, is_idle, start_consumer
from rich.console import Console
from rich.progress import track
from support import wait_until

SHORT_KILLS, LONG_KILLS = 8, 60


def kill(process) -> None:
    """Kill a process and all its children, without a chance to tidy up."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_a_web_worker(gateway, _inbox) -> None:
    master = psutil.Process(gateway.processes["serve"].pid)
    wait_until(master.children)
    random.choice(master.children()).send_signal(signal.SIGKILL)  # noqa: S311


def kill_the_master(gateway, _inbox) -> None:
    kill(gateway.processes["serve"])
    gateway.start("serve")


def kill_a_worker(gateway, _inbox) -> None:
    name = random.choice(["work-1", "work-2"])  # noqa: S311
    kill(gateway.processes[name])
    gateway.start("work", name=name)


def kill_the_consumer(gateway, inbox) -> None:
    kill(gateway.processes["consumer"])
    start_consumer(gateway, inbox)


KILLS = [kill_a_web_worker, kill_the_master, kill_a_worker, kill_the_consumer]


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_or_doubled_while_processes_are_killed(
    gateway, tmp_path, long_run
):
    inbox = tmp_path / "inbox.db"
    gateway.serve()
    for name in ("work-1", "work-2"):
        gateway.start("work", name=name)
    start_consumer(gateway, inbox)
    load = Load(gateway)
    load.start()
    kills = LONG_KILLS if long_run else SHORT_KILLS
    console = Console(stderr=True)
    for index in track(range(kills), "killing", console=console, disable=not console.is_terminal):
        wait_until(gateway.is_alive, within=30)
        time.sleep(random.uniform(0.3, 1.5))  # noqa: S311
        KILLS[index % len(KILLS)](gateway, inbox)
    wait_until(gateway.is_alive, within=30)
    load.stop()
    wait_until(lambda: is_idle(gateway), within=60)
    gateway.stop()  # the consumer writes its last acknowledgements
    figures = check(load, gateway, inbox)
    print({"kills": kills, **figures})
    assert figures["messages"] > kills  # there was something to lose
