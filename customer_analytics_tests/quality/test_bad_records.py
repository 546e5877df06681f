"""Which of several records with the same key is kept, and what the quarantine says besides the reasons.

What becomes of each kind of bad record stands in the matrix, ``bad_input``.
"""

from customer_analytics_tests.scenario import DAY, ORDERS, ORDERS_HEADER, Scene


def test_a_bad_record_keeps_no_key(scene: Scene) -> None:
    scene.deliver(
        ORDERS, ORDERS_HEADER + "O-1,,2026-03-10,1.00,paid\nO-1,C-1,2026-03-10,2.00,paid\nO-1,C-1,2026-03-10,3.00,paid"
    )
    assert [row[4] for row in scene.orders()] == ["2.00"]
    assert scene.column("select line from quality.quarantine order by 1") == [2, 4]


def test_of_files_with_the_same_key_the_first_by_name_is_kept(scene: Scene) -> None:
    scene.land(
        ORDERS,
        {
            "b.csv": ORDERS_HEADER + "O-1,C-b,2026-03-10,1.00,paid",
            "a.csv": ORDERS_HEADER + "O-1,C-a,2026-03-10,1.00,paid",
        },
    )
    scene.load(ORDERS)
    assert [row[2] for row in scene.orders()] == ["C-a"]
    [(file, message)] = scene.all("select file, reasons[1].message from quality.quarantine")
    assert (file, message) == ("b.csv", "order_id stands already at a.csv:2")


def test_quarantine_says_by_what_and_when_a_record_was_judged(scene: Scene) -> None:
    scene.land(ORDERS, ORDERS_HEADER + "O-1,,2026-03-10,1.00,paid")
    scene.load(ORDERS, run_id="run-7")
    rows = scene.all(
        """select source, delivery_day, file, contract_version, run_id, quarantined_at::varchar, released_at
           from quality.quarantine"""
    )
    assert rows == [("orders", DAY, "delivery.csv", "1.0.0", "run-7", "2026-03-11 06:00:00", None)]
