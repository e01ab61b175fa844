"""The servers that fault tests stop and kill come back with what they had promised to keep."""

from __future__ import annotations

import psutil
import psycopg
import pytest
from amqp.exceptions import NotAllowed
from kombu import Connection, Queue
from services import (
    PrivatePostgres,
    amqp_url,
    fresh_database,
    fresh_vhost,
    hold_port,
    open_folder,
    postgres_url,
    purge,
)
from support import wait_until


@pytest.fixture
def postgres(servers):
    return servers.postgres


@pytest.fixture
def rabbit(servers):
    return servers.rabbit


@pytest.fixture(scope="module")
def vhost():
    with fresh_vhost(amqp_url()) as url:
        yield url


def execute(url, statement):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def publish(url, queue, body):
    """Publish a persistent message to a durable queue and wait for the confirm."""
    with Connection(url, transport_options={"confirm_publish": True}) as connection:
        producer = connection.Producer()
        producer.publish(
            body, routing_key=queue, declare=[Queue(queue)], delivery_mode=2, retry=False
        )


def fetch(url, queue):
    with Connection(url) as connection, connection.SimpleQueue(Queue(queue)) as waiting:
        message = waiting.get(timeout=10)
        message.ack()
        return message.payload


def count(url, queue):
    with Connection(url) as connection:
        return connection.default_channel.queue_declare(queue, passive=True).message_count


def processes_in(folder):
    """Name the processes that work in a folder, whoever their parent is."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd().startswith(str(folder)):
                found.append(process.name())
        except psutil.Error:
            continue
    return found


def test_a_held_port_is_refused_to_clients_and_to_others():
    with hold_port() as held, hold_port() as other:
        assert held.getsockname() != other.getsockname()
        with pytest.raises(ConnectionRefusedError), hold_port() as client:
            client.connect(held.getsockname())


def test_databases_are_fresh_apart_and_gone_afterwards():
    server = postgres_url()
    with fresh_database(server) as one, fresh_database(server) as other:
        execute(one, "CREATE TABLE mine (number int)")
        assert execute(
            one, "SELECT to_regclass('mine')::text, current_setting('server_encoding')"
        ) == [("mine", "UTF8")]
        assert execute(other, "SELECT to_regclass('mine')::text") == [(None,)]
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(one)


def test_a_database_is_dropped_under_a_client_that_stays():
    with fresh_database(postgres_url()) as url:
        staying = psycopg.connect(url)
    with staying, pytest.raises(psycopg.OperationalError):
        staying.execute("SELECT 1")


@pytest.mark.slow
def test_vhosts_are_apart_and_gone_afterwards(vhost):
    with fresh_vhost(vhost) as other:
        publish(vhost, "lapor.test", "mine")
        publish(other, "lapor.test", "theirs")
        assert fetch(other, "lapor.test") == "theirs"
        assert count(other, "lapor.test") == 0
        assert fetch(vhost, "lapor.test") == "mine"
    with pytest.raises(NotAllowed, match="not found"), Connection(other) as connection:
        connection.connect()


@pytest.mark.slow
def test_a_vhost_is_purged_between_tests(vhost):
    publish(vhost, "lapor.test", "left over")
    purge(vhost, "lapor.absent", "lapor.test")
    assert count(vhost, "lapor.test") == 0


@pytest.mark.slow
def test_a_vhost_comes_from_the_server_of_the_url(rabbit):
    with fresh_vhost(rabbit.url) as url:
        assert f":{rabbit.port}/lapor-test-" in url
        assert url.rpartition("/")[2] in rabbit.ctl("list_vhosts")
    assert rabbit.ctl("list_vhosts").split() == ["name", "/"]


@pytest.mark.slow
def test_committed_rows_survive_a_killed_postgres(postgres):
    execute(postgres.url, "CREATE TABLE kept (number int)")
    with psycopg.connect(postgres.url) as connected:
        connected.execute("INSERT INTO kept VALUES (1)")
        connected.commit()
        postgres.kill()
        assert not postgres.is_up()
        assert processes_in(postgres.folder) == []
        connected.close()
    postgres.start()
    assert execute(postgres.url, "SELECT number FROM kept") == [(1,)]
    assert execute(postgres.url, "SHOW fsync") == [("on",)]


@pytest.mark.slow
def test_postgres_stops_in_good_order_though_a_client_stays(postgres):
    port = postgres.port
    with psycopg.connect(postgres.url):
        postgres.stop()
    assert not postgres.is_up()
    assert "database system is shut down" in postgres.log()
    postgres.start()
    assert (postgres.is_up(), postgres.port) == (True, port)


@pytest.mark.slow
def test_nothing_is_left_of_a_private_server():
    with open_folder() as folder:
        with PrivatePostgres(folder) as server:
            wait_until(lambda: "postgres" in processes_in(folder))
            server.kill()
        assert list(folder.iterdir()) == []
        assert processes_in(folder) == []
    assert not folder.exists()
