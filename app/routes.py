"""Who handles what: one dict, printable. Handlers of one message run in the order written here."""

from dataclasses import dataclass

from core import alert_commands as a
from core import chart_commands as ch
from core import commands as c
from core import events as e
from core import settings_commands as sc
from core.depth_commands import FollowDepth
from core.history import HistoryArrived, HistoryFailed, HistoryProgress
from core.watch_commands import UnwatchSymbol, WatchSymbol
from services.account_reset_service import AccountResetService
from services.account_service import AccountService
from services.alert_service import AlertService
from services.archive_thread import ArchiveThread
from services.arming_service import ArmingService
from services.certainty_service import CertaintyService
from services.chart_service import ChartService
from services.clock_watch import ClockWatch
from services.close_service import CloseService
from services.entry_service import EntryService
from services.exit_service import ExitService
from services.exit_size_service import ExitSizeService
from services.finding_service import FindingService
from services.guard_service import GuardService
from services.market_data_service import MarketDataService
from services.notice_service import NoticeService
from services.order_service import OrderService
from services.panic_service import PanicService
from services.position_recovery import PositionRecoveryService
from services.position_service import PositionService
from services.query_thread import QueryThread
from services.run_service import RunService
from services.settings_service import SettingsService
from services.shared_accounts import SharedAccounts
from services.stop_service import StopService
from services.trading_loop import Routes
from services.unsaved import Unsaved
from services.watch_service import WatchService


@dataclass(frozen=True)
class Services:
    """The trading services, built once by the engine."""

    positions: PositionService
    orders: OrderService
    accounts: AccountService
    resets: AccountResetService
    market: MarketDataService
    charts: ChartService
    archive: ArchiveThread
    certainty: CertaintyService
    recovery: PositionRecoveryService
    entries: EntryService
    exits: ExitService
    sizes: ExitSizeService
    stops: StopService
    findings: FindingService
    arming: ArmingService
    guards: GuardService
    settings: SettingsService
    closes: CloseService
    notices: NoticeService
    shared: SharedAccounts
    clocks: ClockWatch
    runs: RunService
    panic: PanicService
    unsaved: Unsaved
    queries: QueryThread
    alerts: AlertService
    watch: WatchService


def routes(s: Services) -> Routes:
    """Return the handlers of every message."""
    return {**_from_outside(s), **_of_time_and_prices(s), **_from_inside(s), **_from_the_trader(s)}


def _from_outside(s: Services) -> Routes:
    return {
        # the line
        e.LinkChanged: (
            s.recovery.on_link_changed,
            s.orders.on_link_changed,
            s.orders.changes.on_link_changed,
            s.positions.on_link_changed,
            s.market.on_link_changed,
            s.watch.on_link_changed,
            s.charts.on_link_changed,
            s.archive.on_link_changed,
            s.certainty.on_link_changed,
            s.findings.on_line_in_doubt,
            s.arming.on_link_changed,
            s.clocks.on_link_changed,
            s.alerts.on_link_changed,
            s.notices.on_link_changed,
        ),
        e.GapDetected: (s.recovery.on_gap, s.certainty.on_gap, s.findings.on_line_in_doubt, s.arming.on_gap),
        e.SendStarted: (s.orders.on_send_started,),
        e.SendFailed: (s.orders.on_send_failed, s.orders.changes.on_send_failed),
        e.VenueSpoke: (s.notices.on_venue_spoke,),
        # what the broker states
        e.InstrumentReported: (s.positions.on_instrument,),
        e.BalanceReported: (s.accounts.on_balance,),
        e.AccountsListed: (s.accounts.on_accounts_listed, s.shared.on_accounts_listed),
        e.OrderReported: (s.shared.on_report, s.orders.on_report),
        e.OrdersListed: (s.orders.on_orders_listed,),
        e.FillReceived: (s.market.on_fill, s.positions.on_fill),
        e.PositionReported: (s.certainty.on_position_reported, s.closes.on_position_told),
        e.PositionsListed: (s.certainty.on_positions_listed, s.closes.on_position_told),
        e.SnapshotReceived: (s.recovery.on_snapshot,),
        e.SnapshotFailed: (s.recovery.on_snapshot_failed,),
        HistoryProgress: (s.charts.on_progress,),
        HistoryArrived: (s.charts.on_arrived,),
        HistoryFailed: (s.charts.on_failed,),
    }


def _of_time_and_prices(s: Services) -> Routes:
    return {
        e.TicksWaiting: (s.market.on_ticks_waiting, s.alerts.on_ticks_waiting),
        e.ClockTicked: (
            s.settings.on_clock,
            s.market.on_clock,
            s.unsaved.on_clock,
            s.positions.on_clock,
            s.orders.on_clock,
            s.orders.changes.on_clock,
            s.accounts.on_clock,
            s.resets.on_clock,
            s.certainty.on_clock,
            s.recovery.on_clock,
            s.closes.on_clock,
            s.exits.on_clock,
            s.entries.on_clock,
            s.sizes.on_clock,
            s.stops.on_clock,
            s.findings.on_clock,
            s.arming.on_clock,
            s.guards.on_clock,
            s.alerts.on_clock,
            s.panic.on_clock,
            s.clocks.on_clock,
            s.charts.on_clock,
            s.runs.on_clock,
        ),
    }


