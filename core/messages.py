"""Message = Event | Command: what TradingLoop.post takes and a handler returns."""

from core import alert_commands, commands, events, settings_commands
from core.chart_commands import HideChart, LoadOlder, RetryHistory, ShowChart
from core.depth_commands import FollowDepth
from core.history import HistoryArrived, HistoryFailed, HistoryProgress
from core.watch_commands import UnwatchSymbol, WatchSymbol

Event = (
    events.LinkChanged
    | events.BalanceReported
    | events.InstrumentReported
    | events.OrderReported
    | events.FillReceived
    | events.PositionReported
    | events.PositionsListed
    | events.OrdersListed
    | events.SnapshotReceived
    | events.SnapshotFailed
    | events.GapDetected
    | events.SendStarted
    | events.SendFailed
    | events.VenueSpoke
    | events.TicksWaiting
    | events.ClockTicked
    | events.Announcement
    | events.FillApplied
    | events.TradeClosed
    | events.OrderChanged
    | events.FillsWhileAway
    | events.SnapshotDigested
    | events.SnapshotOrdersTaken
    | events.AbsenceProven
    | events.OrderDisowned
    | events.StopPlanDropped
    | events.AccountsListed
    | events.AccountReset
    | events.DecisionCarriedOut
    | events.ConnectionReconciled
    | events.OperationMoved
    | events.EntryMoved
    | events.EntryRefused
    | events.CorrectionDecided
    | events.ScheduleChanged
)
Command = (
    commands.SubmitOrder
    | commands.OpenWithBracket
    | commands.ReducePosition
    | commands.TrailStop
    | commands.CancelOrder
    | commands.ChangeOrder
    | commands.MoveExit
    | commands.StopToBreakeven
    | commands.ClosePosition
    | commands.ReversePosition
    | commands.AnswerClose
    | commands.FlattenAccount
    | commands.DecideRecovery
    | commands.RecordClosed
    | commands.DecideFinding
    | commands.SelectAccount
    | commands.SelectSymbol
    | FollowDepth
    | ShowChart
    | HideChart
    | LoadOlder
    | RetryHistory
    | commands.ClassifyAccount
    | commands.ArmAccount
    | commands.DisarmAccount
    | commands.LockSession
    | commands.SetOneClick
    | commands.ResetAccount
    | settings_commands.ChangeGuards
    | settings_commands.ChangeSanityLimits
    | settings_commands.ChangeCommissions
    | settings_commands.ChangeBrackets
    | settings_commands.SetDesk
    | settings_commands.SetArmTime
    | settings_commands.SetAskInSim
    | commands.TraderActive
    | commands.ReconnectNow
    | commands.AskBroker
    | commands.RunQuery
    | commands.PlaceExit
    | commands.PlaceExitPair
    | commands.PlaceEntry
    | alert_commands.AddAlert
    | alert_commands.RemoveAlert
    | alert_commands.SwitchAlert
    | alert_commands.MarkAlertsRead
    | WatchSymbol
    | UnwatchSymbol
)
HistoryAnswer = HistoryProgress | HistoryArrived | HistoryFailed
Message = Event | Command | HistoryAnswer
