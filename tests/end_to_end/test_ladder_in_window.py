"""The ladder through the whole terminal: its book comes from the simulator, and a click in it is the broker's order."""

from tests.end_to_end import invariants
from tests.end_to_end.conftest import WINDOW, World


def test_a_click_in_the_ladder_is_in_the_broker_s_book_and_outlives_the_window(world: World) -> None:
    world.run("ready", "set:qtyBox=2", "ladder:9", "quit", program=WINDOW)
    (order,) = invariants.rows(world.database, "order_record")
    assert (order["side"], order["type"], order["qty"], order["intent"]) == ("BUY", "LIMIT", "2", "OPEN")
    assert order["state"] == "WORKING" and order["server_order_id"]
    invariants.check(world.database)