def _from_inside(s: Services) -> Routes:
    return {
        # recovery: accounts and orders, then missed fills, then the comparison
        e.SnapshotOrdersTaken: (s.panic.on_orders_taken, s.recovery.on_orders_taken),
        e.FillsWhileAway: (s.positions.on_fills_while_away,),
        e.SnapshotDigested: (
            s.certainty.on_snapshot_digested,
            s.recovery.on_digested,
            s.panic.on_snapshot_digested,
            s.findings.on_digested,
            s.shared.on_snapshot_digested,
        ),
        e.AbsenceProven: (s.orders.on_absence_proven,),
        e.OrderDisowned: (s.orders.on_disowned,),
        e.StopPlanDropped: (s.positions.on_stop_plan_dropped, s.findings.on_changed),
        e.CorrectionDecided: (s.positions.on_correction,),
        e.DecisionCarriedOut: (s.recovery.on_decision_carried_out,),
        e.ConnectionReconciled: (s.findings.on_reconciled, s.closes.on_reconciled, s.entries.on_reconciled),
        # what follows from a fill or a report
        e.FillApplied: (
            s.orders.on_fill_applied,
            s.shared.on_fill_applied,
            s.accounts.on_fill_applied,
            s.resets.on_fill_applied,
            s.certainty.on_fill_applied,
            s.recovery.on_fill_applied,
            s.market.on_fill_applied,
            s.closes.on_fill_applied,
            s.exits.on_fill_applied,
            s.entries.on_fill_applied,
            s.sizes.on_fill_applied,
            s.stops.on_fill_applied,
            s.guards.on_fill_applied,
            s.alerts.on_fill_applied,
            s.findings.on_changed,
            s.notices.on_fill_applied,
        ),
        e.TradeClosed: (),
        e.ScheduleChanged: (s.positions.on_schedule_changed,),
        e.AccountReset: (s.accounts.on_account_reset, s.guards.on_account_reset),
        e.OrderChanged: (
            s.positions.on_order_changed,
            s.closes.on_order_changed,
            s.entries.on_order_changed,
            s.sizes.on_order_changed,
            s.findings.on_changed,
        ),
        e.OperationMoved: (s.entries.on_operation_moved, s.findings.on_changed),
        e.EntryMoved: (s.stops.on_entry_moved, s.findings.on_changed),
        e.EntryRefused: (s.entries.on_refused,),
    }


def _from_the_trader(s: Services) -> Routes:
    return {
        c.SubmitOrder: (s.orders.on_submit,),
        c.OpenWithBracket: (s.entries.on_open,),
        c.ReducePosition: (s.sizes.on_reduce,),
        c.TrailStop: (s.stops.on_trail,),
        c.CancelOrder: (s.closes.on_cancel, s.orders.on_cancel),
        c.ChangeOrder: (s.orders.changes.on_change,),
        c.MoveExit: (s.orders.changes.on_move_exit,),
        c.StopToBreakeven: (s.orders.changes.on_breakeven,),
        c.PlaceExit: (s.orders.placing.on_place_exit,),
        c.PlaceExitPair: (s.orders.placing.on_place_exit_pair,),
        c.PlaceEntry: (s.orders.placing.on_place_entry,),
        c.ClosePosition: (s.closes.on_close,),
        c.ReversePosition: (s.closes.on_reverse,),
        c.AnswerClose: (s.closes.on_answer,),
        c.FlattenAccount: (s.arming.on_flatten, s.closes.on_flatten),
        c.DecideRecovery: (s.recovery.on_decide,),
        c.RecordClosed: (s.recovery.on_record_closed,),
        c.DecideFinding: (s.findings.on_decide,),
        c.AskBroker: (s.recovery.on_ask_broker, s.arming.on_ask_broker),
        c.ReconnectNow: (s.recovery.on_reconnect_now,),
        c.SelectAccount: (s.accounts.on_select, s.certainty.on_select_account, s.arming.on_select_account),
        c.SelectSymbol: (s.market.on_select_symbol, s.certainty.on_select_symbol),
        FollowDepth: (s.market.on_follow_depth,),
        ch.ShowChart: (s.charts.on_show,),
        ch.HideChart: (s.charts.on_hide,),
        ch.LoadOlder: (s.charts.on_load_older,),
        ch.RetryHistory: (s.charts.on_retry,),
        c.ArmAccount: (s.arming.on_arm,),
        c.DisarmAccount: (s.arming.on_disarm,),
        c.LockSession: (s.guards.on_lock_session, s.arming.on_lock_session),
        c.SetOneClick: (s.arming.on_one_click,),
        c.ResetAccount: (s.resets.on_reset,),
        sc.ChangeGuards: (s.settings.on_change_guards, s.guards.on_change_guards),
        sc.ChangeSanityLimits: (s.settings.on_change_limits,),
        sc.ChangeCommissions: (s.settings.on_change_commissions,),
        sc.ChangeBrackets: (s.settings.on_change_brackets,),
        sc.SetDesk: (s.settings.on_set_desk,),
        sc.SetAskInSim: (s.settings.on_set_ask_in_sim,),
        sc.SetArmTime: (s.settings.on_set_arm_time, s.arming.on_set_arm_time),
        c.TraderActive: (s.arming.on_trader_active,),
        c.ClassifyAccount: (s.accounts.on_classify, s.arming.on_classify),
        c.RunQuery: (s.queries.on_run_query,),
        WatchSymbol: (s.watch.on_watch,),
        UnwatchSymbol: (s.watch.on_unwatch,),
        a.AddAlert: (s.alerts.on_add,),
        a.RemoveAlert: (s.alerts.on_remove,),
        a.SwitchAlert: (s.alerts.on_switch,),
        a.MarkAlertsRead: (s.alerts.on_mark_read,),
    }
