"""The sign of life: it is sent, or a note says why not; never with the URL, and nothing else goes wrong."""

import pytest

from customer_analytics.alerting.heartbeat import ping
from customer_analytics.settings import Settings
from customer_analytics_tests.alerting.consumer import answer, consuming

SECRET = "T0PSECRET"


@pytest.mark.parametrize(
    ("status", "notes"), [(200, []), (204, []), (404, ["The heartbeat was answered with 404."])], ids=str
)
def test_it_is_one_request_and_what_is_answered_decides(status: int, notes: list[str]) -> None:
    with consuming() as consumer:
        consumer.answer = answer(status)
        assert ping(f"http://127.0.0.1:{consumer.port}/{SECRET}") == notes
    assert [(request.path, request.body) for request in consumer.requests] == [(f"/{SECRET}", "a GET")]


@pytest.mark.parametrize(
    ("url", "error"),
    [
        (f"http://127.0.0.1:9/{SECRET}", "ConnectError"),
        (f"http://127.0.0.1:99999/{SECRET}", "ValueError"),
        (f"http://[::1/{SECRET}", "ValueError"),
        (f"http://m\u00fcnchen.example/{SECRET}", "TypeError"),
        (f"http://{'a' * 64}.example/{SECRET}", "UnicodeError"),
        (f"carrier-pigeon://{SECRET}", "UnsupportedProtocol"),
    ],
)
def test_what_cannot_be_sent_is_a_note_that_names_the_kind_of_error_alone(url: str, error: str) -> None:
    assert ping(url) == [f"The heartbeat was not sent: {error}."]


@pytest.mark.parametrize(
    "url", ["https://monitor.example/check?a=b%20c", "http://127.0.0.1:8080", "http://[::1]:8080/", "https://monitor./"]
)
def test_what_can_be_fetched_may_be_set(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUSTOMER_ANALYTICS_HEARTBEAT_URL", url)
    found = Settings().heartbeat_url
    assert found
    assert found.get_secret_value() == url
